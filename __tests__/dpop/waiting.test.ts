import axios, { AxiosError } from 'axios';
import { generateKeyPair } from 'dpop';
import { createBoundClient, demandNonce, wantsNonce } from '../support/proofs.js';
import { adapters, failureOf, ok, until, useServers, wait, type Route } from '../support/servers.js';

const serve = useServers();

/** What a timeout of 1,200 ms ends long before one that starts anew after 700 ms would. */
const WHOLE = { least: 1_100, most: 1_700 };

async function timed<T>(action: Promise<T>): Promise<{ result: T; duration: number }> {
    const start = performance.now();
    return { result: await action, duration: performance.now() - start };
}

/** Demands a nonce after some time, and never answers who has it. */
function demandLate(delay: number): Route {
    let requests = 0;
    return async (exchange) => {
        requests += 1;
        if (requests > 1) return;
        await wait(delay);
        await demandNonce(() => 'n1')(exchange);
    };
}

/** Key generation takes until the function it returns is called. */
function holdKeys() {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const generate = crypto.subtle.generateKey.bind(crypto.subtle) as (...args: unknown[]) => Promise<CryptoKeyPair>;
    jest.spyOn(crypto.subtle, 'generateKey').mockImplementation(async (...args: unknown[]) => {
        await released;
        return generate(...args);
    });
    return release;
}

afterEach(() => jest.restoreAllMocks());

describe.each(adapters)('over %s', (adapter) => {
    it('a timeout is the budget of the whole request: of the demand for a nonce, and what follows it', async () => {
        const server = await serve(demandLate(700));
        const { client } = createBoundClient({ baseURL: server.url, adapter });

        const { result: error, duration } = await timed(failureOf(client.get('/me', { timeout: 1_200 })));

        expect(duration).toBeGreaterThan(WHOLE.least);
        expect(duration).toBeLessThan(WHOLE.most);
        expect(server.received).toHaveLength(2);
        expect(error.code).toMatch(/^(ECONNABORTED|ETIMEDOUT)$/);
        expect(error.config).toMatchObject({ url: '/me', timeout: 1_200 });
        expect(await server.received[1]?.isCut).toBe(true);
    });

    it('the error names the whole timeout, after a demand for a nonce', async () => {
        const server = await serve(demandLate(100));
        const { client, source } = createBoundClient({ baseURL: server.url, adapter });
        await source.getToken();

        const error = await failureOf(client.get('/me', { timeout: 200 }));

        expect(error.message).toBe('timeout of 200ms exceeded');
    });

    it('the error names the whole timeout, after a proof that took its time', async () => {
        const server = await serve(() => undefined);
        const { client, source } = createBoundClient({ baseURL: server.url, adapter });
        await source.getToken();
        const release = holdKeys();
        setTimeout(release, 100);

        const error = await failureOf(client.get('/me', { timeout: 200 }));

        expect(error.message).toBe('timeout of 200ms exceeded');
        expect(error.config).toMatchObject({ timeout: 200 });
    });

    it('a proof that is not ready in time ends the request, of which nothing is sent', async () => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: server.url, adapter });
        const release = holdKeys();

        const error = await failureOf(client.get('/me', { timeout: 50, timeoutErrorMessage: 'too slow' }));

        expect([error.message, error.code]).toEqual(['too slow', 'ECONNABORTED']);
        release();
        expect((await client.get('/me')).status).toBe(200);
        expect(server.received).toHaveLength(1);
    });

    it.each(['signal', 'cancelToken'] as const)('a %s ends the wait for a proof, and nothing is sent', async (way) => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: server.url, adapter });
        const release = holdKeys();
        const abort = new AbortController();
        const source = axios.CancelToken.source();
        const config = way === 'signal' ? { signal: abort.signal } : { cancelToken: source.token };

        const failure = failureOf(client.get('/me', config));
        await wait(20);
        if (way === 'signal') abort.abort();
        else source.cancel('enough');

        expect(axios.isCancel(await failure)).toBe(true);
        release();
        await wait(20);
        expect(server.received).toHaveLength(0);
    });

    it('a signal that fires while a nonce is being asked for ends the request before it is sent again', async () => {
        const abort = new AbortController();
        const server = await serve(async (exchange) => {
            await demandNonce(() => 'n1')(exchange);
            exchange.response.on('finish', () => abort.abort());
        });
        const { client } = createBoundClient({ baseURL: server.url, adapter });

        const error = await failureOf(client.get('/me', { signal: abort.signal }));

        expect(axios.isCancel(error)).toBe(true);
        await wait(20);
        expect(server.received.length).toBeLessThanOrEqual(2);
    });

    it('a signal that fires after the second sending cuts that', async () => {
        let requests = 0;
        const server = await serve((exchange) => {
            requests += 1;
            return requests === 1 ? demandNonce(() => 'n1')(exchange) : undefined;
        });
        const { client } = createBoundClient({ baseURL: server.url, adapter });
        const abort = new AbortController();

        const failure = failureOf(client.get('/me', { signal: abort.signal }));
        await until(() => server.received.length === 2);
        abort.abort();

        expect(axios.isCancel(await failure)).toBe(true);
        expect(await server.received[1]?.isCut).toBe(true);
    });

    it('no listener stays on a signal that serves many requests', async () => {
        const server = await serve(wantsNonce(() => 'n1'));
        const { client } = createBoundClient({ baseURL: server.url, adapter });
        const { signal } = new AbortController();
        const added = jest.spyOn(signal, 'addEventListener');
        const removed = jest.spyOn(signal, 'removeEventListener');

        await Promise.all([1, 2, 3].map(() => client.get('/me', { signal, timeout: 5_000 })));
        await wait(5);

        expect(added.mock.calls.length).toBeGreaterThan(0);
        expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length);
    });
});

it('an error of the key reaches the caller as it is', async () => {
    const keyPair = await generateKeyPair('ES256');
    const server = await serve(ok);
    const { client } = createBoundClient({ baseURL: server.url }, { keyPair });
    const broken = new Error('the key is gone');
    jest.spyOn(crypto.subtle, 'sign').mockRejectedValueOnce(broken);

    const error = await failureOf(client.get('/me'));

    expect(error).toBe(broken);
    expect(error).not.toBeInstanceOf(AxiosError);
    expect(server.received).toHaveLength(0);
    expect((await client.get('/me')).status).toBe(200);
});
