import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import axios from 'axios';
import NodeFormData from 'form-data';
import { attachTokenCreator } from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { createBoundClient, createBoundIssuer, proofOf, proofsOf, wantsNonce } from '../support/proofs.js';
import { adapters, failureOf, ok, useServers, type ReceivedRequest } from '../support/servers.js';

const serve = useServers();

const bytes = Buffer.from([0, 1, 2, 254, 255]);

function nodeForm(): NodeFormData {
    const form = new NodeFormData();
    form.append('name', 'value');
    form.append('file', bytes, { filename: 'a.bin' });
    return form;
}

function webForm(): FormData {
    const form = new FormData();
    form.append('name', 'value');
    form.append('file', new Blob([bytes]), 'a.bin');
    return form;
}

const kept: [string, () => unknown][] = [
    ['an object', () => ({ a: [1, { b: 'ü' }] })],
    ['a text', () => 'text ü'],
    ['a Buffer', () => bytes],
    ['an ArrayBuffer', () => new Uint8Array(bytes).buffer],
    ['URLSearchParams', () => new URLSearchParams({ a: '1', b: 'ü&' })],
    ['FormData', webForm],
    ["npm's form-data of parts in memory", nodeForm],
];

/** The body with another boundary, which may differ between two sendings of one form. */
function bodyOf(received: ReceivedRequest | undefined): string {
    const boundary = /boundary=(.*)/.exec(received?.headers['content-type'] ?? '')?.[1];
    const body = String(received?.body.toString('latin1'));
    return boundary ? body.replaceAll(boundary, 'boundary') : body;
}

describe.each(adapters)('a body is sent whole with the nonce, over %s', (adapter) => {
    const cases = kept.filter(([name]) => adapter === 'http' || !name.startsWith('npm'));

    it.each(cases)('%s', async (_name, create) => {
        const server = await serve(wantsNonce(() => 'n1'));
        const { client } = createBoundClient({ baseURL: server.url, adapter });

        const body = create();
        // By itself axios sends one over fetch, in Node, as if it were no multipart/form-data.
        const headers = body instanceof FormData ? { 'Content-Type': 'multipart/form-data' } : {};

        expect((await client.post('/upload', body, { headers })).status).toBe(200);

        const [first, second] = server.received;
        expect(server.received).toHaveLength(2);
        expect(first?.body.length).toBeGreaterThan(0);
        expect(bodyOf(second)).toBe(bodyOf(first));
        expect(second?.headers['content-type']?.split(';')[0]).toBe(first?.headers['content-type']?.split(';')[0]);
    });
});

const readOnce: [string, 'http' | 'fetch', () => unknown][] = [
    ['a Node stream', 'http', () => Readable.from([bytes])],
    ['a web stream', 'fetch', () => new Blob([bytes]).stream()],
    [
        'a form with a stream in it',
        'http',
        () => {
            const form = new NodeFormData();
            form.append('file', Readable.from([bytes]), { filename: 'a.bin' });
            return form;
        },
    ],
];

describe('a body that can be read once is not sent a second time, empty', () => {
    it.each(readOnce)('%s, over %s', async (_name, adapter, create) => {
        const server = await serve(wantsNonce(() => 'n1'));
        const { client } = createBoundClient({ baseURL: server.url, adapter });

        const { response } = await failureOf(client.post('/upload', create()));

        expect(response).toMatchObject({ status: 401, data: { error: 'use_dpop_nonce' } });
        expect(server.received).toHaveLength(1);
        expect((await client.post('/upload', create())).status).toBe(200);
        const [first, second] = server.received;
        expect(bodyOf(second)).toBe(bodyOf(first));
    });

    it.each(readOnce)('and its token stays the one that it was: %s, over %s', async (_name, adapter, create) => {
        let nonce = 'n1';
        const server = await serve(wantsNonce(() => nonce));
        const { client, issuer } = createBoundClient({ baseURL: server.url, adapter });
        await client.get('/');
        nonce = 'n2';

        await failureOf(client.post('/upload', create()));
        await client.get('/');

        expect(issuer.created).toBe(1);
        expect(new Set(server.authorizations)).toEqual(new Set(['DPoP token-1']));
    });
});

describe('the answer that asks for a nonce is let go', () => {
    it.each([false, true])(
        'its socket is free for the next sending, with keepAlive %s',
        async (keepAlive) => {
            const server = await serve(async (exchange) => {
                const { claims } = await proofOf(exchange.received);
                if (claims.nonce) return ok(exchange);
                const headers = { 'dpop-nonce': 'n1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
                exchange.response.writeHead(401, headers).end(Buffer.alloc(4_000_000));
            });
            const httpAgent = new Agent({ maxSockets: 1, keepAlive });
            const { client } = createBoundClient({ baseURL: server.url, adapter: 'http', httpAgent });

            const { data } = await client.get<Readable>('/me', { responseType: 'stream' });

            expect(String(Buffer.concat((await data.toArray()) as Buffer[]))).toBe('{"ok":true}');
            httpAgent.destroy();
        },
        5_000,
    );
});

it('interceptors and transforms see one request and one answer', async () => {
    const server = await serve(wantsNonce(() => 'n1'));
    const client = axios.create({
        baseURL: server.url,
        transformRequest: [(data: string) => `(${data})`],
        transformResponse: [(data: string) => `[${data}]`],
    });
    const seen: string[] = [];
    client.interceptors.request.use((config) => {
        seen.push('request');
        return config;
    });
    client.interceptors.response.use(
        (response) => {
            seen.push(`answer ${response.status}`);
            return response;
        },
        (error: unknown) => {
            seen.push('error');
            throw error;
        },
    );
    attachTokenCreator(client, createBoundIssuer().creator, { scheme: dpop() });

    const { data } = await client.post<string>('/me', 'x', { headers: { 'Content-Type': 'text/plain' } });

    expect(data).toBe('[{"ok":true}]');
    expect(seen).toEqual(['request', 'answer 200']);
    expect(server.received.map(({ body }) => String(body))).toEqual(['(x)', '(x)']);
    expect(await proofsOf(server.received)).toHaveLength(2);
});
