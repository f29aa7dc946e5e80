import { text } from 'node:stream/consumers';
import { type Readable } from 'node:stream';
import { type ReadableStream } from 'node:stream/web';
import axios, { type AxiosInstance } from 'axios';
import { type ApiServer, introspectOver, startApiServer } from '../../examples/servers/api-server.js';
import {
    type AuthorizationServer,
    credentials,
    startAuthorizationServer,
} from '../../examples/servers/authorization-server.js';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRobotTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    TokenEndpointError,
    TokenError,
    type TokenAttachment,
    type TokenCreator,
} from '../../src/index.js';
import { adapters, failOnUnhandledRejections, failureOf, until, wait } from '../support/servers.js';

failOnUnhandledRejections();

let authorization: AuthorizationServer;
let api: ApiServer;

beforeEach(async () => {
    authorization = await startAuthorizationServer();
    api = await startApiServer({ isActive: (token) => authorization.isActive(token) });
});

afterEach(async () => {
    await Promise.all([authorization.close(), api.close()]);
});

const endpoint = () => ({ client: { baseURL: authorization.url } });

const creators: [name: string, grant: string, create: () => TokenCreator][] = [
    ['user', 'password', () => createUserTokenCreator(credentials.user, endpoint())],
    ['robot', 'robot_credentials', () => createRobotTokenCreator(credentials.robot, endpoint())],
    ['client', 'client_credentials', () => createClientTokenCreator(credentials.client, endpoint())],
];

interface Attached {
    client: AxiosInstance;
    attachment: TokenAttachment;
}

function attach(adapter: string, creator = createClientTokenCreator(credentials.client, endpoint())): Attached {
    const client = axios.create({ baseURL: api.url, adapter });
    return { client, attachment: attachTokenCreator(client, creator) };
}

