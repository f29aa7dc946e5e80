import axios, { type AxiosRequestConfig } from 'axios';
import FormDataStream from 'form-data';
import { attachTokenCreator } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    ok,
    protectedBy,
    refuse,
    useServers,
    type ReceivedRequest,
} from '../support/servers.js';

const serve = useServers();

type Adapter = (typeof adapters)[number];

/** Sends a request whose token is refused once; returns both of its sendings as the server got them. */
async function sendTwice(adapter: Adapter, config: AxiosRequestConfig): Promise<[ReceivedRequest, ReceivedRequest]> {
    const issuer = createIssuer();
    const server = await serve(protectedBy(issuer));
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, issuer.creator);
    await client.get('/first');
    issuer.revoke();

    const { status } = await client.request({ url: '/upload', method: 'post', ...config });

    const [, first, second, ...others] = server.received;
    if (status !== 200 || !first || !second || others.length > 0) throw new Error('it was not sent twice');
    return [first, second];
}

interface Sent {
    text: string;
    type: string | undefined;
    headers: Record<string, unknown>;
}

/** A request without what may differ between two sendings: the token, and the boundary that each one draws. */
function comparable({ body, headers: all }: ReceivedRequest): Sent {
    const headers = { ...all, authorization: undefined };
    const type = headers['content-type'];
    const boundary = /boundary=(\S+)$/.exec(type ?? '')?.[1];
    const neutral = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
    return { text: neutral(body.toString('latin1')), type: type && neutral(type), headers };
}

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
const allBytes = Buffer.from(bytes).toString('latin1');
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const plainBodies: [name: string, config: () => AxiosRequestConfig, text: string, type: string | undefined][] = [
    ['an object, as JSON', () => ({ data: { a: 1, b: ['ü'] } }), latin1('{"a":1,"b":["ü"]}'), JSON_TYPE],
    ['a string', () => ({ data: 'plain' }), 'plain', FORM_TYPE],
    ['an empty string', () => ({ data: '' }), '', FORM_TYPE],
    ['no body', () => ({}), '', FORM_TYPE],
    ['null', () => ({ data: null }), '', FORM_TYPE],
    [
        'a string with a JSON content type',
        () => ({ data: '{"a": 1}', headers: { 'Content-Type': JSON_TYPE } }),
        '{"a": 1}',
        JSON_TYPE,
    ],
    [
        'a bare word with a JSON content type, which is quoted once',
        () => ({ data: 'word', headers: { 'Content-Type': JSON_TYPE } }),
        '"word"',
        JSON_TYPE,
    ],
    [
        'URLSearchParams',
        () => ({ data: new URLSearchParams({ a: '1 2', b: 'ü' }) }),
        'a=1+2&b=%C3%BC',
        `${FORM_TYPE};charset=utf-8`,
    ],
    ['a Buffer', () => binary(Buffer.from(bytes)), allBytes, 'application/octet-stream'],
    ['a Uint8Array', () => binary(bytes), allBytes, 'application/octet-stream'],
    ['an ArrayBuffer', () => binary(bytes.buffer), allBytes, 'application/octet-stream'],
    [
        'a Blob',
        () => ({ data: new Blob([bytes], { type: 'image/png' }), headers: { 'Content-Type': 'image/png' } }),
        allBytes,
        'image/png',
    ],
    ['what a custom transformRequest made', () => ({ data: 'x', transformRequest: (x) => `<${x}>` }), '<x>', FORM_TYPE],
    ['a body of a PUT', () => ({ method: 'put', data: { a: 1 } }), '{"a":1}', JSON_TYPE],
    ['a body of a DELETE', () => ({ method: 'delete', data: { a: 1 } }), '{"a":1}', JSON_TYPE],
];

function binary(data: unknown): AxiosRequestConfig {
    return { data, headers: { 'Content-Type': 'application/octet-stream' } };
}

function latin1(text: string): string {
    return Buffer.from(text).toString('latin1');
}

function form(): FormData {
    const data = new FormData();
    data.append('text', 'zwölf');
    data.append('file', new Blob([bytes], { type: 'image/png' }), 'a.png');
    return data;
}

function formStream(boundary?: string): FormDataStream {
    const data = new FormDataStream();
    if (boundary) data.setBoundary(boundary);
    data.append('text', 'zwölf');
    data.append('file', Buffer.from(bytes), { filename: 'a.png', contentType: 'image/png' });
    return data;
}

const parts = [
    'Content-Disposition: form-data; name="text"',
    latin1('zwölf'),
    'Content-Disposition: form-data; name="file"; filename="a.png"',
    'Content-Type: image/png',
    allBytes,
];

