import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { attachTokenCreator, type TokenAttachment } from '../src/index.js';
import {
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    sendJson,
    useServers,
    wait,
    type Issuer,
    type TestServer,
} from './support/servers.js';

const serve = useServers();

interface Scene {
    mock: MockAdapter;
    client: AxiosInstance;
    issuer: Issuer;
    attachment: TokenAttachment;
}

interface SceneOptions {
    order?: 'mock first' | 'attached first';
    baseURL?: string;
    mock?: ConstructorParameters<typeof MockAdapter>[1];
}

function arrange({ order = 'mock first', baseURL, mock: options }: SceneOptions = {}): Scene {
    const issuer = createIssuer();
    const client = axios.create({ baseURL });
    const attach = () => attachTokenCreator(client, issuer.creator);
    if (order === 'mock first') {
        const mock = new MockAdapter(client, options);
        return { mock, client, issuer, attachment: attach() };
    }
    const attachment = attach();
    return { mock: new MockAdapter(client, options), client, issuer, attachment };
}

/** The token of each attempt that the mock saw. */
const tokensOf = (requests: readonly Pick<InternalAxiosRequestConfig, 'headers'>[] = []) =>
    requests.map(({ headers }) => headers.get('Authorization'));

describe.each(['mock first', 'attached first'] as const)('a mocked client, %s', (order) => {
    it('heals a 401, and its history keeps each attempt as it was sent', async () => {
        const { mock, client, issuer } = arrange({ order });
        mock.onGet('/x').replyOnce(401).onGet('/x').reply(200, { ok: true });

        const { status, data } = await client.get<unknown>('/x', { headers: { 'X-Own': 'yes' } });

        expect({ status, data }).toEqual({ status: 200, data: { ok: true } });
        const history = mock.history['get'] as InternalAxiosRequestConfig[];
        expect(tokensOf(history)).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(history.map(({ url, headers }) => `${url} ${String(headers.get('X-Own'))}`)).toEqual([
            '/x yes',
            '/x yes',
        ]);
        expect(issuer.created).toBe(2);
    });

    it('heals a 401 to a body, which the second attempt holds, too', async () => {
        const { mock, client } = arrange({ order });
        mock.onPost('/x', { a: 1 }).replyOnce(401).onPost('/x', { a: 1 }).reply(201);

        expect((await client.post('/x', { a: 1 })).status).toBe(201);

        expect((mock.history['post'] ?? []).map(({ data }: { data?: unknown }) => data)).toEqual([
            '{"a":1}',
            '{"a":1}',
        ]);
    });

    it('gets the answer that the mock gives for a header', async () => {
        const { mock, client } = arrange({ order });
        const headers = { Accept: 'application/json, text/plain, */*', Authorization: 'Bearer token-1' };
        mock.onGet('/x', { headers }).reply(200);

        expect((await client.get('/x')).status).toBe(200);
    });

    it('gets a 401 that stays, once, as an error with the body of the mock', async () => {
        const { mock, client, issuer } = arrange({ order });
        mock.onGet('/x').reply(401, { code: 'no' });

        const error = await failureOf(client.get('/x'));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.response).toMatchObject({ status: 401, data: { code: 'no' } });
        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual([
            'Bearer token-1',
            'Bearer token-2',
        ]);
        expect(issuer.created).toBe(2);
    });

    it('gets the 404 of a mock without a matching handler', async () => {
        const { client, issuer } = arrange({ order });

        expect((await failureOf(client.get('/nowhere'))).response?.status).toBe(404);
        expect(issuer.created).toBe(1);
    });

    it('gets network errors and timeouts as the mock gives them', async () => {
        const { mock, client, issuer } = arrange({ order });
        mock.onGet('/network').networkError().onGet('/timeout').timeout().onGet('/abort').abortRequest();

        expect(await failureOf(client.get('/network'))).toMatchObject({ message: 'Network Error' });
        expect(await failureOf(client.get('/timeout'))).toMatchObject({ code: 'ECONNABORTED' });
        expect(await failureOf(client.get('/abort'))).toMatchObject({ code: 'ECONNABORTED' });
        expect(issuer.created).toBe(1);
    });

    it('heals a 401 after which the network fails, with the error of the network', async () => {
        const { mock, client } = arrange({ order });
        mock.onGet('/x').replyOnce(401).onGet('/x').networkError();

        const error = await failureOf(client.get('/x'));

        expect(error.message).toBe('Network Error');
        expect(error.config?.url).toBe('/x');
        expect(mock.history['get']).toHaveLength(2);
    });

    it('costs one creation for many requests that are refused', async () => {
        const { mock, client, issuer } = arrange({ order, mock: { delayResponse: 5 } });
        issuer.delay = 10;
        mock.onGet().reply((config) => [issuer.isValid(String(config.headers?.['Authorization'])) ? 200 : 401]);
        await client.get('/first');
        issuer.revoke();

        const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => client.get(`/${index}`)));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(issuer.created).toBe(2);
    });

    it('passes requests through to the real adapter with the token', async () => {
        const issuer = createIssuer();
        const server: TestServer = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url });
        const attach = () => attachTokenCreator(client, issuer.creator);
        if (order === 'attached first') attach();
        const mock = new MockAdapter(client);
        if (order === 'mock first') attach();
        mock.onGet('/real').passThrough().onGet('/mocked').reply(200, 'mocked');
        await client.get('/real');
        issuer.revoke();

        const { data } = await client.get<unknown>('/real');

        expect(data).toEqual({ ok: true });
        expect((await client.get<unknown>('/mocked')).data).toBe('mocked');
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    });

    it('is served by the real adapter after mock.restore()', async () => {
        const server = await serve(ok);
        const { mock, client, issuer } = arrange({ order, baseURL: server.url });
        mock.onGet('/x').reply(200, 'mocked');
        await client.get('/x');

        mock.restore();
        const { data } = await client.get<unknown>('/x');

        expect(data).toEqual({ ok: true });
        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(issuer.created).toBe(1);
    });

    it('is mocked still, without a token, after detach()', async () => {
        const { mock, client, attachment } = arrange({ order });
        mock.onGet('/x').reply(200, 'mocked');

        attachment.detach();
        const { data } = await client.get<unknown>('/x');

        expect(data).toBe('mocked');
        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual([undefined]);
    });
});

