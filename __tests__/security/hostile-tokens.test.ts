import { createServer, type Server, type Socket } from 'node:net';
import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    TokenResponseError,
    type TokenCreator,
} from '../../src/index.js';
import { adapters, failureOf, ok, useServers } from '../support/servers.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

const serve = useServers();

/** An API that keeps every byte it gets, and answers each request whose headers are whole. */
interface RawApi {
    readonly url: string;
    bytes(): string;
    close(): Promise<void>;
}

async function startRawApi(): Promise<RawApi> {
    let received = '';
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => {
            received += chunk.toString('latin1');
            if (received.endsWith('\r\n\r\n')) {
                socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok');
            }
        });
    });
    await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    return {
        url: `http://127.0.0.1:${port}`,
        bytes: () => received,
        close: () =>
            new Promise((resolve) => {
                for (const socket of sockets) socket.destroy();
                server.close(() => resolve());
            }),
    };
}

const UNSENDABLE: [what: string, token: unknown][] = [
    ['a header in it', 'canary\r\nX-Injected: yes'],
    ['a request in it', 'canary\r\n\r\nGET /admin HTTP/1.1\r\nHost: api'],
    ['a line feed', 'canary\nX-Injected: yes'],
    ['a carriage return', 'canary\rX-Injected: yes'],
    ['a folded line', 'canary\r\n folded'],
    ['a line feed at its end', 'canary\n'],
    ['a NUL', 'canary\0'],
    ['an escape', 'canary\u001b[2J'],
    ['a DEL', 'canary\u007f'],
    ['a tab', 'canary\ttoken'],
    ['a space', 'canary token'],
    ['a space before it', ' canary'],
    ['a Latin-1 letter', 'canäry'],
    ['a no-break space', 'canary\u00a0'],
    ['a line separator', 'canary\u2028X-Injected: yes'],
    ['a next line', 'canary\u0085X-Injected: yes'],
    ['letters that lose a byte to become CR and LF', 'canary\u010d\u010aX-Injected: yes'],
    ['a right-to-left override', 'canary\u202e'],
    ['an emoji', 'canary😀'],
    ['half a surrogate pair', 'canary\ud800'],
    ['nothing at all', ''],
    ['a list', ['canary']],
    ['an object that says it is a string', { toString: 'canary', length: 6 }],
    ['a number', 5],
];

const TYPES: [what: string, type: unknown][] = [
    ['a header in it', 'Bearer\r\nX-Injected: yes'],
    ['a space', 'Bearer '],
    ['another scheme', 'Basic'],
    ['letters that only look like it', 'B\u0435arer'],
    ['a letter that lower case changes', 'BEARE\u211b'],
    ['a list', ['Bearer']],
];

describe.each(adapters)('a malicious token, over %s,', (adapter) => {
    let api: RawApi;
    let endpoint: TokenEndpointServer;

    beforeEach(async () => {
        [api, endpoint] = await Promise.all([startRawApi(), startTokenEndpointServer()]);
    });

    afterEach(() => Promise.all([api.close(), endpoint.close()]));

    function clientWith(creator: TokenCreator): AxiosInstance {
        const client = axios.create({ baseURL: api.url, adapter, timeout: 10_000 });
        attachTokenCreator(client, creator);
        return client;
    }

    async function expectNothingSent(answer: Record<string, unknown>): Promise<void> {
        endpoint.reply(grant(answer));
        const creators: TokenCreator[] = [
            createClientTokenCreator({ id: 'an-id', secret: 'a-secret' }, { client: { baseURL: endpoint.url } }),
            async () => ({ access_token: 'x', token_type: 'Bearer', ...answer }),
        ];
        for (const creator of creators) {
            const error: unknown = await failureOf(clientWith(creator).get('/me'));

            expect(error).toBeInstanceOf(TokenResponseError);
            expect(JSON.stringify([String(error), error])).not.toMatch(/can.ry|Injected/);
        }
        expect(api.bytes()).toBe('');
    }

    test.each(UNSENDABLE)('one with %s, is never sent, nor repeated in the error', (_what, access_token) =>
        expectNothingSent({ access_token }),
    );

    test.each(TYPES)('whose type has %s, is never sent, nor repeated in the error', (_what, token_type) =>
        expectNothingSent({ token_type, access_token: 'canary' }),
    );

    test('of 1 MB is sent whole, as one header, or not at all', async () => {
        const value = 'a'.repeat(1_000_000);
        const client = clientWith(async () => ({ access_token: value, token_type: 'Bearer' }));

        const { status } = await client.get('/me');

        expect(status).toBe(200);
        expect(
            api
                .bytes()
                .split('\r\n')
                .filter((line) => /^authorization:/i.test(line)),
        ).toEqual([expect.stringMatching(/^authorization: Bearer a{1000000}$/i)]);
    });

    test('of 1 MB that the API refuses for its size fails that request alone, and creates no other token', async () => {
        const server = await serve(ok);
        let created = 0;
        const client = axios.create({ baseURL: server.url, adapter, timeout: 10_000 });
        attachTokenCreator(client, async () => {
            created += 1;
            return { access_token: 'a'.repeat(1_000_000), token_type: 'Bearer' };
        });

        const error = await failureOf(client.get('/me'));

        expect([431, undefined]).toContain(error.response?.status); // or the connection is reset before that is read
        expect(created).toBe(1);
        expect(server.received).toEqual([]);
        expect(JSON.stringify([error.message, error.toJSON(), error.stack])).not.toContain('aaaaaaaa');
    });
});
