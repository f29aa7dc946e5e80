import axios, {
    type AxiosError,
    type AxiosInstance,
    type AxiosResponseTransformer,
    type InternalAxiosRequestConfig,
} from 'axios';
import { attachTokenCreator, TokenError, TokenResponseError, type TokenCreator } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    sendJson,
    useServers,
    wait,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    client: AxiosInstance;
    server: TestServer;
    calls: () => number;
}

async function arrange(adapter: string, creator: TokenCreator, creationTimeout?: number): Promise<Scene> {
    const server = await serve(ok);
    const client = axios.create({ baseURL: server.url, adapter });
    let calls = 0;
    const counted: TokenCreator = (context) => {
        calls += 1;
        return creator(context);
    };
    attachTokenCreator(client, counted, { creationTimeout });
    return { client, server, calls: () => calls };
}

/** What many requests that wait for the same creation end with. */
const failuresOf = (client: AxiosInstance, many = 5) =>
    Promise.all(Array.from({ length: many }, (_, index) => failureOf(client.get(`/${index}`))));

describe.each(adapters)('over %s', (adapter) => {
    it.each<[string, (error: Error) => TokenCreator]>([
        ['rejects', (error) => async () => Promise.reject(error)],
        [
            'rejects later',
            (error) => async () => {
                await wait(20);
                throw error;
            },
        ],
        [
            'throws before it returns a promise',
            (error) => () => {
                throw error;
            },
        ],
    ])('a creator that %s ends all who wait with its own error, the same object', async (_name, creator) => {
        const own = new RangeError('the store is closed');
        const { client, server, calls } = await arrange(adapter, creator(own));

        const errors = await failuresOf(client);

        for (const error of errors) expect(error).toBe(own);
        expect(axios.isCancel(own)).toBe(false);
        expect(own.message).toBe('the store is closed');
        expect(calls()).toBeLessThanOrEqual(2);
        expect(server.received).toEqual([]);
    });

    it.each<[string, unknown]>([
        ['undefined', undefined],
        ['null', null],
        ['a string', 'token'],
        ['an array', [{ access_token: 'a' }]],
        ['no access_token', { token_type: 'Bearer' }],
        ['an empty access_token', { access_token: '', token_type: 'Bearer' }],
        ['an access_token that is a number', { access_token: 1, token_type: 'Bearer' }],
        ['the word undefined as no string', { access_token: undefined, token_type: 'Bearer' }],
        ['a token with a line break', { access_token: 'a\r\nX-Evil: 1', token_type: 'Bearer' }],
        ['a token with a character outside ASCII', { access_token: 'tökén', token_type: 'Bearer' }],
        ['a token of another kind', { access_token: 'a', token_type: 'mac' }],
    ])('a creator that gives %s ends all who wait with one TokenResponseError', async (_name, answer) => {
        const { client, server } = await arrange(adapter, async () => answer as never);

        const errors = await failuresOf(client);

        expect(errors[0]).toBeInstanceOf(TokenResponseError);
        expect(errors[0]).toMatchObject({ code: 'response' });
        expect(new Set(errors).size).toBe(1);
        expect(server.received).toEqual([]);
    });

    it('a creator that returns a grant instead of a promise of one works', async () => {
        const { client, server } = await arrange(adapter, (() => ({
            access_token: 'a',
            token_type: 'bearer',
        })) as never);

        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer a']);
    });

    it('a creator that never settles ends all who wait at creationTimeout, and the next request calls it again', async () => {
        const issuer = createIssuer();
        let isStuck = true;
        const { client, calls } = await arrange(
            adapter,
            (context) => (isStuck ? new Promise(() => undefined) : issuer.creator(context)),
            100,
        );

        const start = performance.now();
        const errors = await failuresOf(client);

        expect(performance.now() - start).toBeLessThan(1_000);
        expect(errors[0]).toBeInstanceOf(TokenError);
        expect(errors[0]).toMatchObject({ code: 'timeout' });
        expect(new Set(errors).size).toBe(1);
        isStuck = false;
        expect((await client.get('/me')).status).toBe(200);
        expect(calls()).toBe(2);
    });

    it('a creator that fails at a renewal ends those who wait with its error, not with the 401', async () => {
        const own = new Error('the account was locked');
        const server = await serve(({ response }) => {
            response.writeHead(401).end();
        });
        const client = axios.create({ baseURL: server.url, adapter });
        let calls = 0;
        attachTokenCreator(client, async () => {
            calls += 1;
            if (calls === 2) throw own;
            return { access_token: 'a', token_type: 'Bearer' };
        });

        expect(await failureOf(client.get('/me'))).toBe(own);
        expect(server.received).toHaveLength(1);
    });

    it('a creator that succeeds again is all that it takes', async () => {
        const issuer = createIssuer();
        let isDown = true;
        const { client } = await arrange(adapter, async (context) => {
            if (isDown) throw new Error('down');
            return issuer.creator(context);
        });
        await failureOf(client.get('/1'));

        isDown = false;

        expect((await client.get('/2')).status).toBe(200);
    });
});

