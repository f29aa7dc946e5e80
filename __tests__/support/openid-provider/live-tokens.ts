import { importJWK, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import { asRecord } from '../../../examples/servers/records.js';
import type { TestKey } from './keys.js';

/** What the server knows of an access token that is valid. */
export interface LiveToken {
    readonly token: string;
    readonly format: 'opaque' | 'jwt';
    /** The user, or the client when there is none. */
    readonly subject: string;
    readonly clientId: string;
    /** Empty without a scope. */
    readonly scope: string;
    readonly audience?: string;
    /** The thumbprint of the DPoP key that it is bound to. */
    readonly jkt?: string;
    /** The thumbprint of the certificate that it is bound to. */
    readonly x5t?: string;
    readonly acr?: string;
    readonly authTime?: number;
    /** The parameter `claims` that it was asked for with. */
    readonly claims?: string;
    readonly act?: unknown;
}

/** Finds access tokens in the provider's own memory, and those that are JWTs by their signature. */
export class LiveTokens {
    /** The grants of the JWTs that count, by `jti`. oidc-provider does not remember JWTs. */
    private readonly structured = new Map<string, string | undefined>();

    constructor(
        private readonly provider: Provider,
        private readonly signingKey: TestKey,
    ) {
        provider.on('access_token.issued', ({ jti, grantId }) => this.structured.set(jti, grantId));
        provider.on('client_credentials.issued', ({ jti }) => this.structured.set(jti, undefined));
    }

    forget(): void {
        this.structured.clear();
    }

    async find(token: string): Promise<LiveToken | undefined> {
        return token.split('.').length === 3 ? this.findStructured(token) : this.findOpaque(token);
    }

    private async findOpaque(token: string): Promise<LiveToken | undefined> {
        const { AccessToken, ClientCredentials } = this.provider;
        const ofUser = await AccessToken.find(token);
        if (ofUser && !(await this.isGranted(ofUser.grantId))) return undefined;
        const found = ofUser ?? (await ClientCredentials.find(token));
        if (!found) return undefined;
        const { clientId = '', scope, aud, jkt, extra } = found;
        const claims = { scope, aud, cnf: { jkt, 'x5t#S256': found['x5t#S256'] }, ...extra };
        return { token, format: 'opaque', subject: ofUser?.accountId ?? clientId, clientId, ...describe(claims) };
    }

    private async findStructured(token: string): Promise<LiveToken | undefined> {
        const key = await importJWK(this.signingKey.publicJwk, 'ES256');
        const verified = await jwtVerify(token, key, { issuer: this.provider.issuer, typ: 'at+jwt' }).catch(
            () => undefined,
        );
        const { jti = '', sub = '', client_id: clientId, ...claims } = verified?.payload ?? {};
        if (!this.structured.has(jti) || !(await this.isGranted(this.structured.get(jti)))) return undefined;
        return { token, format: 'jwt', subject: sub, clientId: String(clientId), ...describe(claims) };
    }

    private async isGranted(grantId: string | undefined): Promise<boolean> {
        return grantId === undefined || (await this.provider.Grant.find(grantId)) !== undefined;
    }
}

function describe(payload: Record<string, unknown>) {
    const { scope, aud, cnf, acr, auth_time: authTime, claims, act } = payload;
    const { jkt, 'x5t#S256': x5t } = asRecord(cnf);
    return {
        scope: text(scope) ?? '',
        audience: text(aud),
        jkt: text(jkt),
        x5t: text(x5t),
        acr: text(acr),
        authTime: typeof authTime === 'number' ? authTime : undefined,
        claims: text(claims),
        act,
    };
}

function text(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}
