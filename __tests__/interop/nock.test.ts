import axios, { type AxiosInstance } from 'axios';
import nock from 'nock';
import { attachTokenCreator, createClientTokenCreator, TokenError } from '../../src/index.js';
import { adapters, failOnUnhandledRejections, failureOf } from '../support/servers.js';

const api = 'https://api.example.com';
const auth = 'https://auth.example.com';
const bearer = (token: string) => ({ reqheaders: { authorization: `Bearer ${token}` } });

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
    const pending = nock.pendingMocks();
    nock.abortPendingRequests();
    nock.cleanAll();
    if (pending.length > 0) throw new Error(`never asked for: ${pending.join(', ')}`);
});
afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
});
failOnUnhandledRejections();

function issue(...tokens: string[]): void {
    for (const token of tokens) {
        nock(auth)
            .post('/token', { grant_type: 'client_credentials', client_id: 'my-client', client_secret: 'my-secret' })
            .reply(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
    }
}

describe.each(adapters)('nock, over %s', (adapter) => {
    function createClient(options?: Parameters<typeof attachTokenCreator>[2]): AxiosInstance {
        const client = axios.create({ baseURL: api, adapter });
        const creator = createClientTokenCreator(
            { id: 'my-client', secret: 'my-secret' },
            { client: { baseURL: auth, adapter } },
        );
        attachTokenCreator(client, creator, options);
        return client;
    }

    it('that says 401 once, then 200, sees a token with each', async () => {
        issue('first', 'second');
        nock(api, bearer('first')).get('/me').reply(401);
        nock(api, bearer('second')).get('/me').reply(200, { ok: true });

        expect((await createClient().get<unknown>('/me')).data).toEqual({ ok: true });
    });

    it('that knows no such request for a token is no answer of the token endpoint', async () => {
        nock(auth).post('/token', { other: '1' }).optionally().reply(200, {});

        expect(await failureOf(createClient().get('/me'))).toMatchObject({ code: 'network' });
    });

    it('sees the same body twice when a 401 is healed', async () => {
        issue('first', 'second');
        nock(api, bearer('first')).post('/me', { a: 'ü' }).reply(401);
        nock(api, bearer('second')).post('/me', { a: 'ü' }).reply(201);

        expect((await createClient().post('/me', { a: 'ü' })).status).toBe(201);
    });

    it('sees one creation for many requests that are refused', async () => {
        issue('first', 'second');
        nock(api, bearer('first')).get('/me').times(10).reply(401);
        nock(api, bearer('second')).get('/me').times(10).reply(200);
        const client = createClient();

        const answers = await Promise.all(Array.from({ length: 10 }, () => client.get('/me')));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
    });

    it('that knows the path, but not the token, says so to the caller, in its own words', async () => {
        issue('first');
        nock(api, bearer('other')).get('/me').optionally().reply(200);

        const error = await failureOf(createClient().get('/me'));

        expect(error).toMatchObject({ code: 'ERR_NOCK_NO_MATCH' });
        expect(error.response).toBeUndefined();
    });

    it('that forbids the network says so to the caller, in its own words', async () => {
        issue('first');

        const error = await failureOf(createClient().get('/unknown'));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.response).toBeUndefined();
        expect(error.message).toBe('Nock: Disallowed net connect for "api.example.com:443/unknown"');
    });

    it('that forbids the network to the token endpoint makes it a network error of that', async () => {
        const error: unknown = await failureOf(createClient().get('/me'));

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'network' });
    });

    it('that breaks the connection does not cost the token', async () => {
        issue('first');
        nock(api, bearer('first')).get('/me').replyWithError('broken').get('/me').reply(200);
        const client = createClient();

        expect((await failureOf(client.get('/me'))).response).toBeUndefined();
        expect((await client.get('/me')).status).toBe(200);
    });

    it('that delays the answer of a replay keeps no request longer than its timeout', async () => {
        issue('first', 'second');
        nock(api, bearer('first')).get('/me').reply(401);
        nock(api, bearer('second')).get('/me').delay(15_000).reply(200);

        const error = await failureOf(createClient().get('/me', { timeout: 1_000 }));

        expect(error).toMatchObject({
            code: adapter === 'http' ? 'ECONNABORTED' : 'ETIMEDOUT',
            message: 'timeout of 1000ms exceeded',
        });
    });

    it('that delays the answer for a token makes nobody wait beyond `creationTimeout`', async () => {
        nock(auth).post('/token').delay(15_000).reply(200, {});

        const error: unknown = await failureOf(createClient({ creationTimeout: 500 }).get('/me'));

        expect(error).toMatchObject({ code: 'timeout' });
    });
});