describe.each(adapters)('with an authorization server and an API, over %s', (adapter) => {
    it.each(creators)(
        'a %s gets a token with the first request, and a new one after it was revoked',
        async (...row) => {
            const [, grant, create] = row;
            const { client } = attach(adapter, create());

            expect((await client.get<unknown>('/me')).data).toEqual({ name: 'admin', authenticated: true });
            await client.get('/me');
            await authorization.revokeAll();
            expect((await client.get('/me')).status).toBe(200);

            expect(api.requests.map(({ status }) => status)).toEqual([200, 200, 401, 200]);
            expect(authorization.counters.tokenRequests).toBe(2);
            expect(authorization.counters.byGrant[grant]).toBeGreaterThanOrEqual(1);
            expect(authorization.counters.refused).toBe(0);
        },
    );

    it('50 requests at once cost one token, and one more after it was revoked', async () => {
        const { client } = attach(adapter);
        const round = () => Promise.all(Array.from({ length: 50 }, () => client.get('/me')));

        await round();
        expect(authorization.counters.tokenRequests).toBe(1);
        await authorization.revokeAll();
        const answers = await round();

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(authorization.counters.tokenRequests).toBe(2);
    });

    it('a token that expires is replaced without a single 401', async () => {
        authorization.accessTokenLifetime = 1;
        const { client } = attach(adapter);

        for (let elapsed = 0; elapsed < 2_500; elapsed += 100) {
            await Promise.all([client.get('/me'), wait(100)]);
        }

        expect(new Set(api.requests.map(({ status }) => status))).toEqual(new Set([200]));
        expect(authorization.counters.tokenRequests).toBeGreaterThanOrEqual(3);
        expect(authorization.counters.tokenRequests).toBeLessThanOrEqual(5);
    });

    it('an endpoint that refuses every token does not hammer the authorization server', async () => {
        const { client } = attach(adapter);

        for (let round = 0; round < 25; round += 1) {
            expect((await failureOf(client.get('/always-401'))).response?.status).toBe(401);
        }

        expect(authorization.counters.tokenRequests).toBeLessThanOrEqual(13);
        expect((await client.get('/me')).status).toBe(200);
    });

    it('a 401 that says insufficient_scope costs no token', async () => {
        const { client } = attach(adapter);

        const error = await failureOf(client.get('/forbidden'));

        expect(error.response).toMatchObject({ status: 401, data: { error: 'insufficient_scope' } });
        expect(authorization.counters.tokenRequests).toBe(1);
    });

    it('a body arrives whole after its first sending was refused', async () => {
        const { client } = attach(adapter);
        await client.get('/me');
        await authorization.revokeAll();

        const { data } = await client.post<{ bodyBase64: string }>('/echo', { text: 'zwölf', deep: [1, { a: null }] });

        const body = Buffer.from(data.bodyBase64, 'base64').toString();
        expect(JSON.parse(body)).toEqual({ text: 'zwölf', deep: [1, { a: null }] });
        expect(api.requests.map(({ status }) => status)).toEqual([200, 401, 200]);
    });

    it('a stream arrives whole after a refused one was thrown away', async () => {
        const { client } = attach(adapter);
        await client.get('/me');
        await authorization.revokeAll();

        const { data } = await client.get<Readable | ReadableStream>('/stream', { responseType: 'stream' });

        expect((await text(data)).length).toBe(1024 * 1024);
    });

    it('a redirect within the API keeps the token', async () => {
        const { client } = attach(adapter);

        expect((await client.get<unknown>('/redirect?to=/me')).data).toMatchObject({ name: 'admin' });
    });

    it('wrong credentials end every request with the error of the authorization server, and reach no API', async () => {
        const wrong = { ...credentials.client, secret: 'wrong-secret-4711' };
        const { client } = attach(adapter, createClientTokenCreator(wrong, endpoint()));

        const errors = await Promise.all([failureOf(client.get('/me')), failureOf(client.get('/me'))]);

        expect(errors[0]).toBeInstanceOf(TokenEndpointError);
        expect(errors[0]).toMatchObject({ code: 'endpoint', status: 400 });
        expect(errors[1]).toBe(errors[0]);
        expect(api.requests).toEqual([]);
    });

    it('an authorization server that is down costs nobody a token that is still valid', async () => {
        const { client } = attach(adapter);
        await client.get('/me');

        await authorization.stop();
        expect((await client.get('/me')).status).toBe(200);

        await authorization.restart();
        expect((await client.get('/me')).status).toBe(200);
        expect(authorization.counters.tokenRequests).toBe(1);
    });

    it('an authorization server that is down is an error of the network, and the next request after it is not', async () => {
        const { client } = attach(adapter);
        await authorization.stop();

        const error = await failureOf(client.get('/me'));
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'network' });

        await authorization.restart();
        expect((await client.get('/me')).status).toBe(200);
    });

    it('a request that is aborted while its token is fetched leaves the token to the others', async () => {
        authorization.tokenDelay = 100;
        const { client } = attach(adapter);
        const controller = new AbortController();
        const failure = failureOf(client.get('/me', { signal: controller.signal }));
        const other = client.get('/me');
        await until(() => authorization.counters.tokenRequests === 1);

        controller.abort();

        expect(axios.isCancel(await failure)).toBe(true);
        expect((await other).status).toBe(200);
        expect(authorization.counters.tokenRequests).toBe(1);
        expect(api.requests).toHaveLength(1);
    });

    it('log out during a request: its late 401 does not log in again', async () => {
        const { client, attachment } = attach(adapter);
        await client.get('/me');
        await authorization.revokeAll();
        const failure = failureOf(client.get('/me'));
        attachment.source.clear();

        expect((await failure).response?.status).toBe(401);

        await wait(20);
        expect(authorization.counters.tokenRequests).toBe(1);
    });
});

it('an API that asks the authorization server about each token, over both adapters and one source', async () => {
    const introspecting = await startApiServer({ isActive: introspectOver(authorization.url) });
    try {
        const source = createTokenSource(createUserTokenCreator(credentials.user, endpoint()));
        const clients = adapters.map((adapter) => axios.create({ baseURL: introspecting.url, adapter }));
        for (const client of clients) attachTokenCreator(client, source);

        await Promise.all(clients.flatMap((client) => [client.get('/me'), client.get('/me')]));
        await authorization.revokeAll();
        await Promise.all(clients.flatMap((client) => [client.get('/me'), client.get('/me')]));

        expect(authorization.counters.tokenRequests).toBe(2);
        expect(introspecting.requests.filter(({ status }) => status === 200)).toHaveLength(8);
    } finally {
        await introspecting.close();
    }
});
