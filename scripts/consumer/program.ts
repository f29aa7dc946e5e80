import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    clientSecretBasic,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createRobotTokenCreator,
    createTokenExchangeCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
    introspectToken,
    revokeToken,
    withRefreshToken,
    type AuthorizationScheme,
    type ClientAuthentication,
    type TokenCreator,
    type TokenGrantResponse,
    type TokenParameters,
} from 'axios-token-creator';
import { dpop } from 'axios-token-creator/dpop';
import { clientSecretJwt, jwtAssertion, privateKeyJwt } from 'axios-token-creator/jwt';
import { withRedisToken, type RedisClient } from 'axios-token-creator/redis';
import { createMemoryStore, withSharedToken, type TokenStore } from 'axios-token-creator/shared';
import { withTabs } from 'axios-token-creator/tabs';
import { storeContract } from 'axios-token-creator/testing';

const api: AxiosInstance = axios.create({ baseURL: 'https://api.example.com' });
const options = { client: { baseURL: 'https://auth.example.com' } };

const issuer = discover('https://auth.example.com');
const scheme: AuthorizationScheme = dpop();
const mine: ClientAuthentication = (request, { id }) => ({ ...request, headers: { 'x-client': id } });
const jwk: JsonWebKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' };

const creators: TokenCreator[] = [
    createClientTokenCreator(
        { id: 'my-client' },
        { issuer, scheme, clientAuthentication: privateKeyJwt({ key: jwk }) },
    ),
    createClientTokenCreator({ id: 'my-client', secret: 'x' }, { ...options, clientAuthentication: clientSecretJwt() }),
    createClientTokenCreator({ id: 'my-client', secret: 'x' }, { ...options, clientAuthentication: clientSecretBasic }),
    createClientTokenCreator({ id: 'my-client' }, { ...options, clientAuthentication: mine, resource: ['https://a'] }),
    createDeviceTokenCreator({ onUserCode: ({ user_code }) => user_code.length }, { issuer, clientId: 'my-cli' }),
    createJwtBearerTokenCreator({ assertion: jwtAssertion({ key: jwk, issuer: 'me', audience: 'you' }) }, options),
    createRefreshTokenCreator({ refreshToken: (parameters?: TokenParameters) => parameters?.key }, options),
    createTokenExchangeCreator({ subjectToken: async () => 'xxx' }, { ...options, audience: 'orders' }),
    withRefreshToken(async () => ({ access_token: 'xxx', token_type: 'Bearer' }), options),
    createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, options),
    createRobotTokenCreator({ id: 'my-robot', secret: 'xxx' }, options),
    createUserTokenCreator({ name: 'me', password: 'xxx' }, { client: api }),
    async () => ({ access_token: 'xxx', token_type: 'Bearer', expires_in: 3600 }),
];

export async function main(creator: TokenCreator): Promise<string> {
    const grant: TokenGrantResponse = await creator();
    const attachment = attachTokenCreator(api, creator);
    await api.get('/x', { tokenCreator: false });
    await api.get('/x', { tokenCreator: { scope: 'read', audience: ['a', 'b'], key: 'tenant' } });
    // @ts-expect-error: there is no such parameter
    await api.get('/x', { tokenCreator: { scopes: 'read' } });
    // @ts-expect-error: true says nothing, there is a token unless a request says otherwise
    await api.get('/x', { tokenCreator: true });
    attachment.detach();
    return grant.access_token;
}

export const scoped: AxiosInstance = axios.create({ tokenCreator: { scope: 'read' } });
scoped.defaults.tokenCreator = { audience: ['a', 'b'] };
// @ts-expect-error: a creator is attached, not configured
scoped.defaults.tokenCreator = creators[0];
scoped.interceptors.request.use((config) => {
    config.tokenCreator = { key: 'tenant' };
    return config;
});
scoped.interceptors.response.use((answer) => (answer.config.tokenCreator === false ? answer : answer));

export async function logOut(creator: TokenCreator): Promise<boolean> {
    const source = createTokenSource(creator, {
        scheme,
        revoke: ({ access_token }) => revokeToken(access_token, options),
    });
    const { value, type } = await source.getToken({ parameters: { scope: 'read' } });
    await source.clear({ revoke: true });
    source.clear();
    return type === 'DPoP' && (await introspectToken(value, options)).active;
}

declare const redis: RedisClient;
const store: TokenStore = createMemoryStore();
const shared = withSharedToken(creators[0]!, { store, key: 'my-client', onEvent: ({ type }) => type.length });
// @ts-expect-error: what the token is for must be said
withRedisToken(shared, { client: redis });
creators.push(withRedisToken(shared, { client: redis, key: 'my-client' }), withTabs(shared, { name: 'my-app' }));
export const cases: string[] = storeContract(() => store).map(({ name }) => name);

export const all: Promise<string[]> = Promise.all(creators.map(main));
