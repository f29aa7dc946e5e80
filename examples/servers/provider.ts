import { generateKeyPairSync } from 'node:crypto';
import type * as OidcProviderModule from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Configuration, JWK, TokenEndpointGrantContext } from 'oidc-provider';
import { internalClientId, type KnownCredentials } from './credentials.js';
import { TokenStore } from './token-store.js';

type OidcProvider = typeof OidcProviderModule;

export interface ProviderOptions {
    issuer: string;
    credentials: KnownCredentials;
    accessTokenLifetime: () => number;
    refreshTokenLifetime: number;
    reuseRevokesFamily: boolean;
}

export interface ProviderWithStore {
    provider: Provider;
    store: TokenStore;
}

export const scope = 'global';

const month = 30 * 24 * 3600;

export async function createProvider(options: ProviderOptions): Promise<ProviderWithStore> {
    const oidcProvider = await load();
    const { InvalidGrant } = oidcProvider.errors;
    const store = new TokenStore({
        accessTokenLifetime: options.accessTokenLifetime,
        reuseRevokesFamily: options.reuseRevokesFamily,
        alreadyUsed: () => new InvalidGrant('refresh token already used'),
    });
    const provider = new oidcProvider.default(options.issuer, configure(options, store));
    // Koa prints every error of a connection that is cut.
    provider.silent = true;
    registerPasswordGrant(provider, oidcProvider, options.credentials);
    registerRobotGrant(provider, oidcProvider, options.credentials);
    return { provider, store };
}

let loading: Promise<OidcProvider> | undefined;

function load(): Promise<OidcProvider> {
    loading ??= loadQuietly();
    return loading;
}

/** On Node 20 oidc-provider warns while it is loaded; it works. */
async function loadQuietly(): Promise<OidcProvider> {
    const { warn } = console;
    console.warn = (...parts: unknown[]) => {
        if (!String(parts[0]).includes('oidc-provider WARNING: Unsupported runtime')) {
            warn.apply(console, parts);
        }
    };
    try {
        return await import('oidc-provider');
    } finally {
        console.warn = warn;
    }
}

/** Everything that oidc-provider would print a notice about is spelt out. */
function configure(options: ProviderOptions, store: TokenStore): Configuration {
    // oidc-provider rounds down and ends a token of 2 s after 1.1 s at times: one second more, the store is exact.
    const accessTokenSeconds = () => Math.max(0, Math.ceil(options.accessTokenLifetime())) + 1;
    const { client } = options.credentials;
    return {
        adapter: store.adapter,
        jwks: { keys: [signingKey()] },
        scopes: [scope],
        claims: {},
        responseTypes: [],
        clientDefaults: { id_token_signed_response_alg: 'ES256', redirect_uris: [], response_types: [] },
        clients: [
            {
                client_id: internalClientId,
                token_endpoint_auth_method: 'none',
                grant_types: ['password', 'robot_credentials', 'refresh_token'],
            },
            {
                client_id: client.id,
                client_secret: client.secret,
                scope,
                grant_types: ['client_credentials', 'password', 'robot_credentials', 'refresh_token'],
            },
        ],
        features: {
            devInteractions: { enabled: false },
            clientCredentials: { enabled: true },
            introspection: { enabled: true, allowedPolicy: async () => true },
            revocation: { enabled: true, allowedPolicy: revokeAlone },
            rpInitiatedLogout: { enabled: false },
            userinfo: { enabled: false },
        },
        routes: { token: '/token', introspection: '/token/introspect', revocation: '/token/revoke' },
        ttl: {
            AccessToken: accessTokenSeconds,
            ClientCredentials: accessTokenSeconds,
            RefreshToken: options.refreshTokenLifetime,
            Grant: month,
        },
        issueRefreshToken: async () => true,
        rotateRefreshToken: true,
        clientBasedCORS: () => true,
        findAccount: async (_context, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    };
}

type RevocableToken = Pick<InstanceType<Provider['RefreshToken']>, 'destroy'> & { readonly kind: string };

/** Left to itself, oidc-provider revokes the refresh token along with an access token. */
async function revokeAlone(_context: unknown, _client: unknown, token: RevocableToken): Promise<boolean> {
    if (token.kind === 'RefreshToken') {
        return true;
    }
    await token.destroy();
    return false;
}

function signingKey(): JWK {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
}

type Fields<Name extends string> = { [name in Name]?: string };

function registerPasswordGrant(provider: Provider, { errors }: OidcProvider, { user }: KnownCredentials) {
    type Context = TokenEndpointGrantContext<Fields<'username' | 'password'>>;
    const answer = async (context: Context) => {
        const { username, password } = context.oidc.params;
        if (!username || !password) {
            throw new errors.InvalidRequest('missing required parameter(s) username, password');
        }
        if (username !== user.name || password !== user.password) {
            throw new errors.InvalidGrant('wrong user name or password');
        }
        const grantId = await saveGrant(context, username);
        const tokens = { ...(await issueAccessToken(context, username, grantId, 'password')) };
        const refreshToken = new provider.RefreshToken({
            client: context.oidc.client,
            accountId: username,
            grantId,
            gty: 'password',
            scope,
        });
        context.body = { ...tokens, refresh_token: await refreshToken.save() };
    };
    provider.registerGrantType('password', answer, ['username', 'password', 'realm_id', 'realm_name']);
}

function registerRobotGrant(provider: Provider, { errors }: OidcProvider, { robot }: KnownCredentials) {
    type Context = TokenEndpointGrantContext<Fields<'id' | 'secret'>>;
    const answer = async (context: Context) => {
        const { id, secret } = context.oidc.params;
        if (!id || !secret) {
            throw new errors.InvalidRequest('missing required parameter(s) id, secret');
        }
        if (id !== robot.id || secret !== robot.secret) {
            throw new errors.InvalidGrant('wrong robot id or secret');
        }
        context.body = await issueAccessToken(context, id, await saveGrant(context, id), 'robot_credentials');
    };
    provider.registerGrantType('robot_credentials', answer, ['id', 'secret']);
}

async function saveGrant({ oidc }: TokenEndpointGrantContext, accountId: string): Promise<string> {
    const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope(scope);
    return grant.save();
}

async function issueAccessToken({ oidc }: TokenEndpointGrantContext, accountId: string, grantId: string, gty: string) {
    const token = new oidc.provider.AccessToken({ client: oidc.client, accountId, grantId, gty, scope });
    return { access_token: await token.save(), token_type: token.tokenType };
}
