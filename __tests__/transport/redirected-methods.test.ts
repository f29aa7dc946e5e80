import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import {
    createIssuer,
    failureOf,
    protectedBy,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

const redirectTo =
    (location: string, status: number): Route =>
    ({ response }) =>
        void response.writeHead(status, { location }).end();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
}

/** A client whose token is refused; `/go` sends everybody on to `/there`, with or without a good token. */
async function arrange(status: number): Promise<Scene> {
    const issuer = createIssuer();
    const [go, there] = [redirectTo('/there', status), protectedBy(issuer)];
    const server = await serve((exchange) => (exchange.received.url === '/go' ? go : there)(exchange));
    const client = axios.create({ baseURL: server.url, adapter: 'http' });
    const { source } = attachTokenCreator(client, issuer.creator);
    await source.getToken();
    issuer.revoke();
    return { issuer, server, client };
}

const lines = ({ received }: TestServer) => received.map(({ method, url }) => `${method} ${url}`);

const becomingGet: [method: string, status: number][] = [
    ['post', 301],
    ['post', 302],
    ['post', 303],
    ['put', 303],
    ['patch', 303],
    ['delete', 303],
];

const keepingMethod: [method: string, status: number][] = [
    ['post', 307],
    ['post', 308],
    ['put', 307],
    ['patch', 308],
    ['delete', 307],
    ['get', 302],
    ['head', 303],
];

describe('a request that was answered by a redirect to a GET', () => {
    it.each(becomingGet)('is not sent again after a 401 to that GET: %s, %d', async (method, status) => {
        const { client, server, issuer } = await arrange(status);

        const error = await failureOf(client.request({ method, url: '/go', data: { a: 1 } }));

        expect(error.response).toMatchObject({ status: 401, data: { error: 'invalid_token' } });
        expect(lines(server)).toEqual([`${method.toUpperCase()} /go`, 'GET /there']);
        expect(issuer.created).toBe(1);
    });

    it.each(becomingGet)('leaves a new token for the next request: %s, %d', async (method, status) => {
        const { client, server, issuer } = await arrange(status);
        await failureOf(client.request({ method, url: '/go', data: { a: 1 } }));

        expect((await client.get('/there')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(issuer.contexts.map((context) => context?.reason)).toEqual(['missing', 'rejected']);
    });
});

it('a request whose method an interceptor took off counts as a GET, which is healed', async () => {
    const issuer = createIssuer();
    const client = axios.create({
        baseURL: 'https://api.example.com',
        adapter: async (config) => {
            const status = config.headers.get('Authorization') === 'Bearer token-1' ? 401 : 200;
            const request = { method: 'GET', getHeader: () => 'sent' };
            return { status, statusText: '', headers: {}, config, data: '', request };
        },
    });
    client.interceptors.request.use(({ method: _method, ...config }) => config);
    attachTokenCreator(client, issuer.creator);

    expect((await client.get('/me')).status).toBe(200);

    expect(issuer.created).toBe(2);
});

describe('a request that was answered by a redirect which keeps its method', () => {
    it.each(keepingMethod)('is healed from the start after a 401: %s, %d', async (method, status) => {
        const { client, server } = await arrange(status);

        expect((await client.request({ method, url: '/go', data: { a: 1 } })).status).toBe(200);

        const name = method.toUpperCase();
        expect(lines(server)).toEqual([`${name} /go`, `${name} /there`, `${name} /go`, `${name} /there`]);
        expect(server.authorizations.slice(2)).toEqual(['Bearer token-2', 'Bearer token-2']);
        expect(String(server.received[3]?.body)).toBe(String(server.received[0]?.body));
    });
});