const refusal = () => ({ error: 'invalid_client', data: { nested: 'yes' } });

describe.each(adapters)('a creator that fails with the answer of a token endpoint, over %s', (adapter) => {
    it.each<[string, AxiosResponseTransformer]>([
        ['parses', (text: string) => JSON.parse(text) as unknown],
        ['unwraps', (body: { data: unknown }) => body.data],
        [
            'throws',
            () => {
                throw new Error('no answer of ours');
            },
        ],
    ])('ends all who wait with it untouched by a transformResponse that %s', async (_name, transform) => {
        const endpoint = await serve((exchange) => sendJson(exchange, 400, refusal()));
        const server = await serve((exchange) => sendJson(exchange, 401, refusal()));
        const thrown: { error: AxiosError; data: unknown }[] = [];
        let hasToken = false;
        const client = axios.create({ baseURL: server.url, adapter, transformResponse: [transform] });
        attachTokenCreator(client, async () => {
            if (hasToken) return { access_token: 'a', token_type: 'Bearer' };
            const error = await failureOf(axios.post(`${endpoint.url}/token`));
            thrown.push({ error, data: error.response?.data });
            throw error;
        });

        const waiting = await failuresOf(client);
        expect(server.received).toHaveLength(0);
        hasToken = true;
        const afterRefusal = failuresOf(client);
        hasToken = false;
        waiting.push(...(await afterRefusal));

        expect(server.received).toHaveLength(5);
        expect(waiting).toHaveLength(10);
        expect(new Set(waiting)).toEqual(new Set(thrown.map(({ error }) => error)));
        for (const { error, data } of thrown) {
            expect(error.response?.data).toBe(data);
            expect(data).toEqual(refusal());
        }
    });
});

/** Each has a frame of its own in the stack that axios appends. */
function callerNamed(name: string, client: AxiosInstance): () => Promise<unknown> {
    const callers: Record<string, () => Promise<unknown>> = {
        [name]: async () => {
            const { data } = await client.get<unknown>(`/${name}`);
            return data;
        },
    };
    return callers[name] as () => Promise<unknown>;
}

/** Requests of many different callers, as a stack tells them apart, that all wait for the same creation. */
async function share(error: unknown, many = 100): Promise<{ errors: unknown[]; cpuTime: number }> {
    const client = axios.create({ baseURL: 'https://api.example.com', adapter: () => Promise.reject(new Error()) });
    attachTokenCreator(client, async () => {
        await wait(20);
        throw error;
    });
    const callers = Array.from({ length: many }, (_, index) => callerNamed(`caller${index}`, client));
    const start = process.cpuUsage();
    const errors = await Promise.all(callers.map((call) => failureOf(call())));
    const { user, system } = process.cpuUsage(start);
    return { errors, cpuTime: (user + system) / 1_000 };
}

describe('an error that many requests share', () => {
    it('reaches 4,000 waiters in less than 2 s, and its stack does not grow with their number', async () => {
        const own = new Error('the authorization server is down');

        const { errors, cpuTime } = await share(own, 4_000);

        expect(errors).toHaveLength(4_000);
        expect(errors.every((error) => error === own)).toBe(true);
        expect(cpuTime).toBeLessThan(2_000);
        expect(own.stack?.length).toBeLessThan(2_048);
        expect(own.stack).toContain('Error: the authorization server is down');
    });

    it('may be frozen', async () => {
        const own = Object.freeze(new Error('frozen'));

        const { errors } = await share(own);

        expect(errors.every((error) => error === own)).toBe(true);
    });

    it.each([
        ['a string', 'down'],
        ['undefined', undefined],
        ['null', null],
    ])('may be %s', async (_name, own) => {
        const { errors } = await share(own);

        expect(errors.every((error) => error === own)).toBe(true);
    });

    it('can still be logged and given another stack by its owner', async () => {
        const own = new Error('down');
        await share(own);

        expect(() => {
            own.stack = 'mine';
        }).not.toThrow();
        expect(Object.keys(own)).toEqual([]);
    });
});

describe('10,000 requests on one flight', () => {
    it('cost one creation, and all of them get its token', async () => {
        const issuer = createIssuer();
        issuer.delay = 20;
        const sent: unknown[] = [];
        const adapter = async (config: InternalAxiosRequestConfig) => {
            sent.push(config.headers.get('Authorization'));
            return { status: 200, statusText: '', headers: {}, config, data: '' };
        };
        const client = axios.create({ baseURL: 'https://api.example.com', adapter });
        attachTokenCreator(client, issuer.creator);

        await Promise.all(Array.from({ length: 10_000 }, (_, index) => client.get(`/${index}`)));

        expect(issuer.created).toBe(1);
        expect(sent).toHaveLength(10_000);
        expect(new Set(sent)).toEqual(new Set(['Bearer token-1']));
    });
});
