import axios, { type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    protectedBy,
    refuse,
    sendJson,
    useServers,
    wait,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
}

const never: Route = () => undefined;

async function arrange(adapter: string, route: (issuer: Issuer) => Route): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route(issuer));
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, issuer.creator);
    return { issuer, server, client };
}

async function timed<T>(action: Promise<T>): Promise<{ result: T; duration: number }> {
    const start = performance.now();
    return { result: await action, duration: performance.now() - start };
}

/**
 * What a timeout of 1,200 ms ends long before one that starts anew after 700 ms would. Node's timers are early by what the
 * tick that started them had taken by then. */
const WHOLE = { least: 1_100, most: 1_800 };

/** Answers the first token with a 401 after 700 ms, and any other never. */
const refuseLate: Route = async (exchange) => {
    if (exchange.received.headers.authorization !== 'Bearer token-1') return;
    await wait(700);
    await refuse(exchange);
};

describe.each(adapters)('a timeout is the budget of the whole request, over %s', (adapter) => {
    it('with the wait for the first token', async () => {
        const { issuer, server, client } = await arrange(adapter, () => never);
        issuer.delay = 700;

        const { result: error, duration } = await timed(failureOf(client.get('/me', { timeout: 1_200 })));

        expect(duration).toBeGreaterThan(WHOLE.least);
        expect(duration).toBeLessThan(WHOLE.most);
        expect(error.message).toBe('timeout of 1200ms exceeded');
        expect(error.config).toMatchObject({ url: '/me', timeout: 1_200 });
        expect(await server.received[0]?.isCut).toBe(true);
    });

    it('with the refused answer and the sending after it, which the server sees cut', async () => {
        const { server, client } = await arrange(adapter, () => refuseLate);

        const { result: error, duration } = await timed(failureOf(client.get('/me', { timeout: 1_200 })));

        expect(duration).toBeGreaterThan(WHOLE.least);
        expect(duration).toBeLessThan(WHOLE.most);
        expect(error.message).toBe('timeout of 1200ms exceeded');
        expect(error.config).toMatchObject({ url: '/me', timeout: 1_200 });
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(await server.received[1]?.isCut).toBe(true);
    });

    it('with the code and the message that axios itself would give, also when the second sending is cut', async () => {
        const config: AxiosRequestConfig = { timeout: 300, timeoutErrorMessage: 'too slow' };
        const plain = await arrange(adapter, () => never);
        const { client } = await arrange(adapter, () => refuseLate);

        const expected = await failureOf(plain.client.get('/me', { ...config, tokenCreator: false }));
        const error = await failureOf(client.get('/me', config));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.code).toBe(expected.code);
        expect(error.message).toBe('too slow');
    });

    it('with the words of axios itself where there was no wait', async () => {
        const { client } = await arrange(adapter, () => never);
        const config: AxiosRequestConfig = { timeout: 50, timeoutErrorMessage: 'too slow' };
        const expected = await failureOf(client.get('/me', { ...config, tokenCreator: false }));
        await client.get('/first', config).catch(() => {});

        const error = await failureOf(client.get('/me', config));

        expect([error.code, error.message]).toEqual([expected.code, expected.message]);
    });

    it('with ETIMEDOUT when the request asks for it, also when the second sending is cut', async () => {
        const { client } = await arrange(adapter, () => refuseLate);

        const error = await failureOf(client.get('/me', { timeout: 300, transitional: { clarifyTimeoutError: true } }));

        expect(error).toMatchObject({ code: 'ETIMEDOUT', message: 'timeout of 300ms exceeded' });
    });

    it('and leaves nothing behind that fails later: a request within its timeout is answered', async () => {
        const { issuer, client } = await arrange(adapter, protectedBy);
        issuer.delay = 20;

        await client.get('/first', { timeout: 5_000 });
        issuer.revoke();
        const response = await client.get('/second', { timeout: 5_000 });

        expect(response.status).toBe(200);
        expect(response.config.timeout).toBe(5_000);
    });

    it('and an answer of another kind keeps its own message', async () => {
        const { client } = await arrange(adapter, (issuer) =>
            protectedBy(issuer, (exchange) => sendJson(exchange, 503, { error: 'timeout of the database' })),
        );

        const error = await failureOf(client.get('/me', { timeout: 5_000 }));

        expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE', message: 'Request failed with status code 503' });
    });
});

/** Blocks as a long computation would: the token is there when the timer has not been looked at yet. */
function block(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
}

describe('what is left of a timeout', () => {
    it.each(adapters)('below 1 ms sends nothing, and is a timeout, over %s', async (adapter) => {
        const server = await serve(never);
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, async () => {
            await wait(1);
            block(60);
            return { access_token: 'late', token_type: 'Bearer' };
        });

        const error = await failureOf(client.get('/me', { timeout: 50 }));

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' });
        expect(axios.isAxiosError(error)).toBe(true);
        await wait(20);
        expect(server.received).toEqual([]);
    });

    it.each(adapters)('below 1 ms sends nothing again after a 401, over %s', async (adapter) => {
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, adapter });
        let calls = 0;
        attachTokenCreator(client, async () => {
            calls += 1;
            await wait(1);
            if (calls === 2) block(300);
            return { access_token: `token-${calls}`, token_type: 'Bearer' };
        });

        const error = await failureOf(client.get('/me', { timeout: 250 }));

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 250ms exceeded' });
        await wait(20);
        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it.each([
        [1_049, [1]],
        [1_049.001, []],
        [1_048.5, [2]],
    ])('of 50 ms that began at 1,000 goes to the adapter at %d as %j', async (time, expected) => {
        const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
        const sent: unknown[] = [];
        const client = axios.create({
            baseURL: 'http://127.0.0.1',
            adapter: async (config) => {
                sent.push(config.timeout);
                return { status: 200, statusText: '', headers: {}, config, data: '' };
            },
        });
        attachTokenCreator(client, async () => {
            now.mockReturnValue(time);
            return { access_token: 'a', token_type: 'Bearer' };
        });

        await client.get('/me', { timeout: 50 }).catch(() => {});
        now.mockRestore();

        expect(sent).toEqual(expected);
    });

    it('is not named by an error that only speaks of another timeout', async () => {
        const issuer = createIssuer();
        const client = axios.create({
            baseURL: 'http://127.0.0.1',
            adapter: () => Promise.reject(new axios.AxiosError('proxy: timeout of 5ms exceeded')),
        });
        attachTokenCreator(client, issuer.creator);

        const error = await failureOf(client.get('/me', { timeout: 1_000 }));

        expect(error.message).toBe('proxy: timeout of 5ms exceeded');
    });

    it('goes to the adapter in whole milliseconds, and no timeout as none', async () => {
        const issuer = createIssuer();
        issuer.delay = 100;
        const sent: (number | undefined)[] = [];
        const client = axios.create({
            baseURL: 'http://127.0.0.1',
            adapter: async (config: InternalAxiosRequestConfig) => {
                sent.push(config.timeout);
                return { status: sent.length % 2 ? 401 : 200, statusText: '', headers: {}, config, data: '' };
            },
        });
        attachTokenCreator(client, issuer.creator);

        await client.get('/me', { timeout: 1_000 });
        await client.get('/me', { timeout: 0 });
        await client.get('/me');

        const [first = 0, second = 0] = sent;
        expect([Number.isInteger(first), Number.isInteger(second)]).toEqual([true, true]);
        expect(first).toBeGreaterThan(500);
        expect(first).toBeLessThan(950);
        expect(second).toBeLessThan(first - 50);
        expect(sent.slice(2)).toEqual([0, 0, 0, 0]);
    });
});
