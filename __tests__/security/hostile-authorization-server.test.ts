import { once } from 'node:events';
import { Agent } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import type { AxiosRequestConfig } from 'axios';
import {
    createClientTokenCreator,
    createDeviceTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
    introspectToken,
    revokeToken,
    TokenError,
    TokenResponseError,
} from '../../src/index.js';
import { createMemoryStore, withSharedToken } from '../../src/shared/index.js';
import { adapters, failOnUnhandledRejections, failureOf, wait } from '../support/servers.js';
import {
    answer,
    grant,
    redirect,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from '../support/token-endpoint-server.js';

failOnUnhandledRejections();

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const credentials = { id: 'an-id', secret: 'canary-secret' };
const asJson = { headers: { 'content-type': 'application/json' } };
const BODY = '{"access_token":"honest","token_type":"Bearer"}';

describe.each(adapters)('over %s', (adapter) => {
    const client = (): AxiosRequestConfig => ({ baseURL: server.url, adapter, timeout: 10_000 });

    const endpoints: [string, () => Promise<unknown>][] = [
        ['token', () => createClientTokenCreator(credentials, { client: client() })()],
        [
            'password',
            () => createUserTokenCreator({ name: 'admin', password: 'canary-password' }, { client: client() })(),
        ],
        [
            'device authorization',
            () =>
                createDeviceTokenCreator(
                    { onUserCode: () => undefined },
                    { client: client(), clientId: 'an-id', deviceAuthorizationEndpoint: '/device' },
                )(),
        ],
        ['revocation', () => revokeToken('canary-token', { client: client() })],
        ['introspection', () => introspectToken('canary-token', { client: client() })],
        ['metadata', () => createClientTokenCreator(credentials, { client: client(), issuer: discover(server.url) })()],
    ];

    test.each(endpoints)('no credential follows a redirect of the %s endpoint to another host', async (_name, ask) => {
        const elsewhere = await startTokenEndpointServer();
        for (const status of [301, 302, 303, 307, 308]) {
            server.reply(redirect(`${elsewhere.url}/steal`, status));
            expect(await failureOf(ask())).toBeInstanceOf(TokenError);
        }
        await elsewhere.close();

        expect(server.requests.length).toBeGreaterThanOrEqual(5);
        expect(elsewhere.requests).toEqual([]);
    });

    const spaces = ' '.repeat(10_000_000);
    const tooMuch: [string, () => Reply][] = [
        ['a token of 10 MB', () => grant({ access_token: 'a'.repeat(10_000_000) })],
        ['10 MB of white space before it', () => answer(`${spaces}${BODY}`, asJson)],
        ['10 MB of white space after it', () => answer(`${BODY}${spaces}`, asJson)],
        ['10 MB of it in 10 kB, by deflate', () => compressed('deflate', deflateSync(`${spaces}${BODY}`))],
        ['10 MB of it in 10 kB, by gzip', () => compressed('gzip', gzipSync(`${spaces}${BODY}`))],
    ];

    test.each(tooMuch)('a grant with %s is refused for its size', async (_what, reply) => {
        server.reply(reply());

        const error = await failureOf(createClientTokenCreator(credentials, { client: client() })());

        expect(error).toBeInstanceOf(TokenResponseError);
        expect(error.message).toContain('too long');
        expect(error.message.length).toBeLessThan(500);
    });

    const DEPTH = 200_000; // within the 1 MiB that is read at most
    const deep = `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`;
    const nested: [string, string, boolean][] = [
        ['beside the token', `{"access_token":"a-token","token_type":"Bearer","x":${deep}}`, true],
        ['in the place of the token', `{"access_token":${deep}}`, false],
        ['in the place of the error', `{"error":${deep},"error_description":${deep}}`, false],
        ['in the place of the lifetime', `{"access_token":"a-token","expires_in":${deep},"scope":${deep}}`, true],
        ['all around', deep, false],
    ];

    test.each(nested)('JSON that is nested 200,000 deep %s overflows nothing', async (_where, body, isGrant) => {
        server.reply(answer(body, asJson));
        const create = createClientTokenCreator(credentials, { client: client() });

        const direct = createTokenSource(create).getToken();
        const shared = createTokenSource(withSharedToken(create, { store: createMemoryStore(), key: 'a' })).getToken();

        for (const given of [direct, shared]) {
            const outcome = await given.then(
                ({ value }) => value,
                (error: Error) => error instanceof TokenError,
            );
            expect(outcome).toBe(isGrant ? 'a-token' : true);
        }
    });

    test('an answer that comes after the timeout is used by nobody', async () => {
        server.reply(async (response) => {
            await wait(900);
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ access_token: 'late', token_type: 'Bearer' }));
        }, grant());
        const create = createClientTokenCreator(credentials, { client: { ...client(), timeout: 600 } });
        const source = createTokenSource(create);

        expect(await failureOf(source.getToken())).toMatchObject({ code: 'timeout' });
        await server.requests[0]?.closed;
        expect(source.current()).toBeUndefined();
        expect((await source.getToken()).value).toBe('an-access-token');
    });
});

