import axios from 'axios';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createClientTokenCreator, TokenError } from '../src/index.js';
import { reset, startTokenEndpointServer } from './support/token-endpoint-server.js';

const servers: Server[] = [];

/** A port on which anything that is said is answered with these bytes. */
async function listen(bytes: string): Promise<number> {
    const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(bytes));
    });
    await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });
    servers.push(server);
    return (server.address() as AddressInfo).port;
}

afterEach(async () => {
    const open = servers.splice(0);
    await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function expectNetworkError(client: object): Promise<TokenError> {
    const creator = createClientTokenCreator({ id: 'my-client', secret: 'a-canary-secret' }, { client });
    const error: unknown = await creator().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ name: 'TokenError', code: 'network' });
    expect(axios.isAxiosError(error)).toBe(false);
    expect((error as Error).message).not.toContain('canary');
    return error as TokenError;
}

describe.each(['http', 'fetch'])('over the %s adapter, it is a network error', (adapter) => {
    test('when the connection is refused', async () => {
        const server = await startTokenEndpointServer();
        await server.close();

        await expectNetworkError({ baseURL: server.url, adapter });
    });

    test('when the connection is reset', async () => {
        const server = await startTokenEndpointServer();
        server.reply(reset());

        await expectNetworkError({ baseURL: server.url, adapter });

        expect(server.requests).toHaveLength(1);
        await server.close();
    });

    test.each([
        ['says something that is no TLS', 'https', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
        ['says nothing in TLS', 'https', ''],
        ['says something that is no HTTP', 'http', 'SSH-2.0-OpenSSH_9.9\r\n'],
        ['says nothing', 'http', ''],
        ['breaks off in the headers', 'http', 'HTTP/1.1 200 OK\r\ncontent-ty'],
        ['breaks off in the body', 'http', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":"x"'],
        ['breaks off in a chunk', 'http', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"access_'],
        ['sends a status line of nonsense', 'http', 'HTTP/1.1 abc OK\r\n\r\n'],
    ])('when the server %s', async (_, protocol, bytes) => {
        const port = await listen(bytes);

        await expectNetworkError({ baseURL: `${protocol}://127.0.0.1:${port}`, adapter, timeout: 3_000 });
    });
});

const lookup = (
    hostname: string,
    _: object,
    callback: (error: Error, address: string, family: number) => void,
): void => {
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '', 4);
};

/** A client whose requests fail like that. */
const failing = (message: string, code?: string): object => ({
    baseURL: 'http://auth.invalid',
    adapter: async () => {
        throw Object.assign(new Error(message), code !== undefined && { code });
    },
});

describe('it is a network error', () => {
    test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
        'that says that the endpoint could not be reached, with the code %s',
        async (code) => {
            const { message } = await expectNetworkError(failing('no way', code));

            expect(message).toBe(`the token endpoint could not be reached (${code}: no way)`);
        },
    );

    test.each(['ECONNRESET', 'EPIPE', 'ERR_NETWORK', 'ERR_ENOTFOUND', 'ECONNREFUSED_LATE'])(
        'that does not say so with the code %s: the request may have arrived',
        async (code) => {
            const { message } = await expectNetworkError(failing('no way', code));

            expect(message).toBe(`the token endpoint gave no answer (${code}: no way)`);
        },
    );

    test('that says only what is known', async () => {
        const { message } = await expectNetworkError(failing('no way'));

        expect(message).toBe('the token endpoint gave no answer (no way)');
    });

    test('when something but the size of the answer is wrong, whatever it says of that', async () => {
        await expectNetworkError(failing('proxy: maxContentLength size of 5 exceeded'));
    });

    test('when the name cannot be resolved, and its code is told', async () => {
        const { message } = await expectNetworkError({ baseURL: 'http://auth.invalid', adapter: 'http', lookup });

        expect(message).toMatch(/ENOTFOUND.*auth\.invalid/);
    });

    test('that tells the code of a refused connection', async () => {
        const server = await startTokenEndpointServer();
        await server.close();

        const { message } = await expectNetworkError({ baseURL: server.url, adapter: 'http' });

        expect(message).toMatch(/ECONNREFUSED/);
    });

    test('when there is no such adapter', async () => {
        await expectNetworkError({ baseURL: 'http://127.0.0.1:1', adapter: 'no-such-adapter' });
    });
});

test.each(['http', 'fetch'])(
    'an answer that cannot be unpacked is no axios error over the %s adapter',
    async (adapter) => {
        const head = 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 11\r\n\r\n';
        const port = await listen(`${head}not zipped!`);
        const client = { baseURL: `http://127.0.0.1:${port}`, adapter, timeout: 3_000 };

        const error: unknown = await createClientTokenCreator({ id: 'a', secret: 'b' }, { client })().catch(
            (reason: unknown) => reason,
        );

        expect(error).toBeInstanceOf(TokenError);
        expect(['network', 'response']).toContain((error as TokenError).code);
    },
);
