import { createPublicKey } from 'node:crypto';
import type { ClientAuthMethod, ClientMetadata } from 'oidc-provider';
import { type Certificates, tlsBoundName, tlsSubject } from './certificates.js';
import { keyAlgorithms, type TestKeys } from './keys.js';

export const grantTypes = {
    jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
    deviceCode: 'urn:ietf:params:oauth:grant-type:device_code',
} as const;

export const users = {
    admin: { username: 'admin', password: 'start123' },
    bob: { username: 'bob', password: 'pass+word %&=é' },
} as const;

/** The clients. An OAuth client_id and client_secret are printable ASCII, so `special` has all of it but letters. */
export const clients = {
    post: { id: 'post-client', secret: 'post-secret-1f0c7a', method: 'client_secret_post' },
    basic: { id: 'basic-client', secret: 'basic-secret-92be44', method: 'client_secret_basic' },
    special: { id: 'odd +%:/&=?#"client', secret: 's3cret +%:/&=?#"~!*()\'%41', method: 'client_secret_basic' },
    /** May have the scope `read` and no other. */
    limited: { id: 'limited-client', secret: 'limited-secret-0a1b2c', method: 'client_secret_post' },
    public: { id: 'public-client', method: 'none' },
    secretJwt: { id: 'secret-jwt-client', secret: 'a-secret-of-32-bytes-or-more-5c0ffee', method: 'client_secret_jwt' },
    privateKeyJwt: {
        ES256: { id: 'es256-client', method: 'private_key_jwt' },
        RS256: { id: 'rs256-client', method: 'private_key_jwt' },
        PS256: { id: 'ps256-client', method: 'private_key_jwt' },
        EdDSA: { id: 'eddsa-client', method: 'private_key_jwt' },
    },
    tls: { id: 'tls-client', method: 'tls_client_auth' },
    /** Its access tokens are bound to its certificate. */
    tlsBound: { id: 'tls-bound-client', method: 'tls_client_auth' },
    selfSigned: { id: 'self-signed-client', method: 'self_signed_tls_client_auth' },
    /** Gets no token without a DPoP proof. */
    dpop: { id: 'dpop-client', secret: 'dpop-secret-77aa01', method: 'client_secret_post' },
    /** Gets no token without a DPoP proof, and its refresh tokens are bound to the key as well. */
    dpopPublic: { id: 'dpop-public-client', method: 'none' },
} as const;

/** Who signs the assertions of the jwt-bearer grant, with the keys of `testKeys()`. */
export const assertionIssuer = 'https://assertions.invalid';

/** The client of those who send an assertion as a grant, and no client at all (RFC 7521 section 4.1). */
export const assertionClientId = 'assertion-bearer';

const userGrants = ['password', 'refresh_token', ...Object.values(grantTypes)];
const allGrants = ['client_credentials', ...userGrants];

export function clientRegistrations(keys: TestKeys, certificates: Certificates): ClientMetadata[] {
    const { post, basic, special, limited, secretJwt, privateKeyJwt, tls, tlsBound, selfSigned, dpop } = clients;
    return [
        register(post),
        register(basic),
        register(special),
        register(limited, { scope: 'read' }),
        register(clients.public),
        register(secretJwt, { token_endpoint_auth_signing_alg: 'HS256' }),
        ...keyAlgorithms.map((alg) => register(privateKeyJwt[alg], { jwks: { keys: [keys[alg].publicJwk] } })),
        register(tls, { tls_client_auth_subject_dn: `CN=${tlsSubject}` }),
        register(tlsBound, {
            tls_client_auth_san_dns: tlsBoundName,
            tls_client_certificate_bound_access_tokens: true,
        }),
        register(selfSigned, { jwks: { keys: [certificateJwk(certificates.selfSigned.cert)] } }),
        register(dpop, { dpop_bound_access_tokens: true }),
        register(clients.dpopPublic, { dpop_bound_access_tokens: true }),
        { client_id: assertionClientId, token_endpoint_auth_method: 'none', grant_types: [grantTypes.jwtBearer] },
    ];
}

interface KnownClient {
    readonly id: string;
    readonly secret?: string;
    readonly method: ClientAuthMethod;
}

function register({ id, secret, method }: KnownClient, metadata: Partial<ClientMetadata> = {}): ClientMetadata {
    return {
        client_id: id,
        ...(secret !== undefined && { client_secret: secret }),
        token_endpoint_auth_method: method,
        grant_types: method === 'none' ? userGrants : allGrants,
        ...metadata,
    };
}

const withSecret: readonly KnownClient[] = [
    clients.post,
    clients.basic,
    clients.special,
    clients.limited,
    clients.dpop,
];

export function methodOfClientWithSecret(clientId: string): ClientAuthMethod | undefined {
    return withSecret.find(({ id }) => id === clientId)?.method;
}

function certificateJwk(pem: string) {
    const key = createPublicKey(pem).export({ format: 'jwk' });
    return { ...key, x5c: [pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')] };
}
