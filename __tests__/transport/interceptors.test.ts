import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import { adapters, createIssuer, failureOf, protectedBy, refuse, useServers, type Issuer } from '../support/servers.js';

const serve = useServers();

interface Seen {
    requests: InternalAxiosRequestConfig[];
    responses: AxiosResponse[];
    errors: unknown[];
}

function watch(client: AxiosInstance, mode: 'sync' | 'async'): Seen {
    const seen: Seen = { requests: [], responses: [], errors: [] };
    const note = (config: InternalAxiosRequestConfig) => {
        seen.requests.push(config);
        return config;
    };
    client.interceptors.request.use(mode === 'sync' ? note : async (config) => note(config), undefined, {
        synchronous: mode === 'sync',
    });
    client.interceptors.response.use(
        (response) => {
            seen.responses.push(response);
            return response;
        },
        async (error: unknown) => {
            seen.errors.push(error);
            throw error;
        },
    );
    return seen;
}

/** Makes the token that the client holds one that the server refuses. */
async function spoilToken(client: AxiosInstance, issuer: Issuer): Promise<void> {
    await client.get('/first');
    issuer.revoke();
}

describe.each(adapters)('interceptors and transforms, over %s', (adapter) => {
    describe.each(['before', 'after'] as const)('registered %s attaching', (order) => {
        it.each(['sync', 'async'] as const)('run once and see no 401 that was healed (%s)', async (mode) => {
            const issuer = createIssuer();
            const server = await serve(protectedBy(issuer));
            const client = axios.create({ baseURL: server.url, adapter });
            const seen: Seen[] = [];
            if (order === 'before') seen.push(watch(client, mode));
            attachTokenCreator(client, issuer.creator);
            if (order === 'after') seen.push(watch(client, mode));
            await spoilToken(client, issuer);

            const response = await client.get('/second');

            expect(response.status).toBe(200);
            expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
            expect(seen[0]?.requests.map(({ url }) => url)).toEqual(['/first', '/second']);
            expect(seen[0]?.responses.map(({ status }) => status)).toEqual([200, 200]);
            expect(seen[0]?.responses[1]).toBe(response);
            expect(seen[0]?.errors).toEqual([]);
        });
    });

    it('transforms run once: the request is encoded once, and only the second answer is decoded', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, issuer.creator);
        await spoilToken(client, issuer);
        const encoded: unknown[] = [];
        const decoded: unknown[] = [];

        const { data } = await client.post<unknown>('/echo', 'x', {
            transformRequest: (body: string) => {
                encoded.push(body);
                return `<${body}>`;
            },
            transformResponse: (body: string) => {
                decoded.push(body);
                return `<${body}>`;
            },
        });

        expect(encoded).toEqual(['x']);
        expect(decoded).toEqual(['{"ok":true}']);
        expect(data).toBe('<{"ok":true}>');
        expect(server.received.slice(1).map(({ body }) => String(body))).toEqual(['<x>', '<x>']);
    });

    it('an interceptor that unwraps the answer unwraps it once', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        client.interceptors.response.use(({ data }: AxiosResponse<AxiosResponse>) => data);
        attachTokenCreator(client, issuer.creator);
        await spoilToken(client, issuer);

        expect(await client.get('/me')).toEqual({ ok: true });
    });

    it('a 401 is healed though validateStatus takes it for a success', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter, validateStatus: () => true });
        attachTokenCreator(client, issuer.creator);
        await spoilToken(client, issuer);

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it('validateStatus is asked about each answer, and decides on the second one', async () => {
        const issuer = createIssuer();
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, adapter, validateStatus: () => true });
        attachTokenCreator(client, issuer.creator);

        expect(await client.get('/me')).toMatchObject({ status: 401, data: { error: 'invalid_token' } });
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('a 401 that could not be healed is seen once', async () => {
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, adapter });
        const seen = watch(client, 'sync');
        attachTokenCreator(client, createIssuer().creator);

        const error = await failureOf(client.get('/me'));

        expect(error.response?.status).toBe(401);
        expect(error.response?.data).toEqual({ error: 'invalid_token' });
        expect(seen.errors).toEqual([error]);
        expect(seen.requests).toHaveLength(1);
    });

    it.each([
        ['before', 'sync'],
        ['before', 'async'],
        ['after', 'sync'],
        ['after', 'async'],
    ])('a config that an interceptor froze disturbs nothing, registered %s attaching (%s)', async (order, mode) => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        const frozen: InternalAxiosRequestConfig[] = [];
        const copies: object[] = [];
        const freeze = (config: InternalAxiosRequestConfig) => {
            frozen.push(Object.freeze({ ...config }));
            copies.push({ ...config });
            return frozen.at(-1) as InternalAxiosRequestConfig;
        };
        const register = () =>
            client.interceptors.request.use(mode === 'sync' ? freeze : async (config) => freeze(config), undefined, {
                synchronous: mode === 'sync',
            });
        if (order === 'before') register();
        attachTokenCreator(client, issuer.creator);
        if (order === 'after') register();

        await client.post('/first', { a: 1 });
        issuer.revoke();
        const { status, config } = await client.post('/second', { a: 1 });

        expect(status).toBe(200);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(server.received.map(({ body }) => String(body))).toEqual(Array(3).fill('{"a":1}'));
        expect(config.headers.get('Authorization')).toBeUndefined();
        expect(frozen.map((each) => ({ ...each }))).toEqual(copies);
    });

    it('a plain object that an interceptor made of a config, and froze, is a plain object for the next one', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        const seen: object[] = [];
        client.interceptors.request.use((config) => {
            seen.push(config);
            return config;
        });
        attachTokenCreator(client, issuer.creator);
        client.interceptors.request.use((config) => Object.freeze({ ...config }));

        expect((await client.get('/me')).status).toBe(200);

        expect(seen.map((config) => config instanceof Object)).toEqual([true]);
    });

    it('an adapter that an interceptor registered after attaching sets is the one that sends', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter: () => Promise.reject(new Error('not this one')) });
        attachTokenCreator(client, issuer.creator);
        client.interceptors.request.use((config) => Object.assign(config, { adapter }));

        expect((await client.get('/me')).status).toBe(200);
        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it("a request's own adapter is the one that sends, be it a name, a list of names or a function", async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter: () => Promise.reject(new Error('not this one')) });
        attachTokenCreator(client, issuer.creator);
        const own = axios.getAdapter(adapter);

        const answers = [
            await client.get('/name', { adapter }),
            await client.get('/list', { adapter: ['xhr', adapter] }),
            await client.get('/function', { adapter: (config) => own(config) }),
        ];

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
    });

    it('an adapter that nothing can resolve rejects the request and no other', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, issuer.creator);

        const error = await failureOf(client.get('/me', { adapter: 'xhr' }));

        expect(error.code).toBe(axios.AxiosError.ERR_NOT_SUPPORT);
        expect((await client.get('/me')).status).toBe(200);
    });
});

it('a creator that fails without an answer leaves the config as it was, for whoever sends that again', async () => {
    const issuer = createIssuer();
    const server = await serve(({ response }) => void response.end('answered'));
    let isDown = true;
    const client = axios.create({ baseURL: server.url, transformResponse: (text: string) => `<${text}>` });
    const captured: InternalAxiosRequestConfig[] = [];
    client.interceptors.request.use((config) => {
        captured.push(config);
        return config;
    });
    attachTokenCreator(client, async (context) => {
        if (isDown) throw new Error('down');
        return issuer.creator(context);
    });
    await failureOf(client.get('/me'));
    isDown = false;

    expect((await client.request(captured[0]!)).data).toBe('<answered>');
});
