import { getEventListeners } from 'node:events';
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { attachTokenCreator, type TokenCreator } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    protectedBy,
    until,
    useServers,
    wait,
    type Issuer,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

type Phase = 'the first token' | 'the renewal after a 401';

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    /** Lets the creation end that everyone waits for. */
    release: () => void;
    /** How many requests arrived before anyone waited. */
    before: number;
}

/** A client whose next request will wait for a token. */
async function arrange(adapter: string, phase: Phase): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(protectedBy(issuer));
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, issuer.creator);
    if (phase !== 'the first token') {
        await client.get('/before');
        issuer.revoke();
    }
    return { issuer, server, client, release: issuer.hold(), before: server.received.length };
}

/** Starts a request and waits until it waits; in an object, since a promise of a promise would wait for that. */
async function start({ issuer, client }: Scene, config: AxiosRequestConfig): Promise<{ failure: Promise<AxiosError> }> {
    const wanted = issuer.created + 1;
    const failure = failureOf(client.get('/leaver', config));
    await until(() => issuer.created === wanted);
    return { failure };
}

const phases: Phase[] = ['the first token', 'the renewal after a 401'];
const table = adapters.flatMap((adapter) => phases.map((phase) => [adapter, phase] as const));

/** The others, who wait for the same token, get it; the one who left sent nothing (more). */
async function expectFlightToGoOn(scene: Scene, phase: Phase): Promise<void> {
    const { issuer, server, client, release, before } = scene;
    const created = issuer.created;
    const other = client.get('/other');
    await wait(10);
    release();

    expect((await other).status).toBe(200);
    expect(issuer.created).toBe(created);
    const urls = server.received.slice(before).map(({ url }) => url);
    expect(urls).toEqual(phase === 'the first token' ? ['/other'] : ['/leaver', '/other']);
    expect(server.authorizations.at(-1)).toBe(`Bearer token-${created}`);
}

