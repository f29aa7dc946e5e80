import { Readable, Stream } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import FormDataStream from 'form-data';
import { attachTokenCreator, type TokenAttachment } from '../../src/index.js';
import {
    createIssuer,
    failureOf,
    protectedBy,
    useServers,
    type adapters,
    type Issuer,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

type Adapter = (typeof adapters)[number];

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
}

/** A client that holds a token which the server refuses. */
async function arrange(adapter: Adapter, answersEarly = false): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(protectedBy(issuer), { answersEarly });
    const client = axios.create({ baseURL: server.url, adapter });
    const attachment = attachTokenCreator(client, issuer.creator);
    await client.get('/first');
    issuer.revoke();
    return { issuer, server, client, attachment };
}

const chunks = ['one ', 'two ', 'three'];
const whole = 'one two three';

function formWithStream(): FormDataStream {
    const form = new FormDataStream();
    form.append('text', 'in memory');
    form.append('file', Readable.from(chunks), { filename: 'a.txt', knownLength: whole.length });
    return form;
}

const open = (next: (part: Readable) => void) => next(Readable.from(chunks));

/** The stream of one part is made when its turn comes. */
function formWithLazyPart(): FormDataStream {
    const form = new FormDataStream();
    form.append('text', 'in memory');
    form.append('file', open, { filename: 'a.txt', knownLength: whole.length });
    form.append('more', Buffer.from('in memory as well'));
    return form;
}

function webStream(): ReadableStream {
    return new ReadableStream({
        start(controller) {
            for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
            controller.close();
        },
    });
}

/** As streams were before Node 0.10, and as some packages still make them: they can be piped, and nothing else. */
function oldStream(): Stream {
    const stream = new Stream();
    setTimeout(() => {
        for (const chunk of chunks) stream.emit('data', Buffer.from(chunk));
        stream.emit('end');
    }, 30);
    return stream;
}

/** A stream that has some of what tells a form-data, as those of other packages and of older versions do. */
function almostForm(own: object): Readable {
    return Object.assign(Readable.from(chunks), own);
}

const getHeaders = () => ({ 'content-type': 'multipart/form-data' });
const getBuffer = () => Buffer.from(whole);

const bodies: [name: string, adapter: Adapter, config: () => AxiosRequestConfig][] = [
    ['a Node stream', 'http', () => ({ data: Readable.from(chunks) })],
    ['a Node stream of the oldest kind', 'http', () => ({ data: oldStream() })],
    ['a Node stream without redirects', 'http', () => ({ data: Readable.from(chunks), maxRedirects: 0 })],
    ['a form-data with a stream in it', 'http', () => ({ data: formWithStream() })],
    ['a form-data with a part that is opened when its turn comes', 'http', () => ({ data: formWithLazyPart() })],
    ['a form that does not give its bytes', 'http', () => ({ data: almostForm({ _streams: [whole], getHeaders }) })],
    ['a form that does not give its headers', 'http', () => ({ data: almostForm({ _streams: [whole], getBuffer }) })],
    [
        'a form with a stream where a part should end',
        'http',
        () => ({ data: almostForm({ _streams: ['', whole, Readable.from(chunks)], getBuffer, getHeaders }) }),
    ],
    ['a form that does not show its parts', 'http', () => ({ data: almostForm({ getBuffer, getHeaders }) })],
    ['a stream made by transformRequest', 'http', () => ({ transformRequest: () => Readable.from(chunks) })],
    ['a web ReadableStream', 'fetch', () => ({ data: webStream() })],
    ['a Node stream', 'fetch', () => ({ data: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) })],
    ['a stream made by transformRequest', 'fetch', () => ({ transformRequest: () => webStream() })],
];

describe('a body that can be read only once', () => {
    it.each(bodies)('is never sent again: %s, over %s', async (_name, adapter, config) => {
        const { server, client } = await arrange(adapter);

        const error = await failureOf(client.request({ method: 'post', url: '/upload', ...config() }));

        expect(error.response?.status).toBe(401);
        expect(error.response?.data).toEqual({ error: 'invalid_token' });
        expect(server.received.map(({ url }) => url)).toEqual(['/first', '/upload']);
        expect(String(server.received[1]?.body)).toContain(whole);
    });

    it.each(bodies)('leaves a new token for the next request: %s, over %s', async (_name, adapter, config) => {
        const { issuer, server, client } = await arrange(adapter);
        await failureOf(client.request({ method: 'post', url: '/upload', ...config() }));

        expect((await client.request({ method: 'post', url: '/upload', ...config() })).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(String(server.received[2]?.body)).toContain(whole);
        expect(issuer.created).toBe(2);
    });

    it('costs no token that nobody asks for: the new one is created for the next request', async () => {
        const { issuer, client } = await arrange('http');

        await failureOf(client.post('/upload', Readable.from(chunks)));

        expect(issuer.created).toBe(1);
        await client.get('/next');
        expect(issuer.contexts.map((context) => context?.reason)).toEqual(['missing', 'rejected']);
    });

    it.each(['http', 'fetch'] as const)(
        'does not hang when the 401 comes before it was read, over %s',
        async (adapter) => {
            const { server, client } = await arrange(adapter, true);
            const megabytes = Array.from({ length: 40 }, () => Buffer.alloc(100_000, 'x'));

            const error = await failureOf(
                client.post('/upload', adapter === 'http' ? Readable.from(megabytes) : toWeb(megabytes)),
            );

            expect(error.response?.status).toBe(401);
            expect(server.received).toHaveLength(2);
            expect((await client.get('/next')).status).toBe(200);
        },
    );

    it('is answered for like any other by a second answer: a stream sent with a good token arrives whole', async () => {
        const { server, client } = await arrange('http');
        await client.get('/heal');

        await client.post('/upload', formWithStream());

        expect(String(server.received.at(-1)?.body)).toContain('in memory');
        expect(String(server.received.at(-1)?.body)).toContain(whole);
        expect(server.authorizations.at(-1)).toBe('Bearer token-2');
    });
});

it('a web stream that can only be read, as in browsers that cannot iterate it, is not sent again', async () => {
    const stream = { getReader: () => webStream().getReader() };
    const sent: unknown[] = [];
    const client = axios.create({
        baseURL: 'https://api.example.com',
        transformRequest: () => stream,
        adapter: async (config) => {
            sent.push(config.data);
            return { status: 401, statusText: '', headers: {}, config, data: '' };
        },
    });
    attachTokenCreator(client, createIssuer().creator);

    expect((await client.post('/upload')).status).toBe(401);

    expect(sent).toEqual([stream]);
});

function toWeb(parts: Buffer[]): ReadableStream {
    return Readable.toWeb(Readable.from(parts));
}
