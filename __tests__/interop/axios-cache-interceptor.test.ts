import { inspect } from 'node:util';
import axios, { type AxiosInstance } from 'axios';
import { buildMemoryStorage, setupCache, type AxiosCacheInstance, type CacheOptions } from 'axios-cache-interceptor';
import { attachTokenCreator, type TokenAttachment, type TokenCreator } from '../../src/index.js';
import {
    createIssuer,
    failureOf,
    protectedBy,
    refuse,
    sendJson,
    until,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';
import { nameRequestsInErrors } from './name-requests.js';
import { answering, inOrder, orders, orderAndAdapter, type Order } from './orders.js';

const serve = useServers();

interface Scene {
    client: AxiosCacheInstance;
    issuer: Issuer;
    server: TestServer;
    attachment: TokenAttachment;
}

interface SceneOptions extends CacheOptions {
    order: Order;
    adapter?: string;
    issuer?: Issuer;
    creator?: TokenCreator;
    before?: (client: AxiosInstance) => void;
}

async function arrange(route: Route, { order, adapter, before, ...options }: SceneOptions): Promise<Scene> {
    const { issuer = createIssuer(), creator = issuer.creator, ...cache } = options;
    const server = await serve(route);
    const client = axios.create({ baseURL: server.url, adapter });
    before?.(client);
    const [cached, attachment] = inOrder(
        order,
        () => setupCache(client, cache),
        () => attachTokenCreator(client, creator),
    );
    return { client: cached, issuer, server, attachment };
}

/** An answer that is stale at once, and can be revalidated. */
const page: Route = (exchange) => {
    exchange.response.setHeader('etag', '"1"');
    exchange.response.setHeader('cache-control', 'max-age=0');
    if (exchange.received.headers['if-none-match'] === '"1"') exchange.response.writeHead(304).end();
    else sendJson(exchange, 200, { page: 1 });
};

describe.each(orderAndAdapter)('with a cache, %s, over %s', (order, adapter) => {
    it('a 401 is healed, its healed answer is cached, and no token with it', async () => {
        const storage = buildMemoryStorage();
        const { client, issuer, server } = await arrange(answering(refuse), { order, adapter, storage });

        const first = await client.get<unknown>('/me');
        const second = await client.get<unknown>('/me');

        expect([first, second].map(({ cached, data }) => ({ cached, data }))).toEqual([
            { cached: false, data: { ok: true } },
            { cached: true, data: { ok: true } },
        ]);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
        expect(inspect([storage, second], { depth: Infinity })).not.toMatch(/token-\d/);
    });

    it('a 401 that stays is not cached', async () => {
        const { client, server } = await arrange(answering(refuse, refuse), { order, adapter });

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);
        expect(await client.get('/me')).toMatchObject({ status: 200, cached: false });

        expect(server.received).toHaveLength(3);
    });

    it('requests for one page that are refused together are one request, sent twice', async () => {
        const { client, issuer, server } = await arrange(answering(refuse), { order, adapter });

        const answers = await Promise.all(Array.from({ length: 10 }, () => client.get<unknown>('/me')));

        expect(answers.map(({ data }) => data)).toEqual(Array.from({ length: 10 }, () => ({ ok: true })));
        expect(server.received).toHaveLength(2);
        expect(issuer.created).toBe(2);
    });

    it('an answer that is revalidated is so in the replay of a 401 as well', async () => {
        const { client, server } = await arrange(answering(page, refuse, page), { order, adapter });
        await client.get('/page');

        const { data } = await client.get<unknown>('/page');

        expect(data).toEqual({ page: 1 });
        const asked = server.received.map(({ headers }) => [headers['if-none-match'], headers.authorization]);
        expect(asked).toEqual([
            [undefined, 'Bearer token-1'],
            ['"1"', 'Bearer token-1'],
            ['"1"', 'Bearer token-2'],
        ]);
    });

    it('requests that leave while they wait for a token leave the page to others', async () => {
        const issuer = createIssuer();
        const release = issuer.hold();
        const { client, server } = await arrange(protectedBy(issuer), { order, adapter, issuer });
        const abort = new AbortController();
        const leaving = failureOf(client.get('/me', { signal: abort.signal }));
        const staying = client.get('/me');
        await until(() => issuer.created === 1);

        abort.abort();
        release();

        expect(await leaving).toMatchObject({ code: 'ERR_CANCELED' });
        expect((await staying).status).toBe(200);
        expect(server.received).toHaveLength(1);
    });
});

