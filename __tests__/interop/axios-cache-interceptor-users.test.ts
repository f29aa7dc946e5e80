import axios, { type InternalAxiosRequestConfig } from 'axios';
import {
    buildKeyGenerator,
    buildMemoryStorage,
    defaultKeyGenerator,
    setupCache,
    type AxiosCacheInstance,
    type CacheOptions,
} from 'axios-cache-interceptor';
import { attachTokenCreator, type TokenCreator } from '../../src/index.js';
import { sendJson, useServers, type Route } from '../support/servers.js';
import { inOrder, orders, type Order } from './orders.js';

const serve = useServers();

const tokenOf =
    (user: string): TokenCreator =>
    async () => ({ access_token: user, token_type: 'Bearer' });

/** Answers who asks. */
const whoAmI: Route = (exchange) => sendJson(exchange, 200, { me: exchange.received.headers.authorization });

const whoAmIVaried: Route = (exchange) => {
    exchange.response.setHeader('vary', 'Authorization');
    return whoAmI(exchange);
};

const me = async (client: AxiosCacheInstance, config?: Partial<InternalAxiosRequestConfig>): Promise<unknown> => {
    const { data } = await client.get<{ me: unknown }>('/me', config);
    return data.me;
};

/** As docs/neighbours.md has them. */
const keyOf = (user: string) =>
    buildKeyGenerator((request, meta) => ({ user, request: defaultKeyGenerator({ ...request, id: undefined }, meta) }));
const keyWithParameters = buildKeyGenerator((request, meta) => ({
    token: request.tokenCreator,
    request: defaultKeyGenerator({ ...request, id: undefined }, meta),
}));

const ofKey: TokenCreator = (context) => tokenOf(context?.parameters?.key ?? 'nobody')();

function clientOfAll(order: Order, baseURL: string, cache: CacheOptions): AxiosCacheInstance {
    const client = axios.create({ baseURL });
    const [cached] = inOrder(
        order,
        () => setupCache(client, cache),
        () => attachTokenCreator(client, ofKey),
    );
    return cached;
}
const as = (key: string) => ({ tokenCreator: { key } });

describe.each(orders)('with a cache, %s', (order) => {
    function clientOf(user: string, baseURL: string, cache: CacheOptions): AxiosCacheInstance {
        const client = axios.create({ baseURL });
        const [cached] = inOrder(
            order,
            () => setupCache(client, cache),
            () => attachTokenCreator(client, tokenOf(user)),
        );
        return cached;
    }

    it.each([
        ['an answer', whoAmI],
        ['an answer with `Vary: Authorization`', whoAmIVaried],
    ])('%s to one user is served to another one, where they share a storage and its default keys', async (_, route) => {
        const { url, received } = await serve(route);
        const storage = buildMemoryStorage();

        expect(await me(clientOf('alice', url, { storage }))).toBe('Bearer alice');
        expect(await me(clientOf('bob', url, { storage }))).toBe('Bearer alice');

        expect(received).toHaveLength(1);
    });

    it.each([
        ['an answer', whoAmI],
        ['an answer with `Vary: Authorization`', whoAmIVaried],
    ])('%s to one user is never served to another one, where the key holds the user', async (_, route) => {
        const { url, received } = await serve(route);
        const storage = buildMemoryStorage();
        const alice = clientOf('alice', url, { storage, generateKey: keyOf('alice') });
        const bob = clientOf('bob', url, { storage, generateKey: keyOf('bob') });

        expect(await Promise.all([me(alice), me(bob)])).toEqual(['Bearer alice', 'Bearer bob']);
        expect(await Promise.all([me(alice), me(bob)])).toEqual(['Bearer alice', 'Bearer bob']);

        expect(received).toHaveLength(2);
    });

    it('an answer to one user is never served to another one, where each has a storage', async () => {
        const { url } = await serve(whoAmI);

        expect(await me(clientOf('alice', url, {}))).toBe('Bearer alice');
        expect(await me(clientOf('bob', url, {}))).toBe('Bearer bob');
    });

    describe('and tokens of several users on one client', () => {
        it('an answer for one key is served to another one by the default keys', async () => {
            const { url } = await serve(whoAmI);
            const client = clientOfAll(order, url, {});

            expect(await me(client, as('alice'))).toBe('Bearer alice');
            expect(await me(client, as('bob'))).toBe('Bearer alice');
        });

        it('is not when the key of the cache holds the parameters, not even while it is under way', async () => {
            const { url, received } = await serve(whoAmI);
            const client = clientOfAll(order, url, { generateKey: keyWithParameters });

            const together = await Promise.all(['alice', 'bob', 'alice'].map((key) => me(client, as(key))));

            expect(together).toEqual(['Bearer alice', 'Bearer bob', 'Bearer alice']);
            expect(await me(client, as('bob'))).toBe('Bearer bob');
            expect(await me(client)).toBe('Bearer nobody');
            expect(received).toHaveLength(3);
        });
    });

    it('what one user was answered outlives a log-out, unless the storage is cleared with it', async () => {
        const { url } = await serve(whoAmI);
        let user = 'alice';
        const creator: TokenCreator = () => tokenOf(user)();
        const client = axios.create({ baseURL: url });
        const [cached, { source }] = inOrder(
            order,
            () => setupCache(client),
            () => attachTokenCreator(client, creator),
        );
        await me(cached);
        user = 'bob';

        source.clear();
        expect(await me(cached)).toBe('Bearer alice');

        source.subscribe(({ type }) => {
            if (type === 'cleared') void cached.storage.clear?.();
        });
        source.clear();
        expect(await me(cached)).toBe('Bearer bob');
    });
});
