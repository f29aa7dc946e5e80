import dns from 'node:dns';
import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import axios, { type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    refuse,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

/** Every name is this machine: names below localhost are not known to every resolver. */
const lookup: LookupFunction = (_hostname, options, callback) => dns.lookup('127.0.0.1', options, callback);
const httpAgent = new Agent({ lookup });

const redirectTo =
    (location: () => string, status = 302): Route =>
    ({ response }) => {
        response.writeHead(status, { location: location() });
        response.end();
    };

interface Scene {
    issuer: Issuer;
    /** Sends `/go` on to wherever `target` says, and answers all else. */
    server: TestServer;
    client: AxiosInstance;
}

async function arrange(adapter: string, target: (port: number) => string, options?: AttachOptions): Promise<Scene> {
    const issuer = createIssuer();
    const server: TestServer = await serve((exchange) => {
        const { pathname } = new URL(exchange.received.url, 'http://server.invalid');
        return (pathname === '/go' ? redirectTo(() => target(server.port)) : ok)(exchange);
    });
    const client = axios.create({ baseURL: `http://localhost:${server.port}`, adapter, httpAgent });
    attachTokenCreator(client, issuer.creator, options);
    return { issuer, server, client };
}

const hostsAndTokens = ({ received }: TestServer) =>
    received.map(({ headers }) => [headers.host?.replace(/:\d+$/, ''), headers.authorization]);

describe('over http, a token does not follow a redirect', () => {
    it.each([
        ['to another host', '127.0.0.1'],
        ['to a subdomain', 'a.localhost'],
        ['to a host that ends alike', 'notlocalhost'],
    ])('%s', async (_name, host) => {
        const { client, server } = await arrange('http', (port) => `http://${host}:${port}/there`);

        await client.get('/go');

        expect(hostsAndTokens(server)).toEqual([
            ['localhost', 'Bearer token-1'],
            [host, undefined],
        ]);
    });

    it('to another port of the same host', async () => {
        const other = await serve(ok);
        const { client, server } = await arrange('http', () => `http://localhost:${other.port}/there`);

        await client.get('/go');

        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(other.authorizations).toEqual([undefined]);
    });

    it('that comes in the second sending, after a 401', async () => {
        const issuer = createIssuer();
        const other = await serve(ok);
        const server = await serve(
            protectedBy(
                issuer,
                redirectTo(() => `${other.url}/there`),
            ),
        );
        const client = axios.create({ baseURL: `http://localhost:${server.port}`, adapter: 'http', httpAgent });
        const attachment = attachTokenCreator(client, issuer.creator);
        await attachment.source.getToken();
        issuer.revoke();

        await client.get('/go');

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(other.authorizations).toEqual([undefined]);
    });

    it('and is not given back on the way home', async () => {
        const home: TestServer = await serve(ok);
        const away = await serve(redirectTo(() => `http://localhost:${home.port}/again`));
        const start = await serve(redirectTo(() => `${away.url}/there`));
        const client = axios.create({ baseURL: `http://localhost:${start.port}`, adapter: 'http', httpAgent });
        attachTokenCreator(client, createIssuer().creator, { origins: [start.url.replace('127.0.0.1', 'localhost')] });

        await client.get('/go');

        expect(start.authorizations).toEqual(['Bearer token-1']);
        expect([...away.authorizations, ...home.authorizations]).toEqual([undefined, undefined]);
    });
});

describe('a redirect', () => {
    it.each(adapters)('within the origin keeps the token, over %s', async (adapter) => {
        const { client, server } = await arrange(adapter, () => '/there');

        expect((await client.get('/go')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
    });

    it.each(adapters)('to another origin loses the token, over %s', async (adapter) => {
        const other = await serve(ok);
        const { client, server } = await arrange(adapter, () => `${other.url}/there`);

        expect((await client.get('/go')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(other.authorizations).toEqual([undefined]);
    });

    it("leaves a caller's own Authorization to axios", async () => {
        const { client, server } = await arrange('http', () => '/there');

        await client.get('/go', { headers: { Authorization: 'Bearer own' } });

        expect(server.authorizations).toEqual(['Bearer own', 'Bearer own']);
    });

    it("still runs the caller's own beforeRedirect, which sees the headers that will be sent", async () => {
        const beforeRedirect = jest.fn<void, Parameters<NonNullable<AxiosRequestConfig['beforeRedirect']>>>();
        const { client, server } = await arrange('http', (port) => `http://a.localhost:${port}/there`);

        const { config } = await client.get('/go', { beforeRedirect });

        expect(beforeRedirect).toHaveBeenCalledTimes(1);
        const [options, details] = beforeRedirect.mock.calls[0] ?? [];
        expect(options).toMatchObject({ href: `http://a.localhost:${server.port}/there` });
        expect(JSON.stringify(options?.headers)).not.toContain('token-1');
        expect(details?.statusCode).toBe(302);
        expect(config.beforeRedirect).toBe(beforeRedirect);
    });

    it('fails with what the beforeRedirect of the caller throws', async () => {
        const { client, server } = await arrange('http', () => '/there');

        const error = await failureOf(
            client.get('/go', {
                beforeRedirect: () => {
                    throw new Error('not there');
                },
            }),
        );

        expect(error.message).toContain('not there');
        expect(server.received).toHaveLength(1);
    });

    it.each(['authorization', 'Authorization', 'AUTHORIZATION'])('takes %s off, whatever sends it', async (name) => {
        const redirected: Record<string, unknown>[] = [];
        const client = axios.create({
            baseURL: 'https://api.example.com',
            adapter: async (config: InternalAxiosRequestConfig) => {
                for (const href of ['https://a.api.example.com/x', 'https://api.example.com/x', undefined]) {
                    const options = { href, headers: { [name]: 'Bearer token-1', accept: '*/*' } };
                    config.beforeRedirect?.(
                        options,
                        { headers: {}, statusCode: axios.HttpStatusCode.Found },
                        { headers: {}, url: '', method: '' },
                    );
                    redirected.push(options.headers);
                }
                return { status: 200, statusText: '', headers: {}, config, data: '' };
            },
        });
        attachTokenCreator(client, createIssuer().creator);

        await client.get('/go');

        const without = { accept: '*/*' };
        expect(redirected).toEqual([without, { [name]: 'Bearer token-1', accept: '*/*' }, without]);
    });
});

/** A client whose first token is refused, by an answer to such a request. */
function refuseFirst(requestTo: (url: string) => unknown): { client: AxiosInstance; issuer: Issuer } {
    const issuer = createIssuer();
    const client = axios.create({
        baseURL: 'https://api.example.com',
        validateStatus: () => true,
        adapter: async (config) => {
            const status = config.headers.get('Authorization') === 'Bearer token-1' ? 401 : 200;
            const request = requestTo(String(config.url));
            return { status, statusText: '', headers: {}, config, data: '', request };
        },
    });
    attachTokenCreator(client, issuer.creator);
    return { client, issuer };
}

describe('a 401 that another origin gave after a redirect', () => {
    it('is no rejection of the token', async () => {
        const other = await serve(refuse);
        const { client, server, issuer } = await arrange('http', () => `${other.url}/there`);

        const error = await failureOf(client.get('/go'));

        expect(error.response?.status).toBe(401);
        expect([server.received.length, other.received.length]).toEqual([1, 1]);
        expect(issuer.created).toBe(1);
    });

    it.each([
        ['is everywhere', '*'],
        ['is on the list', 'list'],
    ])('is none either where that origin %s: axios dropped the token on the way', async (_name, origins) => {
        const issuer = createIssuer();
        const other = await serve(refuse);
        const server = await serve(redirectTo(() => `${other.url}/there`));
        const client = axios.create({ baseURL: server.url, adapter: 'http' });
        attachTokenCreator(client, issuer.creator, { origins: origins === '*' ? '*' : [server.url, other.url] });

        const errors = [await failureOf(client.get('/go')), await failureOf(client.get('/go'))];

        expect(errors.map(({ response }) => response?.status)).toEqual([401, 401]);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
        expect(other.authorizations).toEqual([undefined, undefined]);
        expect(issuer.created).toBe(1);
    });

    it.each<[string, (url: string) => object]>([
        ["Node's http", (responseUrl) => ({ res: { responseUrl } })],
        ['an XMLHttpRequest', (responseURL) => ({ responseURL })],
    ])('is none by the URL that %s tells, which at home is one', async (_name, requestTo) => {
        const { client, issuer } = refuseFirst((name) => requestTo(`https://${name}.example.com/me`));

        expect((await client.get('elsewhere')).status).toBe(401);
        expect(issuer.created).toBe(1);
        expect((await client.get('api')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it.each([{}, { responseURL: '' }, { responseURL: null }, { res: {} }, undefined])(
        'is not taken for granted, on a page of another origin, where the request is %j and tells no URL',
        async (request) => {
            const location = { origin: 'https://page.example', href: 'https://page.example/app' };
            Object.defineProperty(globalThis, 'location', { value: location, configurable: true });
            try {
                expect((await refuseFirst(() => request).client.get('/me')).status).toBe(200);
            } finally {
                Reflect.deleteProperty(globalThis, 'location');
            }
        },
    );

    it('is one after a redirect within the origin, and is healed from the start', async () => {
        const issuer = createIssuer();
        const protectedOk = protectedBy(issuer);
        const server = await serve((exchange) =>
            (exchange.received.url === '/go' ? redirectTo(() => '/there') : protectedOk)(exchange),
        );
        const client = axios.create({ baseURL: server.url, adapter: 'http', httpAgent: new Agent() });
        const { source } = attachTokenCreator(client, issuer.creator);
        await source.getToken();
        issuer.revoke();

        expect((await client.get('/go')).status).toBe(200);

        expect(server.received.map(({ url }) => url)).toEqual(['/go', '/there', '/go', '/there']);
    });
});
