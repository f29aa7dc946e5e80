import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { attachTokenCreator, type TokenAttachment } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    refuse,
    sendJson,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
}

async function arrange(adapter: string, route: Route): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route);
    const client = axios.create({ baseURL: server.url, adapter });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator) };
}

const TOKEN = /token-\d/;

/** What people and loggers print of an error, to any depth but for streams, which know the request they belong to. */
function prints(error: AxiosError): string[] {
    const isStream = error.config?.responseType === 'stream';
    return [
        inspect(error),
        inspect({ error }),
        inspect([{ error }], { depth: isStream ? 3 : Infinity }),
        JSON.stringify({ error }),
        JSON.stringify([error.toJSON?.()]),
        String(error),
        String(error.stack),
    ];
}

const hang: Route = () => undefined;
const fail: Route = (exchange) => sendJson(exchange, 500, { error: 'broken' });
const cut: Route = ({ response }) => void response.destroy();
const cutBody: Route = ({ response }) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('begun');
    setTimeout(() => response.destroy(), 20);
};
const redirectForEver: Route = ({ response }) => void response.writeHead(302, { location: '/again' }).end();

const redirect: Route = ({ response }) => void response.writeHead(302, { location: '/there' }).end();

const compressed: Route = ({ response }) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('answered'));
};
const plain: Route = ({ response }) => void response.end('answered');

const failures: [name: string, route: Route, config: AxiosRequestConfig][] = [
    ['an error status', fail, {}],
    ['an error status to a body', fail, { method: 'post', data: { a: 1 } }],
    ['an error status to a form', fail, { method: 'post', data: new URLSearchParams('a=1') }],
    ['an error status, as a stream', fail, { responseType: 'stream' }],
    ['an error status, without redirects', fail, { maxRedirects: 0 }],
    ['a 401 that could not be healed', refuse, {}],
    ['no answer', cut, {}],
    ['half an answer', cutBody, {}],
    ['a timeout', hang, { timeout: 50 }],
    ['an abort', hang, { signal: undefined }],
    ['too many redirects', redirectForEver, { maxRedirects: 2 }],
    ['an answer that is too long', fail, { maxContentLength: 2 }],
    ['a body that is too long', fail, { maxBodyLength: 2, method: 'post', data: 'long' }],
    ['an answer that cannot be parsed', ({ response }) => void response.end('{'), { responseType: 'json' }],
];

describe.each(adapters)('a printed error never shows the token, over %s', (adapter) => {
    it.each(failures)('of %s', async (name, route, config) => {
        const { client, attachment } = await arrange(adapter, route);
        await attachment.source.getToken();
        const signal = name === 'an abort' ? AbortSignal.timeout(50) : undefined;
        const strict = { transitional: { silentJSONParsing: false, forcedJSONParsing: true } };

        const error = await failureOf(client.request({ url: '/me', ...strict, ...config, signal }));

        for (const printed of prints(error)) expect(printed).not.toMatch(TOKEN);
    });

    it('of a request that was sent again', async () => {
        const { client, server } = await arrange(adapter, (exchange) =>
            (exchange.received.headers.authorization === 'Bearer token-1' ? refuse : fail)(exchange),
        );

        const error = await failureOf(client.get('/me'));

        expect(error.response?.status).toBe(500);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        for (const printed of prints(error)) expect(printed).not.toMatch(TOKEN);
    });

    it('of a request that waited for its token', async () => {
        const { client, issuer } = await arrange(adapter, fail);
        issuer.delay = 10;

        const error = await failureOf(client.get('/me', { timeout: 5_000 }));

        expect(error.response?.status).toBe(500);
        for (const printed of prints(error)) expect(printed).not.toMatch(TOKEN);
    });

    it('of a creation that failed after a token was refused', async () => {
        const { client } = await arrange(adapter, refuse);
        let calls = 0;
        attachTokenCreator(client, async () => {
            calls += 1;
            return calls === 1 ? { access_token: 'token-1', token_type: 'Bearer' } : ({ token: 'token-2' } as never);
        });

        const error = await failureOf(client.get('/me'));

        expect(error.name).toBe('TokenResponseError');
        for (const printed of prints(error)) expect(printed).not.toMatch(TOKEN);
    });

    it('and the request of the error is still there for those who need it', async () => {
        const { client } = await arrange(adapter, fail);

        const error = await failureOf(client.get('/me'));

        expect(error.request).toBeDefined();
        expect(error.response?.request).toBeDefined();
        expect(error.toJSON()).toMatchObject({ status: 500, config: { url: '/me' } });
    });
});

describe('a printed error never shows the token, over http, of an upload that was answered before its end', () => {
    it.each([{}, { maxRedirects: 0 }])('with %j', async (config) => {
        const server = await serve(fail, { answersEarly: true });
        const client = axios.create({ baseURL: server.url, adapter: 'http' });
        attachTokenCreator(client, createIssuer().creator);
        const data = new Readable({ read: () => undefined });
        data.push('begun');

        const error = await failureOf(client.post('/me', data, config));

        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(error.config?.data).toBe(data);
        for (const printed of prints(error)) expect(printed).not.toMatch(TOKEN);
        data.destroy();
    });
});