function compressed(encoding: string, body: Buffer): Reply {
    return answer(body, { headers: { 'content-type': 'application/json', 'content-encoding': encoding } });
}

/** A server that writes these bytes on each request, whatever HTTP says, one connection after the other. */
async function startLiar(bytes: string, end: boolean): Promise<{ url: string; close(): Promise<void> }> {
    const sockets = new Set<Socket>();
    const liar: Server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('data', () => {
            socket.write(bytes);
            if (end) socket.end();
        });
    });
    liar.listen(0, '127.0.0.1');
    await once(liar, 'listening');
    return {
        url: `http://127.0.0.1:${(liar.address() as { port: number }).port}`,
        close: () =>
            new Promise((resolve) => {
                for (const socket of sockets) socket.destroy();
                liar.close(() => resolve());
            }),
    };
}

const response = (headers: string, body: string): string =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${body}`;
const injected = response('content-length: 49', '{"access_token":"injected","token_type":"Bearer"}');
const exact = `content-length: ${BODY.length}`;

describe.each(adapters)('a server that lies about its answer, over %s:', (adapter) => {
    const lies: [what: string, bytes: string, end: boolean][] = [
        ['that is shorter than it says', response(`content-length: ${BODY.length + 10}`, BODY), true],
        ['that is cut within the token', response('content-length: 20', BODY), false],
        ['that ends without its last chunk', response('transfer-encoding: chunked', '2f\r\n' + BODY), true],
        ['whose chunk has a size of nonsense', response('transfer-encoding: chunked', `zz\r\n${BODY}`), true],
        ['with two lengths', response(`content-length: 3\r\ncontent-length: ${BODY.length}`, BODY), true],
        ['with a length below zero', response('content-length: -1', BODY), true],
        ['with a length of nonsense', response('content-length: 1e3', BODY), true],
        ['that is no HTTP', `220 smtp.example ESMTP\r\n${BODY}`, true],
    ];

    test.each(lies)('an answer %s is no grant', async (_what, bytes, end) => {
        const liar = await startLiar(bytes, end);
        const client = { baseURL: liar.url, adapter, timeout: 2_000 };

        const error = await failureOf(createClientTokenCreator(credentials, { client })());

        await liar.close();
        expect(error).toBeInstanceOf(TokenError);
        expect(String(error)).not.toContain('honest');
    });

    test('a second answer behind the first is the answer to nothing', async () => {
        const liar = await startLiar(response(`${exact}\r\nconnection: keep-alive`, BODY) + injected, false);
        const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
        const create = createClientTokenCreator(credentials, { client: { baseURL: liar.url, adapter, httpAgent } });

        const tokens: string[] = [];
        for (let i = 0; i < 10; i++) tokens.push((await create().catch(() => undefined))?.access_token ?? 'none');
        httpAgent.destroy();
        await liar.close();

        expect(tokens).toContain('honest');
        expect(tokens).not.toContain('injected');
    });
});

test('what a hostile server says of an error cannot write to a terminal, nor a second line to a log', async () => {
    const said = 'no\r\n2026-01-01 INFO admin logged in\u001b[2J\u0007\u202e\u2028\u0000';
    server.reply(answer(JSON.stringify({ error: said, error_description: said, error_uri: said }), { status: 400 }));

    const error = await failureOf(createClientTokenCreator(credentials, { client: { baseURL: server.url } })());

    const printed = [error.message, ...Object.values(error).map(String)].join('');
    expect(printed).not.toMatch(/[\p{C}\u2028]/u);
    expect(error.message).toContain('admin logged in');
});
