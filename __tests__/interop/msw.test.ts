import axios, { type AxiosInstance } from 'axios';
import { http, HttpResponse, type HttpHandler } from 'msw';
import { setupServer } from 'msw/node';
import {
    attachTokenCreator,
    createClientTokenCreator,
    TokenEndpointError,
    TokenError,
    type TokenAttachment,
} from '../../src/index.js';
import { adapters, failOnUnhandledRejections, failureOf, until } from '../support/servers.js';

const api = 'https://api.example.com';
const tokenEndpoint = 'https://auth.example.com/token';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
failOnUnhandledRejections();

/** Answers with `token-1`, `token-2` and so on. */
function issuing(): { handler: HttpHandler; asked: string[] } {
    const asked: string[] = [];
    const handler = http.post(tokenEndpoint, async ({ request }) => {
        const token = `token-${asked.push(await request.text())}`;
        return HttpResponse.json({ access_token: token, token_type: 'Bearer', expires_in: 3600 });
    });
    return { handler, asked };
}

/** Accepts what the predicate does, and answers what it was sent. */
function accepting(isValid: (authorization: string) => boolean): { handler: HttpHandler; seen: string[] } {
    const seen: string[] = [];
    const handler = http.all(`${api}/me`, async ({ request }) => {
        const authorization = request.headers.get('authorization') ?? '-';
        seen.push(authorization);
        const body = await request.text();
        if (isValid(authorization)) return HttpResponse.json({ body });
        return new HttpResponse(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
    });
    return { handler, seen };
}

/** msw's own `delay('infinite')` is a timer, which would keep the process up. */
const forever = (): Promise<never> => new Promise(() => {});

const isSecond = (authorization: string): boolean => authorization === 'Bearer token-2';

const attachments: TokenAttachment[] = [];
afterEach(() => {
    // Ends creations that msw never answers.
    for (const { source } of attachments.splice(0)) source.clear();
});

describe.each(adapters)('a server of msw, over %s', (adapter) => {
    function createClient(options?: Parameters<typeof attachTokenCreator>[2]): AxiosInstance {
        const client = axios.create({ baseURL: api, adapter });
        const creator = createClientTokenCreator(
            { id: 'my-client', secret: 'my-secret' },
            { client: { baseURL: 'https://auth.example.com', adapter } },
        );
        attachments.push(attachTokenCreator(client, creator, options));
        return client;
    }

    it('answers the token endpoint and the API, whose 401 is healed', async () => {
        const tokens = issuing();
        const me = accepting(isSecond);
        server.use(tokens.handler, me.handler);

        const { status } = await createClient().get('/me');

        expect(status).toBe(200);
        expect(me.seen).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(tokens.asked).toHaveLength(2);
    });

    it('gets the same body twice when a 401 is healed', async () => {
        const me = accepting(isSecond);
        server.use(issuing().handler, me.handler);

        const { data } = await createClient().post<{ body: string }>('/me', { a: 'ü' });

        expect(data).toEqual({ body: '{"a":"ü"}' });
        expect(me.seen).toHaveLength(2);
    });

    it('sees one creation for many requests that are refused', async () => {
        const tokens = issuing();
        const me = accepting(isSecond);
        server.use(tokens.handler, me.handler);
        const client = createClient();

        const answers = await Promise.all(Array.from({ length: 20 }, () => client.get('/me')));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(tokens.asked).toHaveLength(2);
    });

    it('sees a 401 that stays twice, and the caller once', async () => {
        const me = accepting(() => false);
        server.use(issuing().handler, me.handler);

        expect((await failureOf(createClient().get('/me'))).response?.status).toBe(401);
        expect(me.seen).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('that never answers for a token is waited for until `creationTimeout`', async () => {
        const me = accepting(() => true);
        server.use(http.post(tokenEndpoint, forever), me.handler);

        const error: unknown = await failureOf(createClient({ creationTimeout: 50 }).get('/me'));

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'timeout' });
        expect(me.seen).toEqual([]);
    });

    it('that never answers for a token keeps no request longer than its own timeout', async () => {
        server.use(http.post(tokenEndpoint, forever));

        const error = await failureOf(createClient().get('/me', { timeout: 50 }));

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' });
    });

    it('that never answers the replay of a 401 is left when the request is aborted', async () => {
        const seen: string[] = [];
        const hanging = http.get(`${api}/me`, async ({ request }) => {
            if (seen.push(request.headers.get('authorization') ?? '-') > 1) await forever();
            return new HttpResponse(null, { status: 401 });
        });
        server.use(issuing().handler, hanging);
        const abort = new AbortController();
        const leaving = failureOf(createClient().get('/me', { signal: abort.signal }));
        await until(() => seen.length === 2);

        abort.abort();

        expect(await leaving).toMatchObject({ code: 'ERR_CANCELED' });
        expect(seen).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('that cannot be reached is a network error, and says nothing about the token', async () => {
        const tokens = issuing();
        const me = accepting(() => true);
        server.use(
            tokens.handler,
            http.get(`${api}/me`, () => HttpResponse.error(), { once: true }),
            me.handler,
        );
        const client = createClient();

        const error = await failureOf(client.get('/me'));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.response).toBeUndefined();
        expect((await client.get('/me')).status).toBe(200);
        expect(me.seen).toEqual(['Bearer token-1']);
        expect(tokens.asked).toHaveLength(1);
    });

    it('that knows no such request says so to the caller, as a network error', async () => {
        jest.spyOn(console, 'error').mockImplementation(() => undefined);
        server.use(issuing().handler);

        const error = await failureOf(createClient().get('/unknown'));
        jest.restoreAllMocks();

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.message).toContain('onUnhandledRequest');
    });

    it('whose token endpoint refuses is an error of the token endpoint', async () => {
        server.use(http.post(tokenEndpoint, () => HttpResponse.json({ error: 'invalid_client' }, { status: 401 })));

        const error: unknown = await failureOf(createClient().get('/me'));

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 401, error: 'invalid_client' });
    });

    it('whose token endpoint cannot be reached is a network error of it', async () => {
        server.use(http.post(tokenEndpoint, () => HttpResponse.error()));

        const error: unknown = await failureOf(createClient().get('/me'));

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'network' });
    });
});
