import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ReadableStream } from 'node:stream/web';
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    useServers,
    type Exchange,
    type Issuer,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();
const agents: Agent[] = [];

afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
});

const megabyte = 'x'.repeat(1024 * 1024);

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
}

/** A client whose token is refused with a long answer, or one that never ends. */
async function arrange(config: AxiosRequestConfig, isEndless = false): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(({ received, response }: Exchange) => {
        const isValid = issuer.isValid(received.headers.authorization);
        response.writeHead(isValid ? 200 : 401, { 'content-type': 'text/plain' });
        if (!isValid && isEndless) {
            Readable.from(repeat(megabyte)).pipe(response);
        } else {
            response.end(isValid ? 'good' : megabyte.repeat(4));
        }
    });
    const client = axios.create({ baseURL: server.url, ...config });
    attachTokenCreator(client, issuer.creator);
    await client.get('/first');
    issuer.revoke();
    return { issuer, server, client };
}

function* repeat(chunk: string): Generator<string> {
    for (;;) yield chunk;
}

function oneSocket(): { httpAgent: Agent } {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(httpAgent);
    return { httpAgent };
}

type AnyStream = Readable | ReadableStream;

describe('a refused answer that nobody will read', () => {
    it.each<[string, AxiosRequestConfig]>([
        ['a stream', { responseType: 'stream' }],
        ['a stream with maxContentLength', { responseType: 'stream', maxContentLength: 100_000_000 }],
        ['a stream without redirects', { responseType: 'stream', maxRedirects: 0 }],
        ['a stream that is not decompressed', { responseType: 'stream', decompress: false }],
        ['a stream with a download rate', { responseType: 'stream', maxRate: [1e9, 1e9] }],
        ['text', { responseType: 'text' }],
        ['a buffer', { responseType: 'arraybuffer' }],
    ])(
        'does not keep the only socket of an agent: %s',
        async (_name, config) => {
            const { client, server } = await arrange({ adapter: 'http', ...oneSocket() });

            const { status, data } = await client.get<unknown>('/me', config);

            expect(status).toBe(200);
            expect(
                config.responseType === 'stream' ? await text(data as AnyStream) : (data as string | Buffer).toString(),
            ).toBe('good');
            expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        },
        5_000,
    );

    it('does not keep the socket while the new token is being created through the same agent', async () => {
        const agent = oneSocket();
        const { issuer, client, server } = await arrange({ adapter: 'http', ...agent });
        attachTokenCreator(client, async (context) => {
            await client.get('/login', { tokenCreator: false, validateStatus: () => true });
            return issuer.creator(context);
        });
        await client.get('/second');
        issuer.revoke();

        const { data } = await client.get<Readable>('/me', { responseType: 'stream' });

        expect(await text(data)).toBe('good');
        expect(server.received.map(({ url }) => url).slice(-3)).toEqual(['/me', '/login', '/me']);
    }, 30_000);

    it.each<[string, AxiosRequestConfig]>([
        ['http', {}],
        ['http', { maxContentLength: 100_000_000 }],
        ['fetch', {}],
        ['fetch', { maxContentLength: 100_000_000 }],
    ])(
        'is not downloaded to its end, over %s with %j',
        async (adapter, config) => {
            const { client, server } = await arrange({ adapter }, true);

            const { data } = await client.get<AnyStream>('/me', { responseType: 'stream', ...config });

            expect(await text(data)).toBe('good');
            expect(await server.received[1]?.isCut).toBe(true);
        },
        5_000,
    );
});

describe.each(adapters)('a refused answer that is the answer, over %s', (adapter) => {
    it('can be read when it is a stream', async () => {
        const server = await serve(({ response }) => {
            response.writeHead(401, { 'content-type': 'text/plain' });
            response.end(megabyte);
        });
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, createIssuer().creator);

        const error = await failureOf(client.get('/me', { responseType: 'stream' }));

        expect(server.received).toHaveLength(2);
        expect(error.response?.status).toBe(401);
        expect(await text(error.response?.data as AnyStream)).toBe(megabyte);
    });

    it('can be read when its request cannot be sent again', async () => {
        const { client, server } = await arrange({ adapter });
        const body = Readable.from([Buffer.from('once')]);

        const error = await failureOf(client.post('/me', body, { responseType: 'stream' }));

        expect(server.received.map(({ url }) => url)).toEqual(['/first', '/me']);
        expect(await text(error.response?.data as AnyStream)).toBe(megabyte.repeat(4));
    });
});

/** An adapter that refuses its first request with such a body. */
const refusingWith =
    (body: () => unknown, sent: unknown[] = []): AxiosAdapter =>
    async (config) => {
        sent.push(config.headers.get('Authorization'));
        const isFirst = sent.length === 1;
        return { status: isFirst ? 401 : 200, statusText: '', headers: {}, config, data: isFirst ? body() : 'ok' };
    };

it('a refused answer whose body is a whole Response, as an adapter may give it, is let go of', async () => {
    const cancel = jest.fn();
    const client = axios.create({
        baseURL: 'https://api.example.com',
        adapter: refusingWith(() => new Response(new globalThis.ReadableStream({ cancel }))),
    });
    attachTokenCreator(client, createIssuer().creator);

    expect((await client.get('/me')).data).toBe('ok');

    expect(cancel).toHaveBeenCalledTimes(1);
});

describe('a refused answer whose body only looks like a stream', () => {
    it.each<[string, () => unknown]>([
        ['words', () => ({ cancel: 'x', destroy: 'y', body: { cancel: 1 } })],
        ['numbers', () => ({ cancel: 0, destroy: 1, body: 2 })],
        ['a body of words', () => ({ body: { destroy: 'y', cancel: 'x', body: 'z' } })],
        ['a body that is null', () => ({ body: null })],
        ['a cancel that returns nothing', () => ({ cancel: () => undefined })],
        [
            'a cancel that throws',
            () => ({
                cancel() {
                    throw new Error('locked');
                },
            }),
        ],
        ['a list', () => [{ destroy: 1 }]],
        ['nothing', () => null],
    ])('is healed: %s', async (_name, body) => {
        const sent: unknown[] = [];
        const client = axios.create({
            baseURL: 'https://api.example.com',
            adapter: refusingWith(body, sent),
        });
        attachTokenCreator(client, createIssuer().creator);

        expect((await client.get('/me')).data).toBe('ok');
        expect(sent).toEqual(['Bearer token-1', 'Bearer token-2']);
    });
});