describe.each(table)('over %s, a request that waits for %s', (adapter, phase) => {
    it('ends with CanceledError when it is aborted, and the creation goes on for the others', async () => {
        const scene = await arrange(adapter, phase);
        const controller = new AbortController();
        const { failure } = await start(scene, { signal: controller.signal });

        controller.abort();
        const error = await failure;

        expect(axios.isCancel(error)).toBe(true);
        expect(error).toMatchObject({ name: 'CanceledError', code: AxiosError.ERR_CANCELED, message: 'canceled' });
        expect(error.config?.url).toBe('/leaver');
        await expectFlightToGoOn(scene, phase);
    });

    it('ends with the reason of its cancelToken when that is used, and the creation goes on', async () => {
        const scene = await arrange(adapter, phase);
        const cancellation = axios.CancelToken.source();
        const { failure } = await start(scene, { cancelToken: cancellation.token });

        cancellation.cancel('no longer wanted');
        const error = await failure;

        expect(axios.isCancel(error)).toBe(true);
        expect(error.message).toBe('no longer wanted');
        await expectFlightToGoOn(scene, phase);
    });

    it('ends with ECONNABORTED after its timeout, and the creation goes on', async () => {
        const scene = await arrange(adapter, phase);
        const { failure } = await start(scene, { timeout: 150 });

        const error = await failure;

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 150ms exceeded' });
        expect(error.config).toMatchObject({ url: '/leaver', timeout: 150 });
        expect(error.response).toBeUndefined();
        await expectFlightToGoOn(scene, phase);
    });

    it('ends with ETIMEDOUT after its timeout when the request asks for that', async () => {
        const scene = await arrange(adapter, phase);
        const { failure } = await start(scene, { timeout: 150, transitional: { clarifyTimeoutError: true } });

        expect(await failure).toMatchObject({ code: 'ETIMEDOUT', message: 'timeout of 150ms exceeded' });
        scene.release();
    });

    it('ends with the timeoutErrorMessage that the request asks for', async () => {
        const scene = await arrange(adapter, phase);
        const { failure } = await start(scene, { timeout: 150, timeoutErrorMessage: 'too slow' });

        expect(await failure).toMatchObject({ code: 'ECONNABORTED', message: 'too slow' });
        scene.release();
    });

    it('waits as long as it takes without a timeout, with one of 0 and with one that is long enough', async () => {
        const { client, release } = await arrange(adapter, phase);
        const pending = Promise.all(
            [{}, { timeout: 0 }, { timeout: 10_000 }].map((config) => client.get('/me', config)),
        );
        await wait(100);

        release();

        expect((await pending).map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    it('leaves the token that was created for it, when everyone left, to the next request', async () => {
        const scene = await arrange(adapter, phase);
        const controller = new AbortController();
        const { failure } = await start(scene, { signal: controller.signal });
        controller.abort();
        await failure;
        const { created } = scene.issuer;
        scene.release();
        await wait(10);

        expect((await scene.client.get('/next')).status).toBe(200);

        expect(scene.issuer.created).toBe(created);
    });

    it('leaves no listener on a signal and a cancelToken that live on', async () => {
        const scene = await arrange(adapter, phase);
        const { signal } = new AbortController();
        const { token } = axios.CancelToken.source();
        const subscribed = jest.spyOn(token, 'subscribe');
        const unsubscribed = jest.spyOn(token, 'unsubscribe' as 'subscribe');
        const { client, release, issuer } = scene;
        const wanted = issuer.created + 1;
        const pending = client.get('/me', { signal, cancelToken: token });
        await until(() => issuer.created === wanted);
        expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);

        release();
        await pending;
        await wait(5);

        expect(getEventListeners(signal, 'abort')).toEqual([]);
        expect(new Set(unsubscribed.mock.calls.flat())).toEqual(new Set(subscribed.mock.calls.flat()));
    });
});

/** A client that sends by a function which looks at no signal: `/slow` is refused when `refuse` is called. */
function arrangeDeaf(creator: TokenCreator) {
    let refuse!: () => void;
    const refused = new Promise<void>((resolve) => (refuse = resolve));
    const sent: (string | undefined)[] = [];
    const client = axios.create({
        baseURL: 'https://api.example.com',
        adapter: async (config) => {
            sent.push(config.url);
            if (config.url === '/slow') await refused;
            return { status: 401, statusText: '', headers: {}, config, data: '' };
        },
    });
    attachTokenCreator(client, creator);
    return { client, sent, refuse };
}

describe('a request', () => {
    it('that was cancelled beforehand neither waits nor is sent', async () => {
        const { issuer, server, client } = await arrange('http', 'the first token');
        const cancellation = axios.CancelToken.source();
        cancellation.cancel('beforehand');

        const errors = [
            await failureOf(client.get('/me', { signal: AbortSignal.abort() })),
            await failureOf(client.get('/me', { cancelToken: cancellation.token })),
        ];

        expect(errors.map((error) => axios.isCancel(error))).toEqual([true, true]);
        expect([issuer.created, server.received.length]).toEqual([0, 0]);
    });

    it('that is aborted in the very moment in which the creation ends is not sent', async () => {
        const { server, client, release } = await arrange('http', 'the first token');
        const controller = new AbortController();
        const failures = [1, 2, 3].map((name) => failureOf(client.get(`/${name}`, { signal: controller.signal })));
        await wait(5);

        release();
        controller.abort();

        for (const error of await Promise.all(failures)) expect(axios.isCancel(error)).toBe(true);
        await wait(20);
        expect(server.received).toEqual([]);
    });

    it.each(['signal', 'cancelToken'])('whose %s fires while a function sends it is not sent again', async (way) => {
        const { client, sent, refuse } = arrangeDeaf(createIssuer().creator);
        const controller = new AbortController();
        const cancellation = axios.CancelToken.source();
        const leaver = way === 'signal' ? { signal: controller.signal } : { cancelToken: cancellation.token };
        const failure = failureOf(client.get('/slow', leaver));
        await until(() => sent.length === 1);

        controller.abort();
        cancellation.cancel();
        refuse();

        expect(axios.isCancel(await failure)).toBe(true);
        expect(sent).toEqual(['/slow']);
    });

    it('that is aborted while creations are held back after failures leaves no rejection unhandled', async () => {
        const random = jest.spyOn(Math, 'random').mockReturnValue(0.9);
        let calls = 0;
        const { client, sent, refuse } = arrangeDeaf(async () => {
            calls += 1;
            if (calls > 1) throw new Error('down');
            return { access_token: 'only', token_type: 'Bearer' };
        });
        const controller = new AbortController();
        const failure = failureOf(client.get('/slow', { signal: controller.signal }));
        await until(() => sent.length === 1);
        for (const name of ['a', 'b', 'c', 'd']) expect((await failureOf(client.get(name))).message).toBe('down');
        expect(calls).toBe(4);

        controller.abort();
        refuse();

        expect(axios.isCancel(await failure)).toBe(true);
        random.mockRestore();
    });
});