describe.each(adapters)('a refused request is sent again byte for byte, over %s', (adapter) => {
    it.each(plainBodies)('%s', async (_name, config, text, type) => {
        const [first, second] = (await sendTwice(adapter, config())).map(comparable) as [Sent, Sent];

        expect(first.text).toBe(text);
        expect(second.text).toBe(text);
        // fetch declares some types on its own, with another spelling.
        expect(first.type?.toLowerCase().replace('; ', ';')).toBe(text === '' ? first.type : type);
        expect(second.headers).toEqual(first.headers);
    });

    it('FormData, but for the boundary', async () => {
        const config = { data: form(), headers: { 'Content-Type': 'multipart/form-data' } };
        const [first, second] = (await sendTwice(adapter, config)).map(comparable) as [Sent, Sent];

        expect(first.type).toBe('multipart/form-data; boundary=BOUNDARY');
        for (const part of parts) expect(first.text).toContain(part);
        expect(first.text.trimEnd().endsWith('--BOUNDARY--')).toBe(true);
        expect(second).toEqual({
            ...first,
            headers: { ...first.headers, 'content-type': second.headers['content-type'] },
        });
    });

    it('the method, the URL with its parameters and the headers are the same', async () => {
        const [first, second] = await sendTwice(adapter, {
            method: 'patch',
            url: '/a b/ü?x=1',
            params: { q: ['1', '&'] },
            data: { a: 1 },
            headers: { 'X-Own': 'yes', Accept: 'text/plain' },
        });

        expect(first).toMatchObject({ method: 'PATCH', headers: { 'x-own': 'yes', accept: 'text/plain' } });
        expect(first.url).toBe('/a%20b/%C3%BC?x=1&q%5B%5D=1&q%5B%5D=%26');
        expect(second.url).toBe(first.url);
        expect(second.method).toBe('PATCH');
        expect(second.headers).toEqual({ ...first.headers, authorization: 'Bearer token-2' });
    });
});

describe('a refused form of the form-data package whose parts are in memory is sent again, over http', () => {
    it('with the same parts', async () => {
        const [first, second] = (await sendTwice('http', { data: formStream() })).map(comparable) as [Sent, Sent];

        expect(first.type).toBe('multipart/form-data; boundary=BOUNDARY');
        for (const part of parts) expect(first.text).toContain(part);
        expect(second.text).toBe(first.text);
        expect(second.type).toBe(first.type);
    });

    it('with many strings and Buffers, some of them as files', async () => {
        const data = new FormDataStream();
        data.append('first', 'one');
        data.append('second', Buffer.from(bytes));
        data.append('third', '2', { contentType: 'text/plain' });
        data.append('empty', '');
        data.append('file', Buffer.from(bytes), { filename: 'a.png', contentType: 'image/png', knownLength: 256 });
        data.append('named', 'of text', 'a.txt');
        data.append('last', Buffer.alloc(0), { filepath: 'deep/b.txt', header: { 'X-Part': 'yes' } });

        const [first, second] = await sendTwice('http', { data });

        const text = comparable(first).text;
        expect(text.split('--BOUNDARY')).toHaveLength(9);
        for (const part of ['one', allBytes, 'filename="a.png"', 'of text', 'filename="deep/b.txt"', 'X-Part: yes']) {
            expect(text).toContain(part);
        }
        expect(comparable(second).text).toBe(text);
        expect(second.headers['content-length']).toBe(String(second.body.length));
    });

    it('with a length and a boundary that are those of its body', async () => {
        const [, second] = await sendTwice('http', { data: formStream() });

        expect(second.headers['content-length']).toBe(String(second.body.length));
        expect(second.headers['transfer-encoding']).toBeUndefined();
        const boundary = /boundary=(.+)$/.exec(second.headers['content-type'] ?? '')?.[1];
        expect(String(second.body).startsWith(`--${boundary}\r\n`)).toBe(true);
    });

    it('with the content type of its boundary also when the first sending was a copy', async () => {
        const issuer = createIssuer();
        const server = await serve((exchange) =>
            (exchange.received.headers.authorization === 'Bearer token-1' ? refuse : ok)(exchange),
        );
        const client = axios.create({ baseURL: server.url, adapter: 'http' });
        attachTokenCreator(client, issuer.creator);

        // It waits for its token, so that it is sent with what is left of its timeout.
        await client.post('/upload', formStream(), { timeout: 5_000 });

        const [first, second] = server.received.map(comparable);
        expect(first?.type).toBe('multipart/form-data; boundary=BOUNDARY');
        expect(second?.type).toBe(first?.type);
        expect(second?.text).toBe(first?.text);
    });

    it('with the boundary that the caller had set', async () => {
        const data = formStream('own-boundary');

        const [first, second] = await sendTwice('http', { data, headers: data.getHeaders() });

        expect(second.headers['content-type']).toBe('multipart/form-data; boundary=own-boundary');
        expect(second.body.equals(first.body)).toBe(true);
    });

    it('as postForm makes it of an object with a Buffer', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter: 'http' });
        attachTokenCreator(client, issuer.creator);
        await client.get('/first');
        issuer.revoke();

        await client.postForm('/upload', { text: 'zwölf', 'list[]': [1, 2], file: Buffer.from(bytes) });

        const [, first, second] = server.received.map(comparable);
        expect(first?.text).toContain(latin1('zwölf'));
        expect(first?.text).toContain(allBytes);
        expect(second?.text).toBe(first?.text);
        expect(server.received).toHaveLength(3);
    });

    it('as often as tokens are refused, from one FormData object that the caller keeps', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter: 'http' });
        attachTokenCreator(client, issuer.creator);
        await client.get('/first');
        const data = form();

        for (const round of [1, 2, 3]) {
            issuer.revoke();
            expect((await client.post(`/upload/${round}`, data)).status).toBe(200);
        }

        const texts = server.received.slice(1).map((received) => comparable(received).text);
        expect(texts).toHaveLength(6);
        expect(new Set(texts).size).toBe(1);
    });
});
