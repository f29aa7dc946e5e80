import axios, {
    AxiosError,
    type AxiosInstance,
    type AxiosRequestConfig,
    type AxiosResponse,
    type InternalAxiosRequestConfig,
} from 'axios';
import { attachTokenCreator, type TokenAttachment } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    protectedBy,
    refuse,
    sendJson,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
}

/** `/fails` is protected, too, and answers 500. */
async function arrange(adapter: AxiosRequestConfig['adapter'], route?: Route): Promise<Scene> {
    const issuer = createIssuer();
    const guarded = protectedBy(issuer, (exchange) =>
        sendJson(exchange, exchange.received.url === '/fails' ? 500 : 200, { ok: true }),
    );
    const server = await serve(route ?? guarded);
    const client = axios.create({ baseURL: server.url, adapter });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator) };
}

function deepFreeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
    return Object.freeze(value);
}

const everyCase: [name: string, prepare: (scene: Scene) => unknown][] = [
    ['with the first token', () => undefined],
    ['with a token at hand', ({ attachment }) => attachment.source.getToken()],
    [
        'with a token that is refused',
        async ({ attachment, issuer }) => {
            await attachment.source.getToken();
            issuer.revoke();
        },
    ],
];

/** What a config says of a token: all of it in one text, and the adapter that it will be sent by. */
function traces({ adapter, headers, ...rest }: InternalAxiosRequestConfig): unknown {
    return { adapter, text: JSON.stringify([headers, rest]), authorization: headers.get('Authorization') };
}

const given = () => ({
    url: '/me',
    method: 'post',
    data: { deep: [{ a: 1 }] },
    params: { p: [1] },
    headers: { 'X-Own': 'yes' },
    timeout: 5_000,
    transitional: { clarifyTimeoutError: true },
});

const NAMES = [...adapters, 'function'] as const;

describe.each(NAMES)('over %s', (name) => {
    const http = axios.getAdapter('http');
    const adapter = name === 'function' ? (config: InternalAxiosRequestConfig) => http(config) : name;

    it.each(everyCase)(
        "the caller's config may be frozen all through and stays as it was, %s",
        async (_name, prepare) => {
            const scene = await arrange(adapter);
            await prepare(scene);
            const config = deepFreeze(given());

            expect((await scene.client.request(config)).status).toBe(200);

            expect(config).toEqual(given());
        },
    );

    it.each(everyCase)('response.config holds neither the token nor another adapter, %s', async (_name, prepare) => {
        const scene = await arrange(adapter);
        await prepare(scene);

        const { config } = await scene.client.get('/me', { headers: { 'X-Own': 'yes' } });

        expect(traces(config)).toMatchObject({ adapter, authorization: undefined });
        expect(JSON.stringify(traces(config))).not.toContain('token-');
        expect('beforeRedirect' in config).toBe(false);
        expect(config.headers.get('X-Own')).toBe('yes');
        expect(config.url).toBe('/me');
    });

    it.each(everyCase)('error.config and error.response.config hold neither, %s', async (_name, prepare) => {
        const scene = await arrange(adapter);
        await prepare(scene);

        const { config, response } = await failureOf(scene.client.get('/fails', { timeout: 5_000 }));

        expect(response?.status).toBe(500);
        for (const each of [config, response?.config]) {
            expect(traces(each as InternalAxiosRequestConfig)).toMatchObject({ adapter, authorization: undefined });
            expect(JSON.stringify(traces(each as InternalAxiosRequestConfig))).not.toContain('token-');
            expect(each).toMatchObject({ url: '/fails', timeout: 5_000 });
        }
    });

    it('error.config holds neither when there was no answer', async () => {
        const { client, attachment } = await arrange(adapter, ({ response }) => {
            response.destroy();
        });
        await attachment.source.getToken();

        const { config } = await failureOf(client.get('/me'));

        expect(traces(config as InternalAxiosRequestConfig)).toMatchObject({ adapter, authorization: undefined });
        expect(JSON.stringify(config)).not.toContain('token-');
    });

    it('a config that comes round again gets the current token, once', async () => {
        const { client, server } = await arrange(adapter);
        const { config } = await failureOf(client.get('/fails'));

        const again = await failureOf(client(config as AxiosRequestConfig));
        await failureOf(client(again.config as AxiosRequestConfig));

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
        expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('GET /fails'));
    });

    it('a config that comes round again after the token changed gets the new one', async () => {
        const { client, server, issuer } = await arrange(adapter);
        const { config } = await client.post('/me', { a: 1 });
        issuer.revoke();
        await client.get('/other');

        const { status } = await client.request(config);

        expect(status).toBe(200);
        expect(server.authorizations.at(-1)).toBe('Bearer token-2');
        expect(server.received.filter(({ url }) => url === '/me')).toHaveLength(2);
        expect(String(server.received.at(-1)?.body)).toBe('{"a":1}');
    });

    it('a config that comes round again is healed once more', async () => {
        const { client, server, issuer } = await arrange(adapter);
        const { config } = await client.get('/me');
        issuer.revoke();

        expect((await client(config)).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
    });

    it('a config that comes round through an interceptor, as retrying ones send it, is sent with the token', async () => {
        const { client, server } = await arrange(adapter, (exchange) => {
            if (server.received.length < 3) return exchange.response.destroy() as unknown as undefined;
            return sendJson(exchange, 200, { ok: true });
        });
        client.interceptors.response.use(undefined, (error: { config: AxiosRequestConfig }) => client(error.config));

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(Array(3).fill('Bearer token-1'));
    });

    it('a header that the caller names as undefined is still there, undefined, afterwards', async () => {
        const { client } = await arrange(adapter);
        const headers = Object.freeze({ authorization: undefined, 'X-Own': 'yes' });

        const { config } = await client.get('/me', { headers });

        expect(config.headers.get('Authorization')).toBeUndefined();
        expect(headers).toEqual({ authorization: undefined, 'X-Own': 'yes' });
    });
});

