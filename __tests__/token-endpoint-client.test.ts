import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { Agent } from 'node:http';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    TokenEndpointError,
    type TokenCreator,
} from '../src/index.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from './support/token-endpoint-server.js';

const robot = { id: 'a-robot', secret: 'a-secret' };
const granted = { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 3600 };
const failureOf = (creator: TokenCreator): Promise<unknown> => creator().catch((error: unknown) => error);
const unwrap = (response: AxiosResponse): AxiosResponse => response.data as AxiosResponse;

describe.each(['http', 'fetch'])('an axios instance of the user, with the %s adapter', (adapter) => {
    let server: TokenEndpointServer;
    let client: AxiosInstance;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
        client = axios.create({ baseURL: `${server.url}/auth/`, adapter });
    });

    afterEach(() => server.close());

    test('sends the token request to its own base, as it is at the time', async () => {
        const creator = createRobotTokenCreator(robot, { client });
        client.defaults.baseURL = `${server.url}/moved`;

        expect(await creator()).toStrictEqual(granted);
        expect(server.requests[0]?.url).toBe('/moved/token');
    });

    test('applies its request interceptors, once', async () => {
        let calls = 0;
        client.interceptors.request.use(async (config) => {
            calls += 1;
            await Promise.resolve();
            config.headers.set('X-Trace', 'seven');
            return config;
        });

        await createRobotTokenCreator(robot, { client })();

        expect(calls).toBe(1);
        expect(server.requests[0]?.headers['x-trace']).toBe('seven');
    });

    test('may unwrap its answers to their data', async () => {
        client.interceptors.response.use(unwrap);
        server.reply(grant({ scope: 'global' }));

        expect(await createRobotTokenCreator(robot, { client })()).toStrictEqual({ ...granted, scope: 'global' });
    });

    test('may unwrap its answers to their parsed data', async () => {
        client.interceptors.response.use((response) => JSON.parse(response.data as string) as AxiosResponse);

        expect(await createRobotTokenCreator(robot, { client })()).toStrictEqual(granted);
    });

    test.each([0, 1, 200, 403, 1_000])('may unwrap its answers to a body that has a status: %d', async (status) => {
        client.interceptors.response.use((response) => JSON.parse(response.data as string) as AxiosResponse);
        server.reply(grant({ status, message: 'ok' }));

        expect(await createRobotTokenCreator(robot, { client })()).toStrictEqual({ ...granted, status, message: 'ok' });
    });

    test('that unwraps its answers still has its errors told from its grants', async () => {
        client.interceptors.response.use(unwrap);
        server.reply(json({ error: 'invalid_client', error_description: 'unknown' }, { status: 401 }));

        const error = await failureOf(createRobotTokenCreator(robot, { client }));

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 401, error: 'invalid_client', errorDescription: 'unknown' });
    });

    test('may give its errors back as answers', async () => {
        client.interceptors.response.use(undefined, (error: { response: AxiosResponse }) => error.response);
        server.reply(json({ code: 'invalid_credentials', message: 'no' }, { status: 400 }));

        const error = await failureOf(createRobotTokenCreator(robot, { client }));

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 400, vendorCode: 'invalid_credentials' });
    });

    test('may reject with the answer instead of an error', async () => {
        client.interceptors.response.use(undefined, async ({ response }: { response: AxiosResponse }) => {
            throw response;
        });
        server.reply(json({ code: 'invalid_credentials', message: 'no' }, { status: 400 }));

        const error = await failureOf(createRobotTokenCreator(robot, { client }));

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 400, vendorCode: 'invalid_credentials' });
    });

    test.each([
        ['an error', new Error('no way')],
        ['a string', 'no way'],
        ['nothing', undefined],
        ['null', null],
    ])('whose interceptor throws %s ends in an error of this package', async (_, thrown) => {
        client.interceptors.request.use(() => {
            throw thrown;
        });

        const error = await failureOf(createRobotTokenCreator(robot, { client }));

        expect(error).toMatchObject({ name: 'TokenError', code: 'network' });
        expect(server.requests).toHaveLength(0);
    });

    test('may accept every status', async () => {
        client.defaults.validateStatus = () => true;
        server.reply(json({ error: 'invalid_client' }, { status: 401 }));

        expect(await failureOf(createRobotTokenCreator(robot, { client }))).toMatchObject({
            name: 'TokenEndpointError',
            status: 401,
            error: 'invalid_client',
        });
    });

    test('may encode its requests as JSON: the token request stays a form', async () => {
        client.defaults.transformRequest = [(data) => JSON.stringify(data)];
        client.defaults.headers.post['Content-Type'] = 'application/json';

        await createRobotTokenCreator(robot, { client })();

        expect(server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
        expect(server.requests[0]?.form).toEqual({ grant_type: 'robot_credentials', ...robot });
    });

    test('may rename what it reads: the grant keeps its names', async () => {
        client.defaults.transformResponse = [
            (data: string) => JSON.parse(data.replace('access_token', 'accessToken')) as unknown,
        ];

        expect(await createRobotTokenCreator(robot, { client })()).toStrictEqual(granted);
    });

    test('may be the one that the creator is attached to, without waiting for itself', async () => {
        client.interceptors.request.use(async (config) => Promise.resolve(config));
        const creator = createUserTokenCreator({ name: 'admin', password: 'start123' }, { client });
        attachTokenCreator(client, creator, { creationTimeout: 2_000 });

        expect((await client.get('/me')).status).toBe(200);

        expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
            'POST /auth/token',
            'GET /auth/me',
        ]);
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
        expect(server.requests[1]?.headers['authorization']).toBe('Bearer an-access-token');
    });

    test('that the creator is attached to does not try again when its token request is answered with 401', async () => {
        const creator = createClientTokenCreator({ id: 'a', secret: 'b' }, { client });
        attachTokenCreator(client, creator, { creationTimeout: 2_000 });
        server.reply(json({ error: 'invalid_client' }, { status: 401 }));

        const error: unknown = await client.get('/me').catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(server.requests.map(({ url }) => url)).toEqual(['/auth/token']);
    });
});

