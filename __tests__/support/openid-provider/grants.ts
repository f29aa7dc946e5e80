import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import type Provider from 'oidc-provider';
import type { ResourceServerInstance, TokenEndpointGrantContext } from 'oidc-provider';
import { assertionIssuer, grantTypes, users } from './clients.js';
import { acrOf, routes } from './configuration.js';
import type { TestKeys } from './keys.js';
import type { OidcProvider } from './load.js';
import { defaultScope, scopes as plainScopes } from './resources.js';

type Fields<Name extends string> = { [name in Name]?: string };

type Context = TokenEndpointGrantContext;

type Proof = Awaited<ReturnType<OidcProvider['parts']['validateDpop']>>;

export interface Issue {
    subject: string;
    grantType: string;
    defaultScope: string;
    /** From `Grants.checkSender`. */
    proof: Proof;
    hasRefreshToken?: boolean;
}

/** The grants that oidc-provider leaves to others. */
export class Grants {
    constructor(
        private readonly provider: Provider,
        private readonly library: OidcProvider,
        private readonly keys: TestKeys,
    ) {}

    register(): void {
        const audienceToo = ['scope', 'resource', 'audience'];
        const repeatable = ['resource', 'audience'];
        this.provider.registerGrantType<Fields<'username' | 'password'>>(
            'password',
            (context) => this.answerPassword(context),
            ['username', 'password', ...audienceToo],
            repeatable,
        );
        this.provider.registerGrantType<Fields<'assertion'>>(
            grantTypes.jwtBearer,
            (context) => this.answerAssertion(context),
            ['assertion', ...audienceToo],
            repeatable,
        );
    }

    /** Comes first: what can be used once must not be used up when a proof lacks its nonce. */
    async checkSender(context: Context): Promise<Proof> {
        const { parts } = this.library;
        const proof = await parts.validateDpop(this.provider, context);
        parts.checkDpopRequired(this.provider, context, proof);
        return proof;
    }

    async issue(context: Context, { subject, grantType, proof, ...options }: Issue) {
        const { provider, library } = this;
        const { client } = context.oidc;
        const { scope, resources } = await this.resolveScope(context, options.defaultScope);
        const grantId = await this.saveGrant(context, subject, scope, resources);
        const source = { client, accountId: subject, grantId, gty: grantType, scope };
        const token = new provider.AccessToken(source);
        const [resource] = resources;
        if (resource) {
            token.resourceServer = resource;
            token.scope = within(scope, resource.scopes);
        }
        await this.bind(context, token, proof);
        const accessToken = await token.save();
        const identifiers = resources.map((entry) => entry.identifier());
        const refreshToken = new provider.RefreshToken({
            ...source,
            acr: acrOf(context.oidc.body?.['acr_values']),
            authTime: Math.floor(Date.now() / 1000),
            ...(resources.length > 0 && { resource: identifiers }),
        });
        await library.parts.applyRefreshTokenBindings(provider, context, token, refreshToken);
        const hasRefreshToken = options.hasRefreshToken && client.grantTypeAllowed('refresh_token');
        return library.parts.buildTokenResponse(provider, {
            accessToken,
            expiresIn: token.expiration,
            refreshToken: hasRefreshToken ? await refreshToken.save() : undefined,
            scope: token.scope,
            tokenType: token.tokenType,
        });
    }

    /** Unlike oidc-provider this refuses scopes that nobody knows, as RFC 6749 section 3.3 allows. */
    private async resolveScope(context: Context, otherwise: string) {
        const { errors } = this.library.oidcProvider;
        const requested = context.oidc.params.scope;
        const resources = await this.library.parts.resolveRequestedResources(this.provider, context);
        const ofResources = resources.flatMap((resource) => [...resource.scopes]);
        const known = resources.length > 0 ? ['offline_access', ...ofResources] : plainScopes;
        const unknown = requested?.split(' ').find((name) => !known.includes(name));
        if (unknown !== undefined) throw new errors.InvalidScope('unknown scope', unknown);
        if (requested !== undefined) this.library.parts.validateClientScope(this.provider, context, requested);
        const usual = resources.length > 0 ? ofResources.join(' ') : (context.oidc.client.scope ?? otherwise);
        return { scope: requested ?? usual, resources };
    }

