import { inspect } from 'node:util';
import axios, { type AxiosAdapter, type AxiosInstance } from 'axios';
import axiosRetry, { type IAxiosRetryConfig } from 'axios-retry';
import { attachTokenCreator, TokenError } from '../../src/index.js';
import {
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
import { nameRequestsInErrors } from './name-requests.js';
import { answering, fail, hangUp, inOrder, orders, orderAndAdapter } from './orders.js';

const serve = useServers();

interface Scene {
    client: AxiosInstance;
    issuer: Issuer;
    server: TestServer;
    /** What interceptors of the user saw, which were there before. */
    seen: string[];
}

function noteInterceptions(client: AxiosInstance): string[] {
    const seen: string[] = [];
    client.interceptors.request.use((config) => {
        seen.push('request');
        return config;
    });
    client.interceptors.response.use(
        (response) => {
            seen.push(String(response.status));
            return response;
        },
        (error: unknown) => {
            const status = axios.isAxiosError(error) ? error.response?.status : undefined;
            seen.push(String(status ?? 'no answer'));
            throw error;
        },
    );
    return seen;
}

const isRefusal = (error: { response?: { status: number } }) => error.response?.status === 401;

describe.each(orderAndAdapter)('with axios-retry, %s, over %s', (order, adapter) => {
    async function arrange(route: Route, options?: IAxiosRetryConfig, issuer = createIssuer()): Promise<Scene> {
        const server = await serve(route);
        const client = axios.create({ baseURL: server.url, adapter });
        const seen = noteInterceptions(client);
        inOrder(
            order,
            () => axiosRetry(client, options),
            () => attachTokenCreator(client, issuer.creator),
        );
        return { client, issuer, server, seen };
    }

    it('a retry after a 503 that meets a 401 is healed', async () => {
        const { client, issuer, server, seen } = await arrange(answering(fail, refuse));

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
        expect(seen).toEqual(['request', '503', 'request', '200']);
    });

    it('a 503 in answer to the replay of a 401 is retried, with the new token', async () => {
        const { client, issuer, server, seen } = await arrange(answering(refuse, fail));

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
        expect(seen).toEqual(['request', '503', 'request', '200']);
    });

    it('a retry carries the token of its own time, not that of its first try', async () => {
        const issuer = createIssuer();
        const others = { client: axios.create() };
        const route = answering(fail, protectedBy(issuer), protectedBy(issuer), protectedBy(issuer));
        const replaceToken = async () => {
            issuer.revoke();
            await others.client.get('/other', { 'axios-retry': { retries: 0 } });
        };
        const { client, server } = await arrange(route, { onRetry: replaceToken }, issuer);
        others.client = client;

        await client.get('/me');

        const sent = server.received.map(({ url, headers }) => `${url} ${headers.authorization}`);
        expect(sent).toEqual([
            '/me Bearer token-1',
            '/other Bearer token-1',
            '/other Bearer token-2',
            '/me Bearer token-2',
        ]);
    });

    it('a retry sends the same body as the first try and as the replay', async () => {
        const { client, server } = await arrange(answering(fail, refuse));

        await client.put('/me', { a: [1, 'ü'] });

        expect(server.received.map(({ body }) => String(body))).toEqual(Array(3).fill('{"a":[1,"ü"]}'));
        expect(server.received.map(({ headers }) => headers['content-type'])).toEqual(
            Array(3).fill('application/json'),
        );
    });

    it('a connection that breaks is retried, before a 401 and in its replay', async () => {
        const { client, issuer, server, seen } = await arrange(answering(hangUp, refuse, hangUp));

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
        expect(seen).toEqual(['request', 'no answer', 'request', 'no answer', 'request', '200']);
    });

    it('a 401 that stays is not retried, and reaches the caller once', async () => {
        const { client, issuer, server, seen } = await arrange(refuse);

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);

        expect(server.received).toHaveLength(2);
        expect(issuer.created).toBe(2);
        expect(seen).toEqual(['request', '401']);
    });

    it('a 401 that is retried as well is healed in each try, within the budget of rejections', async () => {
        const { client, issuer, server } = await arrange(refuse, { retries: 30, retryCondition: isRefusal });

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);

        expect(issuer.created).toBe(11);
        expect(server.received).toHaveLength(41);
    });

    it('a creation that fails is not retried, and its error arrives as it is', async () => {
        const failure = new TokenError('network', 'no way');
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        let created = 0;
        inOrder(
            order,
            () => axiosRetry(client),
            () => attachTokenCreator(client, () => Promise.reject(((created += 1), failure))),
        );

        expect(await failureOf(client.get('/me'))).toBe(failure);

        expect(created).toBe(1);
        expect(server.received).toEqual([]);
    });

    it('a creation that fails is retried when an interceptor, registered before attaching, names the request', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        const issuer = createIssuer();
        let created = 0;
        nameRequestsInErrors(client);
        inOrder(
            order,
            () => axiosRetry(client),
            () =>
                attachTokenCreator(client, async (context) => {
                    if ((created += 1) === 1) throw new TokenError('network', 'no way');
                    return issuer.creator(context);
                }),
        );

        expect((await client.get('/me')).status).toBe(200);

        expect(created).toBe(2);
        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('an error after all retries shows no token', async () => {
        const { client } = await arrange(fail);

        const error = await failureOf(client.get('/me'));

        expect(error.response?.status).toBe(503);
        expect(inspect(error, { depth: Infinity })).not.toMatch(/token-\d/);
    });

    it('a request that is retried is aborted as any other', async () => {
        const abort = new AbortController();
        const onRetry = (): void => void setImmediate(() => abort.abort());
        const { client } = await arrange(fail, { retryDelay: () => 60_000, onRetry });

        expect(await failureOf(client.get('/me', { signal: abort.signal }))).toMatchObject({ code: 'ERR_CANCELED' });
    });
});

describe.each(orders)('with axios-retry, %s', (order) => {
    it('the adapter is called once per sending, and sees one token', async () => {
        const issuer = createIssuer();
        const server = await serve(answering(fail, refuse, fail));
        const http = axios.getAdapter('http');
        const sent: unknown[] = [];
        const adapter: AxiosAdapter = (config) => {
            sent.push(config.headers.get('Authorization'));
            return http(config);
        };
        const client = axios.create({ baseURL: server.url, adapter });
        inOrder(
            order,
            () => axiosRetry(client),
            () => attachTokenCreator(client, issuer.creator),
        );

        const { config } = await client.get('/me');

        expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
        expect(server.authorizations).toEqual(sent);
        expect(config.adapter).toBe(adapter);
        expect(issuer.created).toBe(2);
    });

    it('many requests that are refused and overloaded in turn cost one token', async () => {
        const issuer = createIssuer();
        let turn = 0;
        const server = await serve((exchange) => ((turn += 1) % 3 ? protectedBy(issuer) : fail)(exchange));
        const client = axios.create({ baseURL: server.url });
        inOrder(
            order,
            () => axiosRetry(client, { retries: 20 }),
            () => attachTokenCreator(client, issuer.creator),
        );
        await client.get('/first');
        issuer.revoke();

        const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => client.get(`/${index}`)));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(issuer.created).toBe(2);
    });
});