describe('an axios instance of the user', () => {
    test('sends the token request through its own agent', async () => {
        const server = await startTokenEndpointServer();
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const client = axios.create({ baseURL: server.url, httpAgent: agent });
        const creator = createRobotTokenCreator(robot, { client });

        await creator();
        await creator();

        expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
        expect(server.requests).toHaveLength(2);
        agent.destroy();
        await server.close();
    });

    test('may have a mock adapter, that answers with objects', async () => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        const mock = new MockAdapter(client);
        mock.onPost('token').reply(200, granted);

        expect(await createRobotTokenCreator(robot, { client })()).toStrictEqual(granted);
        expect(Object.fromEntries(new URLSearchParams(mock.history['post']?.[0]?.data as string))).toEqual({
            grant_type: 'robot_credentials',
            ...robot,
        });
    });

    test('may have a mock adapter, that refuses with objects and headers in any case', async () => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        new MockAdapter(client).onPost().reply(429, { error: 'slow_down' }, { 'Retry-After': '7' });

        expect(await failureOf(createRobotTokenCreator(robot, { client }))).toMatchObject({
            name: 'TokenEndpointError',
            status: 429,
            error: 'slow_down',
            retryAfter: 7_000,
        });
    });

    test.each([400, 401, 403, 500])('may have a mock adapter, that refuses with %d and no body', async (status) => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        new MockAdapter(client).onPost().reply(status);
        const creator = createRobotTokenCreator(robot, { client });

        expect(await failureOf(creator)).toMatchObject({ name: 'TokenEndpointError', status });
        client.defaults.validateStatus = () => true;
        expect(await failureOf(creator)).toMatchObject({ name: 'TokenEndpointError', status });
    });

    test.each([0, 199, 300])('may have a mock adapter, whose status %d says that it is no grant', async (status) => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        new MockAdapter(client).onPost().reply(status, granted);

        expect(await failureOf(createRobotTokenCreator(robot, { client }))).toMatchObject({
            name: 'TokenEndpointError',
            status,
        });
    });

    test('may have a mock adapter, of which nothing but text is read as JSON', async () => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        new MockAdapter(client).onPost().reply(200, [JSON.stringify(granted)]);

        expect(await failureOf(createRobotTokenCreator(robot, { client }))).toMatchObject({
            name: 'TokenResponseError',
        });
    });

    test('may have a mock adapter, that cannot be reached', async () => {
        const client = axios.create({ baseURL: 'http://auth.invalid/auth' });
        new MockAdapter(client).onPost().networkError();

        expect(await failureOf(createRobotTokenCreator(robot, { client }))).toMatchObject({ code: 'network' });
    });
});
