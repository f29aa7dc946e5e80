import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';

/** What a server knows, for those who ask it for tokens. */
export interface GlewlwydSettings {
    readonly issuer: string;
    /** All that clients and the user may ask for, separated by spaces. */
    readonly scope: string;
    /** What `resource` may name. */
    readonly resource: string;
    /** May get tokens by every grant, and say who it is by every method. */
    readonly client: {
        readonly id: string;
        readonly secret: string;
        /** ES256, for private_key_jwt. */
        readonly privateKey: JsonWebKey;
    };
    /** Has no secret. */
    readonly publicClient: { readonly id: string };
    readonly user: { readonly username: string; readonly password: string };
}

interface Configuration {
    readonly origin: string;
    /** Of the administrator. */
    readonly cookie: string;
    readonly accessTokenLifetime?: number;
    readonly refreshTokenLifetime?: number;
    readonly deviceInterval?: number;
    readonly dpopNonceUses?: number;
}

const scopes = ['read', 'write'];

/** logIn gives the session cookie as it is sent, `name=value`. */
export async function logIn(origin: string, user: { username: string; password: string }): Promise<string> {
    const response = await fetch(`${origin}/api/auth/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(user),
        signal: AbortSignal.timeout(5_000),
    });
    const [cookie] = response.headers.getSetCookie().map((header) => header.split(';', 1)[0]);
    if (!response.ok || !cookie) throw new Error(`${user.username} was not let in: ${response.status}`);
    return cookie;
}

/** configureGlewlwyd gives a fresh server its clients, its user and its OpenID Connect plugin. */
export async function configureGlewlwyd(configuration: Configuration): Promise<GlewlwydSettings> {
    const { origin, cookie } = configuration;
    const create = async (path: string, value: unknown): Promise<void> => {
        const response = await fetch(`${origin}/api/${path}/`, {
            method: 'POST',
            headers: { cookie, 'content-type': 'application/json' },
            body: JSON.stringify(value),
        });
        if (!response.ok) throw new Error(`${path} was refused: ${response.status} ${await response.text()}`);
    };

    const privateKey = createKey('client-key');
    const settings: GlewlwydSettings = {
        issuer: `${origin}/api/oidc`,
        scope: scopes.join(' '),
        resource: 'https://api.example.com/',
        // 32 bytes: what HS256 wants of a secret.
        client: { id: 'confidential', secret: 'confidential-secret-of-32-bytes!', privateKey },
        publicClient: { id: 'public' },
        user: { username: 'jane', password: 'correct-horse-battery' },
    };
    for (const name of scopes) {
        await create('scope', { name, display_name: name, description: name, password_required: true });
    }
    await create('user', { ...settings.user, name: 'Jane', enabled: true, scope: scopes });
    await create('client', confidentialClient(settings));
    await create('client', publicClient(settings));
    await create('mod/plugin', oidcPlugin(settings, configuration));
    return settings;
}

const deviceGrant = 'device_authorization';

function confidentialClient({ client, resource }: GlewlwydSettings): unknown {
    const { d: _, ...publicKey } = client.privateKey;
    return {
        client_id: client.id,
        name: client.id,
        client_secret: client.secret,
        confidential: true,
        enabled: true,
        authorization_type: ['client_credentials', 'password', 'refresh_token', deviceGrant],
        token_endpoint_auth_method: [
            'client_secret_basic',
            'client_secret_post',
            'client_secret_jwt',
            'private_key_jwt',
        ],
        scope: scopes,
        resource: [resource],
        jwks: { keys: [publicKey] },
    };
}

function publicClient({ publicClient: { id }, resource }: GlewlwydSettings): unknown {
    return {
        client_id: id,
        name: id,
        confidential: false,
        enabled: true,
        authorization_type: ['refresh_token', deviceGrant],
        token_endpoint_auth_method: ['none'],
        scope: scopes,
        resource: [resource],
    };
}

function oidcPlugin({ issuer }: GlewlwydSettings, configuration: Configuration): unknown {
    const { dpopNonceUses } = configuration;
    return {
        module: 'oidc',
        name: 'oidc',
        display_name: 'OpenID Connect',
        parameters: {
            iss: issuer,
            'jwks-private': JSON.stringify({ keys: [createKey('server-key')] }),
            'jwks-show': true,
            'allowed-scope': ['openid', ...scopes],
            'access-token-duration': configuration.accessTokenLifetime ?? 3600,
            'refresh-token-duration': configuration.refreshTokenLifetime ?? 1_209_600,
            'code-duration': 600,
            'refresh-token-rolling': true,
            'refresh-token-one-use': 'always',
            // Grants that OpenID Connect does not have: password and client_credentials.
            'allow-non-oidc': true,
            'auth-type-code-enabled': false,
            'auth-type-token-enabled': false,
            'auth-type-id-token-enabled': true,
            'auth-type-none-enabled': false,
            'auth-type-password-enabled': true,
            'auth-type-client-enabled': true,
            'auth-type-refresh-enabled': true,
            'auth-type-device-enabled': true,
            'device-authorization-expiration': 600,
            'device-authorization-interval': configuration.deviceInterval ?? 1,
            'introspection-revocation-allowed': true,
            'introspection-revocation-allow-target-client': true,
            // Without these an assertion of a client is not looked at.
            'request-parameter-allow': true,
            'request-maximum-exp': 3600,
            'client-jwks-parameter': 'jwks',
            'oauth-dpop-allowed': true,
            'oauth-dpop-iat-duration': 60,
            'oauth-dpop-iat-gap-duration': 5,
            ...(dpopNonceUses !== undefined && {
                'oauth-dpop-nonce-mandatory': true,
                // How often it is used again.
                'oauth-dpop-nonce-counter': dpopNonceUses - 1,
            }),
            'resource-allowed': true,
            'resource-scope': {},
            'resource-client-property': 'resource',
            'resource-scope-and-client-property': false,
        },
    };
}

function createKey(kid: string): JsonWebKey {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}