async function askTwiceWithLogOut(order: Order): Promise<[cached: boolean, created: number]> {
    const { client, issuer, attachment } = await arrange(answering(), { order });
    await client.get('/me');
    attachment.source.clear();
    const { cached } = await client.get('/me');
    return [cached, issuer.created - 1];
}

describe('a cached answer', () => {
    it('costs no token when attaching came last', async () => {
        expect(await askTwiceWithLogOut('attached last')).toEqual([true, 0]);
    });

    it('costs one when attaching came first', async () => {
        expect(await askTwiceWithLogOut('attached first')).toEqual([true, 1]);
    });

    it.each([
        ['attached last', true],
        ['attached first', false],
    ] as const)('%s: is there without a token: %s', async (order, isThere) => {
        const storage = buildMemoryStorage();
        const { client, server } = await arrange(answering(), { order, storage });
        await client.get('/me');
        const other = axios.create({ baseURL: server.url });
        inOrder(
            order,
            () => setupCache(other, { storage }),
            () => attachTokenCreator(other, () => Promise.reject(new Error('no token today'))),
        );

        const outcome = await other.get('/me').then(
            ({ status }) => status === 200,
            () => false,
        );

        expect(outcome).toBe(isThere);
    });
});

const failsOnce = (): TokenCreator => {
    const { creator } = createIssuer();
    let calls = 0;
    return async (context) => {
        calls += 1;
        if (calls === 1) throw new Error('no token today');
        return creator(context);
    };
};

describe.each(orders)('with a cache, %s, a creation that fails', (order) => {
    it('leaves the page locked: axios-cache-interceptor knows only errors that name their request', async () => {
        const { client, server } = await arrange(answering(), { order, creator: failsOnce() });
        expect(await failureOf(client.get('/me'))).toMatchObject({ message: 'no token today' });

        let isSettled = false;
        void client.get('/me').finally(() => (isSettled = true));
        await client.get('/other');

        expect(client.waiting.size).toBe(1);
        expect(isSettled).toBe(false);
        expect(server.received.map(({ url }) => url)).toEqual(['/other']);
    });

    it('leaves it free when an interceptor, registered before attaching, names the request', async () => {
        const { client } = await arrange(answering(), { order, creator: failsOnce(), before: nameRequestsInErrors });

        const [first, waiting] = await Promise.all([failureOf(client.get('/me')), failureOf(client.get('/me'))]);

        for (const error of [first, waiting]) {
            expect(error).toMatchObject({ message: 'no token today', cause: { message: 'no token today' } });
        }
        expect((await client.get('/me')).status).toBe(200);
        expect(client.waiting.size).toBe(0);
    });

    it('is still healed with that interceptor, once', async () => {
        const { client, issuer, server } = await arrange(answering(refuse), { order, before: nameRequestsInErrors });

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
    });
});

describe.each(orders)('with a cache, %s, a stale answer', (order) => {
    it('takes the place of a 401 that stays, unless `staleIfError` says otherwise', async () => {
        const { client } = await arrange(answering(page, refuse, refuse), { order });
        await client.get('/page');

        expect(await client.get('/page')).toMatchObject({ status: 200, stale: true });
    });

    it('does not when it does', async () => {
        const { client } = await arrange(answering(page, refuse, refuse), {
            order,
            staleIfError: (response) => response?.status !== 401,
        });
        await client.get('/page');

        expect((await failureOf(client.get('/page'))).response?.status).toBe(401);
    });
});
