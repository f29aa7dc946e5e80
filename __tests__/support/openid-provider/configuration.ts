import { type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import type { Configuration, errors as OidcErrors, KoaContextWithOIDC } from 'oidc-provider';
import type { JWK } from 'jose';
import { asRecord } from '../../../examples/servers/records.js';
import { testCertificates } from './certificates.js';
import { resourceServerOf, scopes } from './resources.js';
import type { ProviderStore } from './store.js';

export interface ConfigurationOptions {
    store: ProviderStore;
    signingKey: JWK;
    errors: typeof OidcErrors;
    accessTokenLifetime: () => number;
    refreshTokenLifetime: number;
    rotateRefreshTokens: boolean;
    deviceCodeLifetime: number;
    dpop: 'required' | 'optional' | false;
    /** `https://127.0.0.1:PORT` with the base path. */
    mtlsUrl?: string;
}

export const routes = {
    token: '/oauth2/token',
    introspection: '/oauth2/introspect',
    revocation: '/oauth2/revoke',
    device_authorization: '/oauth2/device',
    code_verification: '/device',
    jwks: '/oauth2/keys',
};

export const defaultAcr = 'urn:acr:password';

const month = 30 * 24 * 3600;

/** Everything that oidc-provider would print a notice about is spelt out. */
export function configure(options: ConfigurationOptions): Configuration {
    const { mtlsUrl } = options;
    const seconds = (_context: unknown, token: { resourceServer?: { accessTokenTTL?: number } }) =>
        token.resourceServer?.accessTokenTTL ?? options.accessTokenLifetime();
    return {
        adapter: options.store.adapter,
        jwks: { keys: [options.signingKey] },
        scopes,
        responseTypes: [],
        clientDefaults: { id_token_signed_response_alg: 'ES256', redirect_uris: [], response_types: [] },
        clientAuthMethods: [
            'client_secret_basic',
            'client_secret_post',
            'client_secret_jwt',
            'private_key_jwt',
            'tls_client_auth',
            'self_signed_tls_client_auth',
            'none',
        ],
        clockTolerance: 0,
        enabledJWA: { dPoPSigningAlgValues: ['ES256', 'RS256', 'PS256', 'Ed25519', 'EdDSA'] },
        features: features(options),
        routes,
        ttl: {
            AccessToken: seconds,
            ClientCredentials: seconds,
            DeviceCode: options.deviceCodeLifetime,
            RefreshToken: options.refreshTokenLifetime,
            IdToken: 3600,
            Grant: month,
        },
        issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
        rotateRefreshToken: options.rotateRefreshTokens,
        expiresWithSession: async () => false,
        clientBasedCORS: () => true,
        extraTokenClaims: authenticationClaims,
        findAccount: async (_context, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
        ...(mtlsUrl !== undefined && { discovery: { mtls_endpoint_aliases: mtlsEndpoints(mtlsUrl) } }),
    };
}

export function mtlsEndpoints(mtlsUrl: string) {
    return {
        token_endpoint: mtlsUrl + routes.token,
        introspection_endpoint: mtlsUrl + routes.introspection,
        revocation_endpoint: mtlsUrl + routes.revocation,
        device_authorization_endpoint: mtlsUrl + routes.device_authorization,
    };
}

function features({ dpop, errors }: ConfigurationOptions): Configuration['features'] {
    return {
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        userinfo: { enabled: false },
        clientCredentials: { enabled: true },
        introspection: { enabled: true, allowedPolicy: async () => true },
        revocation: {
            enabled: true,
            allowedPolicy: async (_context, client, token) => {
                if (token.clientId === client.clientId) return true;
                throw new errors.InvalidRequest('client is not authorized to revoke the presented token');
            },
        },
        deviceFlow: { enabled: true },
        dPoP: {
            enabled: dpop !== false,
            // Stands until the provider gets nonces that can be rotated.
            nonceSecret: Buffer.alloc(32),
            requireNonce: () => dpop === 'required',
        },
        resourceIndicators: {
            enabled: true,
            defaultResource: async (_context, _client, oneOf) => oneOf?.[0],
            useGrantedResource: async () => true,
            getResourceServerInfo: async (_context, identifier) => {
                const resource = resourceServerOf(identifier);
                if (!resource) throw new errors.InvalidTarget();
                return resource;
            },
        },
        mTLS: {
            enabled: true,
            certificateBoundAccessTokens: true,
            tlsClientAuth: true,
            selfSignedTlsClientAuth: true,
            getCertificate: certificateOf,
            certificateAuthorized: isOfAuthority,
            certificateSubjectMatches: (context, property, expected) => {
                const { subject, subjectAltName } = certificateOf(context) ?? {};
                return property === 'tls_client_auth_subject_dn'
                    ? subject === expected
                    : subjectAltName === `DNS:${expected}`;
            },
        },
    };
}

function certificateOf({ req }: KoaContextWithOIDC): X509Certificate | undefined {
    return (req.socket as Partial<TLSSocket>).getPeerX509Certificate?.();
}

/** TLS lets self-signed certificates in, for `self_signed_tls_client_auth`; here they must not count. */
function isOfAuthority(context: KoaContextWithOIDC): boolean {
    const authority = new X509Certificate(testCertificates().ca.cert);
    return certificateOf(context)?.verify(authority.publicKey) ?? false;
}

/**
 * `acr` is the first of `acr_values` that the token was asked for with; a refresh changes neither it nor `auth_time`.
 * `claims` is what was asked for with the parameter of that name, `act` the actor of a token exchange.
 */
async function authenticationClaims(context: KoaContextWithOIDC) {
    const { entities } = context.oidc;
    const { acr_values: acrValues, claims } = asRecord(context.oidc.body);
    const source = entities.RotatedRefreshToken ?? entities.RefreshToken ?? entities.DeviceCode;
    return {
        acr: source?.acr ?? acrOf(acrValues),
        auth_time: source?.authTime ?? Math.floor(Date.now() / 1000),
        ...(typeof claims === 'string' && { claims }),
        ...(entities['Actor'] !== undefined && { act: entities['Actor'] }),
    };
}

export function acrOf(acrValues: unknown): string {
    return typeof acrValues === 'string' && acrValues !== '' ? (acrValues.split(' ')[0] as string) : defaultAcr;
}