describe('a printed answer that is a stream never shows the token, over http', () => {
    const streams: [name: string, route: Route, config: AxiosRequestConfig][] = [
        ['as it is', plain, {}],
        ['decompressed', compressed, {}],
        ['not decompressed', compressed, { decompress: false }],
        ['without redirects', plain, { maxRedirects: 0 }],
        ['with a download rate', plain, { maxRate: [1e9, 1e9] }],
        ['with a limit of its length', plain, { maxContentLength: 1_000_000 }],
        ['of a POST', plain, { method: 'post', data: { a: 1 } }],
        ['after a redirect', (exchange) => (exchange.received.url === '/me' ? redirect : plain)(exchange), {}],
        ['through an agent that keeps its sockets', plain, { httpAgent: new Agent({ keepAlive: true }) }],
    ];

    it.each(streams)('%s', async (_name, route, config) => {
        const { client, server } = await arrange('http', route);

        const response = await client.request<Readable>({ url: '/me', responseType: 'stream', ...config });

        expect(server.authorizations.at(-1)).toBe('Bearer token-1');
        const texts = [inspect(response), inspect({ response }), inspect(response, { depth: 4 })];
        for (const printed of texts) expect(printed).not.toMatch(TOKEN);
        response.data.destroy();
    });

    it.each(streams)('of an error: %s', async (_name, route, config) => {
        const { client } = await arrange('http', route);

        const error = await failureOf(
            client.request({ url: '/me', responseType: 'stream', validateStatus: () => false, ...config }),
        );

        for (const printed of [inspect(error), inspect({ error }), inspect(error, { depth: 4 })]) {
            expect(printed).not.toMatch(TOKEN);
        }
        (error.response as AxiosResponse<Readable>).data.destroy();
    });

    it('and can still be read', async () => {
        const { client } = await arrange('http', compressed);

        const response = await client.get<Readable>('/me', { responseType: 'stream' });

        expect(await text(response.data)).toBe('answered');
        expect(response.request).toBeDefined();
    });
});

describe('printed', () => {
    it('an attachment, its source and its token do not show the token', async () => {
        const { attachment } = await arrange('http', fail);
        const token = await attachment.source.getToken();

        for (const printed of [attachment, attachment.source, token].flatMap((value) => [
            inspect(value, { depth: Infinity, showHidden: true }),
            JSON.stringify(value),
            // oxlint-disable-next-line typescript/no-base-to-string
            String(value),
        ])) {
            expect(printed).not.toMatch(TOKEN);
        }
    });

    it('a client that is attached does not show the token', async () => {
        const { client, attachment } = await arrange('http', fail);
        await attachment.source.getToken();
        await failureOf(client.get('/me'));

        expect(inspect(client, { depth: Infinity, showHidden: true })).not.toMatch(TOKEN);
    });

    it.each(adapters)('the config of an answer does not show the token, over %s', async (adapter) => {
        const { client } = await arrange(adapter, (exchange) => sendJson(exchange, 200, {}));

        const { config, headers } = await client.get('/me');

        expect(inspect([config, headers], { depth: Infinity, showHidden: true })).not.toMatch(TOKEN);
        expect(JSON.stringify([config, headers])).not.toMatch(TOKEN);
    });

    it.each([
        ['an answer', {}],
        ['a stream', { responseType: 'stream' as const }],
        ['an answer of any status', { validateStatus: () => true }],
    ])('what an isRejected of the user is asked about does not show the token: %s', async (_, config) => {
        const issuer = createIssuer();
        const server = await serve(refuse);
        const printed: string[] = [];
        for (const adapter of [...adapters, axios.getAdapter('http')]) {
            const client = axios.create({ baseURL: server.url, adapter });
            const isRejected = (response: AxiosResponse): boolean => {
                printed.push(inspect(response), inspect({ ...response }, { depth: 3 }));
                printed.push(inspect(response.config, { depth: Infinity }), inspect(response.data));
                return response.status === 401;
            };
            attachTokenCreator(client, issuer.creator, { isRejected });
            await Promise.allSettled([client.get('/me', config)]);
        }

        expect(printed.length).toBeGreaterThanOrEqual(4 * 2 * 3);
        expect(printed.join('\n')).not.toMatch(TOKEN);
    });
});

describe('an adapter that is a function and keeps what it answered', () => {
    it.each([
        ['answers', (response: AxiosResponse) => Promise.resolve(response)],
        [
            'errors',
            (response: AxiosResponse) =>
                Promise.reject(new AxiosError('no', undefined, response.config, undefined, response)),
        ],
    ])('keeps no token with refused %s', async (_, settle) => {
        const kept: AxiosResponse[] = [];
        const statuses = [401, 200];
        const client = axios.create({
            baseURL: 'http://api.invalid',
            adapter: (config) => {
                const status = statuses.shift() ?? 0;
                kept.push({ status, statusText: '', headers: {}, config, data: '' });
                return settle(kept.at(-1) as AxiosResponse);
            },
            validateStatus: () => true,
        });
        attachTokenCreator(client, createIssuer().creator);

        await client.get('/me').catch(() => {});

        expect(kept.map(({ status }) => status)).toEqual([401, 200]);
        expect(inspect(kept, { depth: Infinity })).not.toMatch(TOKEN);
    });
});
