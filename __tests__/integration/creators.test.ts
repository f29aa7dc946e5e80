import axios from 'axios';
import { startApiServer, type ApiServer } from '../../examples/servers/api-server.js';
import {
    credentials,
    startAuthorizationServer,
    type AuthorizationServer,
} from '../../examples/servers/authorization-server.js';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    TokenEndpointError,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenGrantResponse,
} from '../../src/index.js';

const replacing = (previous: TokenGrantResponse): TokenCreatorContext => ({
    reason: 'expired',
    previous,
    signal: new AbortController().signal,
});

describe.each(['http', 'fetch'])('against oidc-provider, over the %s adapter', (adapter) => {
    let server: AuthorizationServer;
    let client: { baseURL: string; adapter: string };

    beforeEach(async () => {
        server = await startAuthorizationServer({ basePath: '/auth' });
        client = { baseURL: `${server.url}/`, adapter };
    });

    afterEach(() => server.close());

    const asUser = (): TokenCreator => createUserTokenCreator(credentials.user, { client });
    const asRobot = (): TokenCreator => createRobotTokenCreator(credentials.robot, { client });
    const asClient = (): TokenCreator => createClientTokenCreator(credentials.client, { client });

    test('a user gets a token and a refresh token', async () => {
        const granted = await asUser()();

        expect(granted).toEqual({
            access_token: expect.any(String) as string,
            token_type: 'Bearer',
            expires_in: 3600,
            scope: 'global',
            refresh_token: expect.any(String) as string,
            refresh_token_expires_in: 259_200,
        });
        expect(await server.isActive(granted.access_token)).toBe(true);
        expect(server.counters).toMatchObject({ tokenRequests: 1, issued: 1, refused: 0, byGrant: { password: 1 } });
    });

    test.each([
        ['a robot', asRobot, 'robot_credentials'],
        ['a client', asClient, 'client_credentials'],
    ])('%s gets a token and no refresh token', async (_, create, grantType) => {
        const granted = await create()();

        expect(granted).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
        expect(granted).not.toHaveProperty('refresh_token');
        expect(await server.isActive(granted.access_token)).toBe(true);
        expect(server.counters.byGrant).toEqual({ [grantType]: 1 });
    });

    test('an inherited Authorization would spoil the token request, and is not sent', async () => {
        const polluted = axios.create({ ...client, headers: { Authorization: 'Bearer leftover' } });
        const common = axios.defaults.headers.common;
        common['Authorization'] = 'Bearer leftover';
        try {
            await createUserTokenCreator(credentials.user, { client: polluted })();
            await createClientTokenCreator(credentials.client, { client: polluted })();
        } finally {
            delete common['Authorization'];
        }

        expect(server.counters).toMatchObject({ issued: 2, refused: 0 });
    });

    test('a refresh token is used once, and replaced', async () => {
        const creator = asUser();
        const first = await creator();
        const second = await creator(replacing(first));
        const third = await creator(replacing(second));

        const grants = [first, second, third];
        expect(new Set(grants.map((grant) => grant.access_token)).size).toBe(3);
        expect(new Set(grants.map((grant) => grant.refresh_token)).size).toBe(3);
        expect(server.counters).toMatchObject({ refused: 0, byGrant: { password: 1, refresh_token: 2 } });
    });

    test('a refresh token that was used before makes way for the password', async () => {
        const creator = asUser();
        const first = await creator();
        await creator(replacing(first));

        const granted = await asUser()(replacing(first)); // a creator that knows no newer one

        expect(await server.isActive(granted.access_token)).toBe(true);
        expect(server.counters).toMatchObject({ refused: 1, byGrant: { password: 2, refresh_token: 2 } });
    });

    test('a refresh token of nonsense makes way for the password', async () => {
        const granted = await asUser()(replacing({ access_token: 'x', token_type: 'Bearer', refresh_token: 'x' }));

        expect(granted.refresh_token).toEqual(expect.any(String));
        expect(server.counters).toMatchObject({ refused: 1, byGrant: { password: 1, refresh_token: 1 } });
    });

    test('robots and clients are not asked for refresh tokens', async () => {
        const previous = await asUser()();

        await asRobot()(replacing(previous));
        await asClient()(replacing(previous));

        expect(server.counters.byGrant).toEqual({ password: 1, robot_credentials: 1, client_credentials: 1 });
    });

    test.each([
        ['password', () => createUserTokenCreator({ ...credentials.user, password: 'wrong-one' }, { client })],
        ['name', () => createUserTokenCreator({ ...credentials.user, name: 'nobody' }, { client })],
        ['robot secret', () => createRobotTokenCreator({ ...credentials.robot, secret: 'wrong-one' }, { client })],
        ['client secret', () => createClientTokenCreator({ ...credentials.client, secret: 'wrong-one' }, { client })],
        ['client id', () => createClientTokenCreator({ ...credentials.client, id: 'nobody' }, { client })],
    ])('a wrong %s is refused with the code of Authup', async (_, create) => {
        const error: unknown = await create()().catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ code: 'endpoint', status: 400, vendorCode: 'invalid_credentials' });
        expect((error as Error).message).not.toContain('wrong-one');
        expect(server.counters).toMatchObject({ tokenRequests: 1, refused: 1 });
    });

    test('a server that is down is a network error, and works again once it is back', async () => {
        const creator = asUser();
        await server.stop();
        await expect(creator()).rejects.toMatchObject({ name: 'TokenError', code: 'network' });

        await server.restart();

        await expect(creator()).resolves.toMatchObject({ token_type: 'Bearer' });
    });

    test('a server that is slow is a timeout', async () => {
        server.tokenDelay = 1_000;
        const creator = createUserTokenCreator(credentials.user, { client: { ...client, timeout: 100 } });

        await expect(creator()).rejects.toMatchObject({ name: 'TokenError', code: 'timeout' });
    });

    describe('attached to the client of an API', () => {
        let api: ApiServer;

        beforeEach(async () => {
            api = await startApiServer({ isActive: (token) => server.isActive(token) });
        });

        afterEach(() => api.close());

        test.each([
            ['a user', asUser, { password: 1 }, { password: 1, refresh_token: 1 }],
            ['a robot', asRobot, { robot_credentials: 1 }, { robot_credentials: 2 }],
            ['a client', asClient, { client_credentials: 1 }, { client_credentials: 2 }],
        ])('%s gets one token for all requests, and another when it is revoked', async (_, create, before, after) => {
            const instance = axios.create({ baseURL: api.url, adapter });
            attachTokenCreator(instance, create());
            const getMany = async (): Promise<number[]> =>
                (await Promise.all(Array.from({ length: 5 }, () => instance.get('/me')))).map(({ status }) => status);

            expect(await getMany()).toEqual([200, 200, 200, 200, 200]);
            expect(server.counters.byGrant).toEqual(before);
            await server.revokeAll();

            expect(await getMany()).toEqual([200, 200, 200, 200, 200]);
            expect(server.counters.byGrant).toEqual(after);
        });
    });
});
