import axios, { AxiosHeaders, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { setupCache } from 'axios-cache-interceptor';
import axiosRetry from 'axios-retry';
import { attachTokenCreator, createTokenSource } from '../../src/index.js';
import { adapters, createIssuer, ok, protectedBy, refuse, useServers, type Issuer } from '../support/servers.js';
import { answering, fail, inOrder, orders } from './orders.js';

const serve = useServers();

type Step = (client: AxiosInstance, issuer: Issuer) => unknown;
const retry: Step = (client) => axiosRetry(client);
const cache: Step = (client) => setupCache(client);
const token: Step = (client, issuer) => attachTokenCreator(client, issuer.creator);

describe('a cache and axios-retry on one client', () => {
    describe.each([
        ['cache, retry, token', [cache, retry, token]],
        ['cache, token, retry', [cache, token, retry]],
        ['token, cache, retry', [token, cache, retry]],
    ])('in the order of %s', (_, steps) => {
        it('a 503 and a 401 are mended, once for all who ask, and the answer is cached', async () => {
            const issuer = createIssuer();
            const server = await serve(answering(fail, refuse));
            const client = axios.create({ baseURL: server.url });
            for (const step of steps) step(client, issuer);

            const together = await Promise.all([client.get('/me'), client.get('/me')]);
            const later = await client.get('/me');

            expect([...together, later]).toMatchObject([
                { status: 200, cached: false },
                { status: 200, cached: true },
                { status: 200, cached: true },
            ]);
            expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
            expect(issuer.created).toBe(2);
        });
    });

    it.each([
        ['nobody attached', [retry, cache]],
        ['attached last', [retry, cache, token]],
        ['attached first', [token, retry, cache]],
    ])('wait for one another for ever where axios-retry comes first, with %s', async (_, steps) => {
        const server = await serve(answering(fail));
        const client = axios.create({ baseURL: server.url });
        for (const step of steps) step(client, createIssuer());
        const retried = new Promise<void>((resolve) => {
            client.interceptors.request.use((config) => {
                if (config['axios-retry']?.retryCount) resolve();
                return config;
            });
        });

        let isSettled = false;
        void client.get('/me').finally(() => (isSettled = true));
        await retried;
        await client.get('/other');

        expect(isSettled).toBe(false);
        expect(server.received.map(({ url }) => url)).toEqual(['/me', '/other']);
    });
});

type Interceptor = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;
const spread: Interceptor = (config) => ({ ...config, headers: AxiosHeaders.from(config.headers) });
/** As one that keeps or logs configs might do. */
const withoutFunctions: Interceptor = (config) => {
    const values = Object.entries(config).filter(([, value]) => typeof value !== 'function');
    return Object.fromEntries(values) as unknown as InternalAxiosRequestConfig;
};

describe.each(adapters)('interceptors that copy the config, over %s', (adapter) => {
    async function arrange(interceptor: Interceptor, order: (typeof orders)[number]) {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter, validateStatus: null });
        inOrder(
            order,
            () => client.interceptors.request.use(interceptor),
            () => attachTokenCreator(client, issuer.creator),
        );
        return { client, issuer, server };
    }

    it.each([
        [orders[0], 'spread', spread],
        [orders[1], 'spread', spread],
        [orders[1], 'copied without functions', withoutFunctions],
    ])('%s: a config that is %s gets its token, and is healed', async (order, _, interceptor) => {
        const { client, issuer, server } = await arrange(interceptor, order);
        await client.get('/me');
        issuer.revoke();

        expect((await client.get('/me', { headers: { 'X-Own': 'yes' } })).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(server.received.at(-1)?.headers).toMatchObject({ 'x-own': 'yes' });
        expect(issuer.created).toBe(2);
    });

    it('attached last: one that is copied without functions has lost the transport, and gets no token', async () => {
        const { client, issuer, server } = await arrange(withoutFunctions, 'attached last');

        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
        expect(issuer.created).toBe(0);
    });
});

describe('a client that is made from an attached one', () => {
    it.each([
        ['by its create()', (client: AxiosInstance) => client.create()],
        ['from its defaults', ({ defaults }: AxiosInstance) => axios.create(defaults as object)],
    ])('%s has no token of it', async (_, derive) => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        attachTokenCreator(client, issuer.creator);
        await client.get('/first');

        await derive(client).get('/second');

        expect(server.authorizations).toEqual(['Bearer token-1', undefined]);
    });

    it('shares its token when both are attached to one source, and each is healed', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url });
        const source = createTokenSource(issuer.creator);
        const derived = client.create({ headers: { 'X-Own': 'yes' } });
        for (const each of [client, derived]) attachTokenCreator(each, source);
        await client.get('/1');
        issuer.revoke();

        await Promise.all([client.get('/2'), derived.get('/3')]);

        expect(server.authorizations.slice(-2)).toEqual(['Bearer token-2', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
    });

    it('is left alone by interceptors of the attached one, and keeps its own', async () => {
        const issuer = createIssuer();
        const server = await serve(answering(refuse));
        const client = axios.create({ baseURL: server.url });
        const seen: string[] = [];
        const derived = client.create();
        for (const [name, each] of [
            ['first', client],
            ['derived', derived],
        ] as const) {
            each.interceptors.response.use((response) => {
                seen.push(name);
                return response;
            });
            attachTokenCreator(each, issuer.creator);
        }

        await derived.get('/me');

        expect(seen).toEqual(['derived']);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });
});
