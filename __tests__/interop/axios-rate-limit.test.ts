import axios, { type AxiosInstance } from 'axios';
import rateLimit, { type RateLimitedAxiosInstance } from 'axios-rate-limit';
import { attachTokenCreator, createClientTokenCreator } from '../../src/index.js';
import { createIssuer, failureOf, ok, refuse, sendJson, until, useServers } from '../support/servers.js';
import { answering, inOrder, orderAndAdapter } from './orders.js';

const serve = useServers();

const HOUR = 3_600_000;
const limiters: RateLimitedAxiosInstance[] = [];

function limit(client: AxiosInstance, perMilliseconds: number, maxRequests = 1): RateLimitedAxiosInstance {
    const limiter = rateLimit(client, { maxRequests, perMilliseconds });
    limiters.push(limiter);
    return limiter;
}

const queueOf = (limiter: RateLimitedAxiosInstance): number => Number(limiter.getQueue().length);

afterEach(() => {
    // Ends the timers of the last limits.
    for (const limiter of limiters.splice(0)) limiter.setRateLimitOptions({ maxRPS: 1 });
});

describe.each(orderAndAdapter)('with axios-rate-limit, %s, over %s', (order, adapter) => {
    function arrange(baseURL: string, perMilliseconds: number, maxRequests = 1) {
        const client = axios.create({ baseURL, adapter });
        const issuer = createIssuer();
        const [limiter, { source }] = inOrder(
            order,
            () => limit(client, perMilliseconds, maxRequests),
            () => attachTokenCreator(client, issuer.creator),
        );
        return { client, issuer, limiter, source };
    }

    it('the limit holds for requests with a token', async () => {
        const server = await serve(ok);
        const { client, limiter } = arrange(server.url, HOUR, 2);

        const answers = ['/1', '/2', '/3', '/4'].map((path) => client.get(path));
        await Promise.all(answers.slice(0, 2));
        expect(server.received).toHaveLength(2);
        expect(queueOf(limiter)).toBe(2);

        limiter.setRateLimitOptions({ maxRequests: 2, perMilliseconds: HOUR });
        await Promise.all(answers);
        expect(server.received).toHaveLength(4);
    });

    it('a 401 is healed at once, without another turn: the limit does not count the replay', async () => {
        const server = await serve(answering(refuse));
        const { client, issuer } = arrange(server.url, HOUR);

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
    });

    it('a token is that of the time of sending, not of the time of queueing', async () => {
        const server = await serve(ok);
        const { client, limiter, source } = arrange(server.url, HOUR);
        const answers = ['/1', '/2'].map((path) => client.get(path));
        await answers[0];
        expect(queueOf(limiter)).toBe(1);

        source.clear();
        limiter.setRateLimitOptions({ maxRequests: 1, perMilliseconds: HOUR });
        await Promise.all(answers);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('a creator that asks through the limited client takes a turn of its own, and ends', async () => {
        const grant = { access_token: 'abc', token_type: 'Bearer' };
        const server = await serve((exchange) => sendJson(exchange, 200, grant));
        const client = axios.create({ baseURL: server.url, adapter });
        inOrder(
            order,
            () => limit(client, 60),
            () => attachTokenCreator(client, createClientTokenCreator({ id: 'me', secret: 'secret' }, { client })),
        );

        expect((await client.get('/me')).status).toBe(200);

        expect(server.received.map(({ url }) => url)).toEqual(['/token', '/me']);
    });

    it('a creation that fails gives the next request its turn', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        let calls = 0;
        inOrder(
            order,
            () => limit(client, 20),
            () =>
                attachTokenCreator(client, async () => {
                    if ((calls += 1) === 1) throw new Error('no token today');
                    return { access_token: 'abc', token_type: 'Bearer' };
                }),
        );

        const [first, second] = await Promise.all([failureOf(client.get('/1')), client.get('/2')]);

        expect(first.message).toBe('no token today');
        expect(second.status).toBe(200);
    });
});

describe('a limiter beneath the transport, as an adapter', () => {
    it('counts replays, too', async () => {
        const server = await serve(answering(refuse));
        // As docs/neighbours.md has it.
        const limiter = limit(axios.create(), HOUR);
        const http = axios.getAdapter('http');
        const asItIs = { adapter: http, transformRequest: [], transformResponse: [] };
        const client = axios.create({
            baseURL: server.url,
            adapter: (config) => limiter.request({ ...config, ...asItIs }),
        });
        attachTokenCreator(client, createIssuer().creator);

        const answer = client.post<unknown>('/me', { a: 1 });
        await until(() => queueOf(limiter) === 1 && server.received.length === 1);
        limiter.setRateLimitOptions({ maxRequests: 1, perMilliseconds: HOUR });

        expect((await answer).data).toEqual({ ok: true });
        expect(server.received.map(({ body }) => String(body))).toEqual(['{"a":1}', '{"a":1}']);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });
});