describe('a mocked client', () => {
    it.each([undefined, '', '/api', 'https://api.example.com'])(
        'with the baseURL %j gets its token',
        async (baseURL) => {
            const { mock, client } = arrange({ baseURL });
            mock.onGet('/x').reply(200);

            await client.get('/x');

            expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual(['Bearer token-1']);
        },
    );

    it('can be reset between tests: the token stays until the source is cleared', async () => {
        const { mock, client, issuer, attachment } = arrange();
        mock.onGet('/x').reply(200);
        await client.get('/x');
        mock.reset();
        mock.onGet('/x').reply(200);

        await client.get('/x');
        attachment.source.clear();
        await client.get('/x');

        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual([
            'Bearer token-1',
            'Bearer token-2',
        ]);
        expect(issuer.created).toBe(2);
    });

    it('may mock the token endpoint as well, when the creator logs in through it', async () => {
        const client = axios.create({ baseURL: 'https://api.example.com' });
        const mock = new MockAdapter(client);
        attachTokenCreator(client, async () => {
            const { data } = await client.post<{ access_token: string; token_type: string }>('/token', { user: 'me' });
            return data;
        });
        mock.onPost('/token').reply(200, { access_token: 'mocked', token_type: 'Bearer' }).onGet('/x').reply(200);

        await client.get('/x');

        expect(tokensOf(mock.history['post'] as InternalAxiosRequestConfig[])).toEqual([undefined]);
        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual(['Bearer mocked']);
    });

    it('leaves the config of the answer without a token, and sends it again with the current one', async () => {
        const { mock, client, issuer } = arrange();
        mock.onGet('/x').replyOnce(200).onGet('/x').replyOnce(401).onGet('/x').reply(200);
        const { config } = await client.get('/x');
        expect(config.headers.get('Authorization')).toBeUndefined();

        await client(config);

        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual([
            'Bearer token-1',
            'Bearer token-1',
            'Bearer token-2',
        ]);
        expect(issuer.created).toBe(2);
    });

    it('waits for its token no longer than its timeout', async () => {
        const { mock, client, issuer } = arrange();
        mock.onGet('/x').reply(200);
        const release = issuer.hold();

        const error = await failureOf(client.get('/x', { timeout: 30 }));
        release();
        await wait(5);

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 30ms exceeded' });
        expect(mock.history['get'] ?? []).toHaveLength(0);
    });

    it('of the global axios works with origins', async () => {
        const server = await serve((exchange) => sendJson(exchange, 500, {}));
        const mock = new MockAdapter(axios);
        const attachment = attachTokenCreator(axios, createIssuer().creator, { origins: [server.url] });
        mock.onGet().reply(200);
        try {
            await axios.get(`${server.url}/x`);
            await axios.get('https://elsewhere.example/x');
        } finally {
            attachment.detach();
            mock.restore();
        }

        expect(tokensOf(mock.history['get'] as InternalAxiosRequestConfig[])).toEqual(['Bearer token-1', undefined]);
        expect(server.received).toEqual([]);
    });
});
