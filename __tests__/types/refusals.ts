import type { AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    clientSecretPost,
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
    type TokenCreator,
    type TokenSource,
} from '../../src/index.js';

// What must not compile, rule by rule. Each function is a rule; no function is ever called.
declare const api: AxiosInstance;
declare const creator: TokenCreator;
declare const source: TokenSource;
const client = { baseURL: 'https://auth.example.com' };

export function credentialsAreWhole(): void {
    // @ts-expect-error a user has a password
    createUserTokenCreator({ name: 'admin' }, { client });
    // @ts-expect-error a robot has a secret
    createRobotTokenCreator({ id: 'x' }, { client });
    // @ts-expect-error a client has an id
    createClientTokenCreator({ secret: 'x' }, { client });
    // @ts-expect-error a secret is a string
    createClientTokenCreator({ id: 'x', secret: process.env['SECRET'] ?? 7 }, { client });
    // @ts-expect-error somebody has to be told the code
    createDeviceTokenCreator({}, { client, clientId: 'x' });
    // @ts-expect-error what is exchanged?
    createTokenExchangeCreator({}, { client });
    // @ts-expect-error an assertion is needed
    createJwtBearerTokenCreator({}, { client });
    // @ts-expect-error a refresh token is needed
    createRefreshTokenCreator({}, { client });
    // @ts-expect-error credentials come first
    createClientTokenCreator();
}

export function credentialsHaveTheNamesOfThisPackage(): void {
    // @ts-expect-error it is `id`
    createClientTokenCreator({ clientId: 'x', clientSecret: 'y' }, { client });
    // @ts-expect-error it is `secret`
    createClientTokenCreator({ id: 'x', client_secret: 'y' }, { client });
    // @ts-expect-error it is `refreshToken`
    createRefreshTokenCreator({ refresh_token: 'x' }, { client });
    // @ts-expect-error it is `subjectToken`
    createTokenExchangeCreator({ subject_token: 'x' }, { client });
}

export function optionsOfCreatorsAreKnown(): void {
    // @ts-expect-error it is `client`
    createClientTokenCreator({ id: 'x' }, { clients: client });
    // @ts-expect-error it is `tokenEndpoint`
    createClientTokenCreator({ id: 'x' }, { client, tokenUrl: '/token' });
    // @ts-expect-error it is one string, with spaces between the names
    createClientTokenCreator({ id: 'x' }, { client, scope: ['a', 'b'] });
    // @ts-expect-error it is a function, of this package or your own
    createClientTokenCreator({ id: 'x' }, { client, clientAuthentication: 'client_secret_post' });
    // @ts-expect-error an issuer is discovered
    createClientTokenCreator({ id: 'x' }, { issuer: 'https://auth.example.com' });
    // @ts-expect-error the credentials are the client
    createClientTokenCreator({ id: 'x' }, { client, clientId: 'x' });
    // @ts-expect-error form parameters are strings
    createClientTokenCreator({ id: 'x' }, { client, extraParameters: { number: 1 } });
    // @ts-expect-error only who has refresh tokens is told of them
    createClientTokenCreator({ id: 'x' }, { client, onRefreshToken: () => {} });
    // @ts-expect-error it is called with a request
    void clientSecretPost();
    // @ts-expect-error a URL is a string here
    discover(new URL('https://auth.example.com'));
}

export function sourcesAreKnown(): void {
    // @ts-expect-error it is `refreshAhead`
    createTokenSource(creator, { refreshAheadMs: 1 });
    // @ts-expect-error milliseconds are a number
    createTokenSource(creator, { creationTimeout: '30s' });
    // @ts-expect-error origins are a matter of requests
    createTokenSource(creator, { origins: '*' });
    // @ts-expect-error a grant is no creator
    createTokenSource({ access_token: 'x', token_type: 'Bearer' });
    // @ts-expect-error a source is no creator
    createTokenSource(source);
    // @ts-expect-error a creator is asynchronous
    createTokenSource(() => ({ access_token: 'x', token_type: 'Bearer' }));
    // @ts-expect-error a grant has a type
    createTokenSource(async () => ({ access_token: 'x' }));
    // @ts-expect-error it is a string
    createTokenSource(async () => ({ access_token: 7, token_type: 'Bearer' }));
}

export function attachingIsOfInstances(): void {
    // @ts-expect-error a config is no instance
    attachTokenCreator({ baseURL: 'https://api.example.com' }, creator);
    // @ts-expect-error a creator is needed
    attachTokenCreator(api);
    // @ts-expect-error an attachment is no source
    attachTokenCreator(api, attachTokenCreator(api, creator));
    // @ts-expect-error origins are a list, or '*'
    attachTokenCreator(api, creator, { origins: 'https://api.example.com' });
    // @ts-expect-error it says at once whether it applies
    attachTokenCreator(api, creator, { appliesTo: async () => true });
    // @ts-expect-error it says yes or no
    attachTokenCreator(api, creator, { isRejected: () => 401 });
    // @ts-expect-error a scheme is an object of this package
    attachTokenCreator(api, creator, { scheme: 'DPoP' });
}

export function eventsHaveTheirNames(): void {
    attachTokenCreator(api, creator, {
        onEvent: ({ type }) => {
            // @ts-expect-error it is `created`
            if (type === 'create') return;
            // @ts-expect-error it is `replayed`
            if (type === 'retried') return;
        },
    });
    source.subscribe((event) => {
        // @ts-expect-error there is a reason only where a token is created
        if (event.type === 'rejected') void event.reason;
        // @ts-expect-error no event holds a token
        void event.token;
    });
    // @ts-expect-error there is one kind of listener, and events tell their type
    source.subscribe('created', () => {});
}

export function whatRenewsIsSaid(): void {
    // @ts-expect-error it says where, or how, to refresh
    withRefreshToken(creator);
    // @ts-expect-error a grant comes of it
    withRefreshToken(creator, { refresh: async () => 'x' });
    // @ts-expect-error it is `onRefreshToken`
    withRefreshToken(creator, { client, onRefresh: () => {} });
    // @ts-expect-error a token is a string
    void revokeToken({ access_token: 'x' }, { client });
    // @ts-expect-error which token?
    void introspectToken({ client });
}