    private async saveGrant(context: Context, accountId: string, scope: string, resources: ResourceServerInstance[]) {
        const grant = new this.provider.Grant({ accountId, clientId: context.oidc.client.clientId });
        grant.addOIDCScope(within(scope, new Set(plainScopes)));
        for (const resource of resources) grant.addResourceScope(resource.identifier(), within(scope, resource.scopes));
        return grant.save();
    }

    private async bind(context: Context, token: InstanceType<Provider['AccessToken']>, proof: Proof): Promise<void> {
        const { parts } = this.library;
        const certificate = parts.checkMtlsCert(this.provider, context);
        if (certificate) token.setThumbprint('x5t', certificate);
        if (!proof) return;
        await parts.checkDpopReplay(this.provider, context, proof, context.oidc.client.clientId);
        token.setThumbprint('jkt', proof.thumbprint);
    }

    private async answerPassword(context: TokenEndpointGrantContext<Fields<'username' | 'password'>>): Promise<void> {
        const { InvalidRequest, InvalidGrant } = this.library.oidcProvider.errors;
        const { username, password } = context.oidc.params;
        if (!username || !password) throw new InvalidRequest('missing required parameter(s) username, password');
        const proof = await this.checkSender(context);
        const isKnown = Object.values(users).some((user) => user.username === username && user.password === password);
        if (!isKnown) throw new InvalidGrant('wrong user name or password');
        const issue = { subject: username, grantType: 'password', defaultScope, proof, hasRefreshToken: true };
        context.body = await this.issue(context, issue);
    }

    private async answerAssertion(context: TokenEndpointGrantContext<Fields<'assertion'>>): Promise<void> {
        const { InvalidRequest } = this.library.oidcProvider.errors;
        const { assertion } = context.oidc.params;
        if (!assertion) throw new InvalidRequest('missing required parameter(s) assertion');
        const proof = await this.checkSender(context);
        const { sub = '' } = await this.verifyAssertion(context, assertion);
        context.body = await this.issue(context, { subject: sub, grantType: 'jwt-bearer', defaultScope, proof });
    }

    /** RFC 7523 section 3, with a `jti` that was never seen before and a lifetime of an hour at most. */
    private async verifyAssertion({ oidc }: Context, assertion: string): Promise<JWTPayload> {
        const { InvalidGrant } = this.library.oidcProvider.errors;
        const refuse = (why: string) => new InvalidGrant(`assertion: ${why}`);
        const keys = createLocalJWKSet({ keys: Object.values(this.keys).map((key) => key.publicJwk) });
        const { payload } = await jwtVerify(assertion, keys, {
            issuer: assertionIssuer,
            audience: [this.provider.issuer, this.provider.issuer + routes.token, oidc.urlFor('token')],
            requiredClaims: ['iss', 'sub', 'aud', 'exp', 'jti'],
        }).catch((error: Error) => {
            throw refuse(error.message);
        });
        const { sub, jti = '', exp = 0, iat } = payload;
        const now = Math.floor(Date.now() / 1000);
        if (!Object.values(users).some(({ username }) => username === sub)) throw refuse('unknown sub');
        if (exp > now + 3600) throw refuse('its exp is too far in the future');
        if (iat !== undefined && iat > now + 5) throw refuse('its iat is in the future');
        const isNew = await this.provider.ReplayDetection.unique(assertionIssuer, jti, exp);
        if (!isNew) throw refuse('its jti was used before');
        return payload;
    }
}

function within(scope: string, allowed: Set<string>): string {
    return scope
        .split(' ')
        .filter((name) => allowed.has(name))
        .join(' ');
}
