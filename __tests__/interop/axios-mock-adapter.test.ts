import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { attachTokenCreator, createClientTokenCreator, TokenEndpointError } from '../../src/index.js';
import { createIssuer, failureOf, ok, protectedBy, useServers } from '../support/servers.js';
import { inOrder, orders } from './orders.js';

const serve = useServers();

const grant = (access_token: string) => ({ access_token, token_type: 'Bearer', expires_in: 3600 });

function sentThrough(mock: MockAdapter): string[] {
    const history = Object.values(mock.history as Record<string, InternalAxiosRequestConfig[]>).flat();
    return history.map(({ method, url, headers }) => `${method} ${url} ${String(headers.get('Authorization') ?? '-')}`);
}

function createClient(): AxiosInstance {
    return axios.create({ baseURL: 'https://api.example.com' });
}

// Two of `expect.objectContaining` are the same to axios-mock-adapter, and the second one replaces the first.
const bearing = (token: string) => ({
    headers: {
        asymmetricMatch: (headers: { Authorization?: unknown }) => headers.Authorization === `Bearer ${token}`,
    } as never,
});

describe.each(orders)('a mocked client, %s', (order) => {
    function arrange(options?: ConstructorParameters<typeof MockAdapter>[1]) {
        const client = createClient();
        const issuer = createIssuer();
        const [mock] = inOrder(
            order,
            () => new MockAdapter(client, options),
            () => attachTokenCreator(client, issuer.creator),
        );
        return { client, issuer, mock };
    }

    it('gets from the mock what it has for the token, the second one after a 401', async () => {
        const { client, mock } = arrange();
        mock.onGet('/x', bearing('token-1')).reply(401);
        mock.onGet('/x', bearing('token-2')).reply(200, 'second');

        expect((await client.get<string>('/x')).data).toBe('second');
        expect(sentThrough(mock)).toEqual(['get /x Bearer token-1', 'get /x Bearer token-2']);
    });

    it('gets an error from a mock that throws at what it does not know', async () => {
        const { client, mock } = arrange({ onNoMatch: 'throwException' });

        expect((await failureOf(client.get('/nowhere'))).message).toContain('/nowhere');
        expect(sentThrough(mock)).toEqual(['get /nowhere Bearer token-1']);
    });

    it('reaches the server, and is healed there, where the mock passes on what it does not know', async () => {
        const { client, issuer, mock } = arrange({ onNoMatch: 'passthrough' });
        const server = await serve(protectedBy(issuer));
        client.defaults.baseURL = server.url;
        mock.onGet('/mocked').reply(200);
        await client.get('/mocked');
        issuer.revoke();

        expect((await client.get('/x')).status).toBe(200);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('may be mocked anew, with its history and handlers reset, between two requests', async () => {
        const { client, issuer, mock } = arrange();
        mock.onGet('/x').replyOnce(401).onGet('/x').reply(200);
        await client.get('/x');

        mock.resetHistory();
        expect(sentThrough(mock)).toEqual([]);
        mock.resetHandlers();

        expect((await failureOf(client.get('/x'))).response?.status).toBe(404);
        expect(sentThrough(mock)).toEqual(['get /x Bearer token-2']);
        expect(issuer.created).toBe(2);
    });

    it('that is restored and mocked again has a token each time', async () => {
        const { client, mock } = arrange();
        const server = await serve(ok);
        client.defaults.baseURL = server.url;
        mock.onGet('/x').reply(200, 'first');
        await client.get('/x');
        mock.restore();
        await client.get('/x');
        const again = new MockAdapter(client);
        again.onGet('/x').reply(200, 'again');

        expect((await client.get<string>('/x')).data).toBe('again');
        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(sentThrough(again)).toEqual(['get /x Bearer token-1']);
    });
});

describe.each(orders)('a mocked token endpoint, %s', (order) => {
    const credentials = { id: 'my-client', secret: 'my-secret' };

    it('of an instance of its own gives the tokens, and sees every request for one', async () => {
        const auth = axios.create({ baseURL: 'https://auth.example.com' });
        const tokens = new MockAdapter(auth);
        tokens.onPost('/token').replyOnce(200, grant('first')).onPost('/token').replyOnce(200, grant('second'));
        const client = createClient();
        const [mock] = inOrder(
            order,
            () => new MockAdapter(client),
            () => attachTokenCreator(client, createClientTokenCreator(credentials, { client: auth })),
        );
        mock.onGet('/x').replyOnce(401).onGet('/x').reply(200);

        await client.get('/x');

        expect(sentThrough(mock)).toEqual(['get /x Bearer first', 'get /x Bearer second']);
        const asked = tokens.history['post'] as { data: string; url: string; baseURL: string }[];
        expect(asked.map(({ data }) => new URLSearchParams(data).get('grant_type'))).toEqual(
            Array(2).fill('client_credentials'),
        );
    });

    it('of the very client that is attached gives the tokens, too', async () => {
        const client = createClient();
        const [mock] = inOrder(
            order,
            () => new MockAdapter(client),
            () => attachTokenCreator(client, createClientTokenCreator(credentials, { client })),
        );
        mock.onPost(/\/token$/)
            .replyOnce(200, grant('first'))
            .onPost(/\/token$/)
            .replyOnce(200, grant('second'));
        mock.onGet('/x').replyOnce(401).onGet('/x').reply(200);

        await client.get('/x');

        expect(
            (mock.history['get'] as InternalAxiosRequestConfig[]).map((c) => c.headers.get('Authorization')),
        ).toEqual(['Bearer first', 'Bearer second']);
        expect(mock.history['post']).toHaveLength(2);
    });

    it('that refuses reaches the caller as an error of the token endpoint', async () => {
        const auth = axios.create({ baseURL: 'https://auth.example.com' });
        new MockAdapter(auth).onPost('/token').reply(401, { error: 'invalid_client' });
        const client = createClient();
        const [mock] = inOrder(
            order,
            () => new MockAdapter(client),
            () => attachTokenCreator(client, createClientTokenCreator(credentials, { client: auth })),
        );

        const error: unknown = await failureOf(client.get('/x'));

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 401, error: 'invalid_client' });
        expect(sentThrough(mock)).toEqual([]);
    });
});