describe('a function that sends', () => {
    it('is called at once when a token is at hand: nothing is awaited before', async () => {
        const sent: unknown[] = [];
        const { client, attachment } = await arrange(async (config) => {
            sent.push(config.headers.get('Authorization'));
            return { status: 200, statusText: '', headers: {}, config, data: '' };
        });
        await attachment.source.getToken();

        const request = client.get('/me');

        expect(sent).toEqual(['Bearer token-1']);
        await request;
    });

    it('gets a config of its own for each sending, which nobody changes afterwards', async () => {
        const sent: InternalAxiosRequestConfig[] = [];
        const client = axios.create({
            baseURL: 'https://api.example.com',
            adapter: async (config) => {
                sent.push(config);
                return { status: sent.length === 1 ? 401 : 200, statusText: '', headers: {}, config, data: '' };
            },
        });
        attachTokenCreator(client, createIssuer().creator);

        const response = await client.post('/me', { a: 1 }, { headers: { 'X-Own': 'yes' } });

        expect(sent.map(({ headers }) => headers.get('Authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(sent[0]).not.toBe(sent[1]);
        expect(sent).not.toContain(response.config);
        expect(['Authorization' in response.config.headers, 'request' in response]).toEqual([false, false]);
        for (const config of sent) {
            const { headers } = config;
            expect(headers).toBeInstanceOf(axios.AxiosHeaders);
            expect(headers.get('x-own')).toBe('yes');
            expect(config).toMatchObject({ data: '{"a":1}', url: '/me', baseURL: 'https://api.example.com' });
        }
    });

    it('gets configs, of a replay too, that inherit no more than those of axios alone', async () => {
        const inherited: unknown[] = [];
        const statuses = [200, 401, 200, 200];
        const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
            inherited.push([Reflect.get(config, 'polluted'), config.hasOwnProperty('url'), { ...config }.url]);
            return Promise.resolve({ status: statuses.shift() ?? 0, statusText: '', headers: {}, config, data: '' });
        };
        const alone = axios.create({ adapter, baseURL: 'http://api.invalid' });
        const attached = axios.create({ adapter, baseURL: 'http://api.invalid' });
        attachTokenCreator(attached, createIssuer().creator);
        const frozen = axios.create({ adapter, baseURL: 'http://api.invalid' });
        attachTokenCreator(frozen, createIssuer().creator);
        frozen.interceptors.request.use((config) => Object.freeze(config));

        Reflect.set(Object.prototype, 'polluted', 'by somebody');
        try {
            await alone.get('/me');
            await attached.get('/me');
            await frozen.get('/me');
        } finally {
            Reflect.deleteProperty(Object.prototype, 'polluted');
        }

        expect(inherited).toEqual(Array(4).fill(inherited[0]));
        expect(statuses).toEqual([]);
    });

    it('that throws instead of returning a promise ends its request alone', async () => {
        const { client, issuer } = await arrange(() => {
            throw new Error('mistake');
        });

        expect((await failureOf(client.get('/1'))).message).toBe('mistake');
        expect((await failureOf(client.get('/2'))).message).toBe('mistake');
        expect(issuer.created).toBe(1);
    });

    it.each([
        ['undefined', undefined],
        ['a string', 'no'],
    ])('that rejects with %s is passed on', async (_name, own) => {
        const { client } = await arrange(() => Promise.reject(own));

        expect(await failureOf(client.get('/me'))).toBe(own);
    });

    it('that throws a refusal without an axios error is healed like any other', async () => {
        const sent: unknown[] = [];
        const { client } = await arrange(async (config) => {
            sent.push(config.headers.get('Authorization'));
            const response = { status: sent.length === 1 ? 401 : 200, statusText: '', headers: {}, config, data: 'ok' };
            if (response.status === 401) throw Object.assign(new Error('own'), { response });
            return response;
        });

        expect((await client.get('/me')).data).toBe('ok');
        expect(sent).toEqual(['Bearer token-1', 'Bearer token-2']);
    });
});

it.each(adapters)('the answer of a refused request has its own config and request, over %s', async (adapter) => {
    const { client } = await arrange(adapter, refuse);

    const error = await failureOf(client.get('/me'));

    expect(error.config).toBe(error.response?.config);
    expect(error.request).toBeDefined();
    expect(error.response?.request).toBe(error.request);
});

describe('an error that is frozen', () => {
    it('is delivered as it is', async () => {
        const thrown: AxiosError[] = [];
        const client = axios.create({
            baseURL: 'https://api.example',
            adapter(config) {
                thrown.push(Object.freeze(new AxiosError('down', 'ERR_NETWORK', config)));
                return Promise.reject(thrown[0] as AxiosError);
            },
        });
        attachTokenCreator(client, createIssuer().creator);
        expect(await failureOf(client.get('/x'))).toBe(thrown[0]);
    });
});
