import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createTokenSource, TokenError, type TokenGrantResponse } from '../src/index.js';
import {
    adapters,
    failureOf,
    protectedBy,
    createIssuer,
    sendJson,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from './support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
}

/** A server that has its token endpoint, `POST /login`, beside what it protects. */
async function arrange(adapter: string): Promise<Scene> {
    const issuer = createIssuer();
    const login: Route = async (exchange) => sendJson(exchange, 200, await issuer.creator());
    const guarded = protectedBy(issuer);
    const server = await serve((exchange) => (exchange.received.url === '/login' ? login : guarded)(exchange));
    return { issuer, server, client: axios.create({ baseURL: server.url, adapter }) };
}

const CREATION_TIMEOUT = 200;

describe.each(adapters)('a creator that logs in through the instance it is attached to, over %s', (adapter) => {
    it('is recognised when it sends its request at once', async () => {
        const { client, server, issuer } = await arrange(adapter);
        attachTokenCreator(client, async () => (await client.post<TokenGrantResponse>('/login', { user: 'me' })).data, {
            creationTimeout: CREATION_TIMEOUT,
        });

        const answers = await Promise.all([client.get('/1'), client.get('/2')]);

        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        expect(issuer.created).toBe(1);
        expect(server.received[0]?.url).toBe('/login');
        expect(server.authorizations).toEqual([undefined, 'Bearer token-1', 'Bearer token-1']);
    });

    it('is recognised after a 401 as well', async () => {
        const { client, server, issuer } = await arrange(adapter);
        attachTokenCreator(client, async () => (await client.post<TokenGrantResponse>('/login')).data);
        await client.get('/first');
        issuer.revoke();

        expect((await client.get('/second')).status).toBe(200);

        expect(server.received.map(({ url }) => url)).toEqual(['/login', '/first', '/second', '/login', '/second']);
    });

    it('is recognised through any instance that shares its source', async () => {
        const { client, server } = await arrange(adapter);
        const other = axios.create({ baseURL: server.url, adapter });
        const source = createTokenSource(async () => (await other.post<TokenGrantResponse>('/login')).data, {
            creationTimeout: CREATION_TIMEOUT,
        });
        attachTokenCreator(client, source);
        attachTokenCreator(other, source);

        expect((await client.get('/me')).status).toBe(200);
    });

    it('may send its request later when it marks it with tokenCreator: false', async () => {
        const { client, server } = await arrange(adapter);
        attachTokenCreator(client, async () => {
            await Promise.resolve();
            return (await client.post<TokenGrantResponse>('/login', {}, { tokenCreator: false })).data;
        });

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual([undefined, 'Bearer token-1']);
    });

    it('may send its request later when appliesTo leaves it alone', async () => {
        const { client } = await arrange(adapter);
        const login = async () => {
            await Promise.resolve();
            return (await client.post<TokenGrantResponse>('/login')).data;
        };
        attachTokenCreator(client, login, { appliesTo: ({ url }) => url !== '/login' });

        expect((await client.get('/me')).status).toBe(200);
    });

    it('ends at the creationTimeout with an error that says why when it waits for itself', async () => {
        const { client, server, issuer } = await arrange(adapter);
        let inner: Promise<unknown> | undefined;
        attachTokenCreator(
            client,
            async () => {
                await Promise.resolve();
                inner = failureOf(client.post('/login'));
                await inner;
                return issuer.creator();
            },
            { creationTimeout: CREATION_TIMEOUT },
        );

        const error = await failureOf(client.get('/me'));

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'timeout' });
        expect(error.message).toContain('tokenCreator: false');
        expect(error.message).toContain(String(CREATION_TIMEOUT));
        expect(server.received).toEqual([]);
        expect(await inner).toBe(error);
    });

    it('does not hide requests of others that are sent while it is at work', async () => {
        const { client, server } = await arrange(adapter);
        let other: Promise<{ status: number }> | undefined;
        attachTokenCreator(client, async () => {
            const login = client.post<TokenGrantResponse>('/login');
            queueMicrotask(() => {
                other = client.get('/other');
            });
            return (await login).data;
        });

        await client.get('/me');

        expect((await other)?.status).toBe(200);
        expect(server.received.map(({ url }) => url).slice(0, 1)).toEqual(['/login']);
        expect(server.authorizations).toEqual([undefined, 'Bearer token-1', 'Bearer token-1']);
    });
});

it('a creator that uses another attached instance gets that one its own token', async () => {
    const { client, server } = await arrange('http');
    const outer = axios.create({ baseURL: server.url, adapter: 'http' });
    attachTokenCreator(client, async () => (await client.post<TokenGrantResponse>('/login')).data);
    attachTokenCreator(outer, async () => {
        await client.get('/exchange');
        return (await outer.post<TokenGrantResponse>('/login', {}, { tokenCreator: false })).data;
    });

    expect((await outer.get('/me')).status).toBe(200);

    expect(server.received.map(({ url }) => url)).toEqual(['/login', '/exchange', '/login', '/me']);
    expect(server.authorizations).toEqual([undefined, 'Bearer token-1', undefined, 'Bearer token-2']);
});
