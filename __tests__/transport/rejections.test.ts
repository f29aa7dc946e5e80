import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { attachTokenCreator, isAuthupRejection, type AttachOptions, type TokenEvent } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    protectedBy,
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
    events: TokenEvent[];
}

async function arrange(adapter: string, route: (issuer: Issuer) => Route, options?: AttachOptions): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route(issuer));
    const client = axios.create({ baseURL: server.url, adapter });
    const events: TokenEvent[] = [];
    attachTokenCreator(client, issuer.creator, { ...options, onEvent: (event) => events.push(event) });
    return { issuer, server, client, events };
}

/** What an isRejected sees of the body of an answer. */
async function dataSeen(adapter: string, refusal: Route, config?: AxiosRequestConfig): Promise<unknown[]> {
    const seen: unknown[] = [];
    const { client } = await arrange(adapter, () => refusal, { isRejected: ({ data }) => seen.push(data) === 0 });
    await failureOf(client.get('/me', config));
    return seen;
}

/** A 401 with a challenge of its own. */
const challenge =
    (header: string | string[]): Route =>
    (exchange) => {
        exchange.response.setHeader('www-authenticate', header);
        sendJson(exchange, 401, { error: 'no' });
    };

/** Refuses as Authup does: with a status of 400 and a code in the body. */
const refuseAs =
    (status: number, body: string, type = 'application/json'): Route =>
    ({ response }) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
    };

/** Refuses the first token with an answer, and takes all others. */
const refuseFirst =
    (refusal: Route) =>
    (issuer: Issuer): Route => {
        const good = protectedBy(issuer);
        return (exchange) => (exchange.received.headers.authorization === 'Bearer token-1' ? refusal : good)(exchange);
    };

const LONG = 'a'.repeat(65_536 - 2);

describe.each(adapters)('over %s', (adapter) => {
    it.each<[string, string | string[]]>([
        ['insufficient_scope', 'Bearer realm="api", error="insufficient_scope", scope="admin"'],
        ['insufficient_scope in capitals and another place', ['Basic realm="x"', 'BEARER error="insufficient_scope"']],
    ])('a 401 with the challenge %s creates nothing and is the answer', async (_name, header) => {
        const { client, server, issuer } = await arrange(adapter, () => challenge(header));

        const error = await failureOf(client.get('/admin'));

        expect(error.response?.status).toBe(401);
        expect(server.received).toHaveLength(1);
        expect(issuer.created).toBe(1);
    });

    it.each<[string, string | string[]]>([
        ['invalid_token', 'Bearer error="invalid_token"'],
        ['no error', 'Bearer'],
        ['another scheme', 'Basic realm="x", error="insufficient_scope"'],
        ['no scheme at all', ''],
        ['a realm that only names it', 'Bearer realm="insufficient_scope"'],
    ])('a 401 with the challenge %s is healed', async (_name, header) => {
        const { client, issuer } = await arrange(adapter, refuseFirst(challenge(header)));

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it('a 403 creates nothing', async () => {
        const { client, server, issuer } = await arrange(adapter, () => refuseAs(403, '{}'));

        expect((await failureOf(client.get('/me'))).response?.status).toBe(403);
        expect([server.received.length, issuer.created]).toEqual([1, 1]);
    });

    it('whatever the second answer is, it is the answer', async () => {
        const { client, server } = await arrange(adapter, (issuer) => {
            const second = protectedBy(issuer, refuseAs(503, '{"a":1}'));
            return (exchange) => (exchange.received.headers.authorization?.endsWith('1') ? refuse : second)(exchange);
        });

        const error = await failureOf(client.get('/me'));

        expect(error.response).toMatchObject({ status: 503, data: { a: 1 } });
        expect(server.received).toHaveLength(2);
    });

    it('when the second sending does not reach the server, that is the error', async () => {
        const { client, server } = await arrange(adapter, () => cutSecond);

        const error = await failureOf(client.get('/me'));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.response).toBeUndefined();
        expect(error.config?.url).toBe('/me');
        expect(server.received).toHaveLength(2);
    });

    it('the creator is told of the challenges and of the grant that was refused', async () => {
        const { client, issuer } = await arrange(
            adapter,
            refuseFirst(challenge('Bearer error="invalid_token", error_description="revoked"')),
        );

        await client.get('/me');

        expect(issuer.contexts[1]).toMatchObject({
            reason: 'rejected',
            previous: { access_token: 'token-1' },
            challenges: [{ scheme: 'bearer', parameters: { error: 'invalid_token', error_description: 'revoked' } }],
        });
    });

    it('the creator is told of no challenges where the refusal has none', async () => {
        const { client, issuer } = await arrange(adapter, refuseFirst(refuseAs(401, '{}')));

        await client.get('/me');

        expect(issuer.contexts[1]).toMatchObject({ reason: 'rejected', challenges: [] });
    });

    it('an isRejected of the user decides, and nothing else', async () => {
        const { client, issuer, server } = await arrange(adapter, refuseFirst(refuseAs(498, '{"expired":true}')), {
            isRejected: ({ status }) => status === 498,
        });

        expect((await client.get('/me')).status).toBe(200);
        expect([issuer.created, server.received.length]).toEqual([2, 2]);
    });

    it('an isRejected that says no to a 401 makes it the answer', async () => {
        const { client, issuer, server } = await arrange(adapter, () => refuse, { isRejected: () => false });

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);
        expect([issuer.created, server.received.length]).toEqual([1, 1]);
    });

    it('an isRejected that throws loses no answer: the default decides', async () => {
        const { client, server } = await arrange(
            adapter,
            (issuer) => (exchange) =>
                (exchange.received.url === '/fails' ? refuseAs(500, '{"a":1}') : protectedBy(issuer))(exchange),
            {
                isRejected: () => {
                    throw new Error('mistake');
                },
            },
        );

        expect(await client.get('/me')).toMatchObject({ status: 200, data: { ok: true } });
        expect((await failureOf(client.get('/fails'))).response).toMatchObject({ status: 500, data: { a: 1 } });
        expect(server.received).toHaveLength(2);
    });

    it('an isRejected that throws at a 401 leaves it to be healed', async () => {
        const { client } = await arrange(adapter, refuseFirst(refuse), {
            isRejected: ({ data }) => (data as { deep: { code: string } }).deep.code === 'expired',
        });

        expect((await client.get('/me')).status).toBe(200);
    });

    it.each([true, false, new Error('mistake')])(
        'the default answers for an isRejected that is async, whatever it says: %s',
        async (says) => {
            const isRejected = (async () => {
                if (says instanceof Error) throw says;
                return says;
            }) as unknown as AttachOptions['isRejected'];
            const { client, server, issuer } = await arrange(adapter, refuseFirst(refuse), { isRejected });
            await client.get('/heal');

            const answers = [await client.post('/1'), await client.post('/2'), await client.post('/3')];

            expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
            expect(server.received.map(({ url }) => url)).toEqual(['/heal', '/heal', '/1', '/2', '/3']);
            expect(issuer.created).toBe(2);
        },
    );

    it('an isRejected sees JSON parsed, and the caller sees the answer as it is without it', async () => {
        const seen: unknown[] = [];
        const { client } = await arrange(adapter, () => refuseAs(400, '{"a": 1}'), {
            isRejected: ({ data }) => seen.push(data) === 0,
        });

        const error = await failureOf(client.get('/me', { transformResponse: (raw: unknown) => raw }));

        expect(seen).toEqual([{ a: 1 }]);
        expect(error.response?.data).toBe('{"a": 1}');
        expect(Object.getPrototypeOf(error.response)).toBe(Object.prototype);
    });

    it.each<[string, string, string, unknown]>([
        ['JSON of a +json type', '{"a":1}', 'application/problem+json; charset=utf-8', { a: 1 }],
        ['another type', '{"a":1}', 'text/plain', '{"a":1}'],
        ['JSON that is none', '{"a":', 'application/json', '{"a":'],
        ['JSON that does not say so', '{"a":1}', '', '{"a":1}'],
        ['65,536 characters of JSON', `"${LONG}"`, 'application/json', LONG],
        ['no more of it', `"${LONG}+"`, 'application/json', `"${LONG}+"`],
    ])('an isRejected sees %s', async (_name, body, type, expected) => {
        expect(await dataSeen(adapter, refuseAs(400, body, type))).toEqual([expected]);
    });

    it('an isRejected sees bytes as they are', async () => {
        const seen = await dataSeen(adapter, refuseAs(400, '{"a":1}'), { responseType: 'arraybuffer' });

        expect(seen.map((data) => String(Buffer.from(data as ArrayBuffer)))).toEqual(['{"a":1}']);
    });
});

