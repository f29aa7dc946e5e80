import { Agent } from 'node:http';
import { text } from 'node:stream/consumers';
import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createClientTokenCreator } from '../../src/index.js';
import {
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    refuse,
    sendJson,
    useServers,
    type Route,
} from '../support/servers.js';
import { answering, inOrder, orderAndAdapter } from './orders.js';

const serve = useServers();

/** At most so many requests at once, by interceptors, as axios-concurrency has it. */
function throttle(client: AxiosInstance, slots: number): { free: () => number } {
    const waiting: (() => void)[] = [];
    let free = slots;
    const release = (): void => {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
    };
    client.interceptors.request.use(async (config) => {
        if (free > 0) free -= 1;
        else await new Promise<void>((resolve) => waiting.push(resolve));
        return config;
    });
    client.interceptors.response.use(
        (response) => {
            release();
            return response;
        },
        (error: unknown) => {
            release();
            throw error;
        },
    );
    return { free: () => free };
}

/** Notes how many requests were under way at once. */
function counting(route: Route): { route: Route; most: () => number } {
    let underWay = 0;
    let most = 0;
    return {
        most: () => most,
        async route(exchange) {
            most = Math.max(most, (underWay += 1));
            exchange.response.on('close', () => (underWay -= 1));
            await new Promise((resolve) => {
                setImmediate(resolve);
            });
            await route(exchange);
        },
    };
}

describe.each(orderAndAdapter)('with a throttle of one slot, %s, over %s', (order, adapter) => {
    it('a healed request takes one slot, and gives it back', async () => {
        const issuer = createIssuer();
        const { route, most } = counting(protectedBy(issuer));
        const server = await serve(route);
        const client = axios.create({ baseURL: server.url, adapter });
        const [{ free }] = inOrder(
            order,
            () => throttle(client, 1),
            () => attachTokenCreator(client, issuer.creator),
        );
        await client.get('/first');
        issuer.revoke();

        const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => client.get(`/${index}`)));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(most()).toBe(1);
        expect(free()).toBe(1);
        expect(server.received).toHaveLength(22);
        expect(issuer.created).toBe(2);
    });

    it('a creation that fails, a 401 that stays and a caller that leaves give theirs back', async () => {
        const abort = new AbortController();
        const server = await serve(answering(refuse, refuse, () => abort.abort()));
        const client = axios.create({ baseURL: server.url, adapter });
        const issuer = createIssuer();
        let isBroken = true;
        const [{ free }] = inOrder(
            order,
            () => throttle(client, 1),
            () =>
                attachTokenCreator(client, async (context) => {
                    if (isBroken) throw new Error('no token today');
                    return issuer.creator(context);
                }),
        );

        expect(await failureOf(client.get('/1'))).toMatchObject({ message: 'no token today' });
        isBroken = false;
        expect((await failureOf(client.get('/2'))).response?.status).toBe(401);
        expect(await failureOf(client.get('/3', { signal: abort.signal }))).toMatchObject({ code: 'ERR_CANCELED' });

        expect((await client.get('/4')).status).toBe(200);
        expect(free()).toBe(1);
    });

    it('a creator that asks through the throttled client ends at `creationTimeout`, and the slot is free', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        const creator = createClientTokenCreator({ id: 'me', secret: 'secret' }, { client });
        const [{ free }] = inOrder(
            order,
            () => throttle(client, 1),
            () => attachTokenCreator(client, creator, { creationTimeout: 60 }),
        );

        expect(await failureOf(client.get('/me'))).toMatchObject({ code: 'timeout' });

        await client.get('/other', { tokenCreator: false });
        expect(free()).toBe(1);
    });
});

const tokens = (): Route => {
    let issued = 0;
    return (exchange) =>
        sendJson(exchange, 200, { access_token: `token-${(issued += 1)}`, token_type: 'Bearer', expires_in: 60 });
};

const isSecond = (authorization: string | undefined) => authorization === 'Bearer token-2';

const large: Route = (exchange) => {
    exchange.response.writeHead(401).end('x'.repeat(1_000_000));
};

describe('with an agent of one socket', () => {
    it.each(['json', 'stream'] as const)(
        'for the API and the token endpoint, many requests for %s are healed one after the other',
        async (responseType) => {
            const token = tokens();
            const { route, most } = counting((exchange) => {
                const { url, headers } = exchange.received;
                if (url === '/token') return token(exchange);
                return (isSecond(headers.authorization) ? ok : large)(exchange);
            });
            const server = await serve(route);
            const httpAgent = new Agent({ maxSockets: 1, keepAlive: true });
            const client = axios.create({ baseURL: server.url, httpAgent, responseType });
            const credentials = { id: 'me', secret: 'secret' };
            attachTokenCreator(
                client,
                createClientTokenCreator(credentials, { client: { baseURL: server.url, httpAgent } }),
            );

            const answers = await Promise.all(
                Array.from({ length: 10 }, async (_, index) => {
                    const { data } = await client.get<NodeJS.ReadableStream>(`/${index}`);
                    return responseType === 'stream' ? text(data) : JSON.stringify(data);
                }),
            );
            httpAgent.destroy();

            expect(answers).toEqual(Array(10).fill('{"ok":true}'));
            expect(most()).toBe(1);
            expect(server.received.filter(({ url }) => url === '/token')).toHaveLength(2);
        },
    );
});