const cutSecond: Route = (exchange) => {
    if (exchange.received.headers.authorization === 'Bearer token-1') return refuse(exchange);
    exchange.response.destroy();
};

describe.each(adapters)('isAuthupRejection, over %s', (adapter) => {
    const isRejected = isAuthupRejection;

    it.each(['invalid_token', 'inactive_token', 'expired_token'])('heals a 400 with the code %s', async (code) => {
        const body = JSON.stringify({ statusCode: 400, code, message: 'no' });
        const { client, issuer } = await arrange(adapter, refuseFirst(refuseAs(400, body)), { isRejected });

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it('heals a 401', async () => {
        const { client } = await arrange(adapter, refuseFirst(refuse), { isRejected });

        expect((await client.get('/me')).status).toBe(200);
    });

    it.each<[string, Route]>([
        ['a 400 with another code', refuseAs(400, '{"code":"invalid_request"}')],
        ['a 400 without a body', refuseAs(400, '')],
        ['a 400 that is no JSON', refuseAs(400, 'invalid_token', 'text/html')],
        ['a 404 with such a code', refuseAs(404, '{"code":"invalid_token"}')],
        ['a 200 with such a code', refuseAs(200, '{"code":"invalid_token"}')],
    ])('leaves %s alone', async (_name, route) => {
        const { client, issuer, server } = await arrange(adapter, () => route, { isRejected });

        await client.get('/me', { validateStatus: () => true });

        expect([issuer.created, server.received.length]).toEqual([1, 1]);
    });
});

describe('over an adapter of the user', () => {
    it('an isRejected is asked about an answer that names no config', async () => {
        const issuer = createIssuer();
        const statuses = [410, 200];
        const answer = { statusText: '', headers: {}, data: '' };
        const adapter = (async () => ({ ...answer, status: statuses.shift() })) as unknown as AxiosAdapter;
        const client = axios.create({ baseURL: 'http://api.invalid', adapter });
        attachTokenCreator(client, issuer.creator, { isRejected: ({ status }) => status === 410 });

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });
});

describe('without isAuthupRejection', () => {
    it('a 400 with a code of Authup is an answer like any other', async () => {
        const { client, issuer } = await arrange('http', () => refuseAs(400, '{"code":"expired_token"}'));

        expect((await failureOf(client.get('/me'))).response?.status).toBe(400);
        expect(issuer.created).toBe(1);
    });

    it('the events tell of a refusal that was healed', async () => {
        const { client, events } = await arrange('http', refuseFirst(refuse));

        await client.get('/me');

        expect(events.map(({ type }) => type)).toEqual([
            'creating',
            'created',
            'rejected',
            'creating',
            'created',
            'replayed',
        ]);
        expect(events.at(-1)).toMatchObject({ status: 200, recovered: true });
    });
});
