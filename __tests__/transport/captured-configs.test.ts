import { randomUUID } from 'node:crypto';
import axios, {
    type AxiosAdapter,
    type AxiosInstance,
    type AxiosRequestConfig,
    type InternalAxiosRequestConfig,
} from 'axios';
import { attachTokenCreator, type TokenAttachment } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    refuse,
    sendJson,
    until,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

type Config = InternalAxiosRequestConfig;

const TOKEN = /token-\d/;

function expectNoToken(config: Config | undefined): void {
    expect(config?.headers.get('Authorization')).toBeUndefined();
    expect(JSON.stringify([config?.headers, config])).not.toMatch(TOKEN);
}

const NAMES = [...adapters, 'function'] as const;

function adapterOf(name: (typeof NAMES)[number]): AxiosRequestConfig['adapter'] {
    const http = axios.getAdapter('http');
    return name === 'function' ? (config: Config) => http(config) : name;
}

describe.each(NAMES)('a request that was aborted before it was sent, over %s', (name) => {
    const departures: [name: string, depart: () => AxiosRequestConfig][] = [
        ['by its signal', () => ({ signal: AbortSignal.abort() })],
        ['by its cancelToken', () => ({ cancelToken: new axios.CancelToken((cancel) => cancel('gone')) })],
    ];

    it.each(departures)("leaves the caller's own adapter on its config: %s", async (_name, depart) => {
        const adapter = adapterOf(name);
        const captured: Config[] = [];
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        client.interceptors.request.use((config) => {
            captured.push(config);
            return config;
        });
        const issuer = createIssuer();
        const attachment = attachTokenCreator(client, issuer.creator);
        await attachment.source.getToken();

        const error = await failureOf(client.get('/me', depart()));
        attachment.detach();

        expect(axios.isCancel(error)).toBe(true);
        // A cancelToken gives an error without a config.
        for (const config of [error.config ?? captured[0], captured[0]] as Config[]) {
            expect(config.adapter).toBe(adapter);
            const { status } = await client.request({ ...config, signal: undefined, cancelToken: undefined });
            expect(status).toBe(200);
        }
        expect(server.authorizations).toEqual([undefined, undefined]);
    });
});

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
    /** The configs that went through an interceptor, in order. */
    captured: Config[];
    /** Lets the first request to `/held` be answered. */
    answer: () => void;
}

/** A client with a token at hand, one of whose requests is under way. */
async function arrange(name: (typeof NAMES)[number], second: (issuer: Issuer) => Route): Promise<Scene> {
    const issuer = createIssuer();
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let isFirst = true;
    const route = second(issuer);
    const server = await serve(async (exchange) => {
        if (exchange.received.url !== '/held') return protectedBy(issuer)(exchange);
        if (!isFirst) return route(exchange);
        isFirst = false;
        await held;
        return ok(exchange);
    });
    const captured: Config[] = [];
    const client = axios.create({ baseURL: server.url, adapter: adapterOf(name) });
    client.interceptors.request.use((config) => {
        captured.push(config);
        return config;
    });
    const attachment = attachTokenCreator(client, issuer.creator);
    await attachment.source.getToken();
    return { issuer, server, client, attachment, captured, answer };
}

/** In an object, since a promise of a promise would wait for that. */
async function startHeld({ client, server }: Scene): Promise<{ first: Promise<{ status: number; config: Config }> }> {
    const first = client.post('/held', { a: 1 });
    first.catch(() => undefined);
    await until(() => server.received.length === 1);
    return { first };
}

describe.each(NAMES)('a config that is sent again while it is still under way, over %s', (name) => {
    it('is ours: a 401 to it is healed, and its answer holds no token', async () => {
        const scene = await arrange(name, protectedBy);
        const { issuer, server, client, captured, answer } = scene;
        const { first } = await startHeld(scene);
        issuer.revoke();

        const { status, config } = await client.request(captured[0] as Config);
        answer();

        expect(status).toBe(200);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expectNoToken(config);
        expectNoToken((await first).config);
        expect((await first).status).toBe(200);
    });

    it('is ours also when the token changed meanwhile', async () => {
        const scene = await arrange(name, protectedBy);
        const { issuer, client, captured, answer } = scene;
        const { first } = await startHeld(scene);
        issuer.revoke();
        await client.get('/other');

        const { status, config } = await client.request(captured[0] as Config);
        answer();

        expect(status).toBe(200);
        expect(issuer.created).toBe(2);
        expectNoToken(config);
        expectNoToken((await first).config);
    });

    it.each<[string, Route, number]>([
        ['an error', (exchange) => sendJson(exchange, 500, {}), 500],
        ['a 401 that cannot be healed', refuse, 401],
    ])('holds no token in %s', async (_name, route, expected) => {
        const scene = await arrange(name, () => route);
        const { client, captured, answer } = scene;
        const { first } = await startHeld(scene);

        const { config, response } = await failureOf(client.request(captured[0] as Config));
        answer();

        expect(response?.status).toBe(expected);
        expectNoToken(config);
        expectNoToken(response?.config);
        expectNoToken((await first).config);
    });

    it('goes with the token of the moment once the first was answered', async () => {
        const scene = await arrange(name, protectedBy);
        const { issuer, server, client, captured, answer } = scene;
        const { first } = await startHeld(scene);
        answer();
        await first;
        issuer.revoke();
        await client.get('/other');

        expect((await client.request(captured[0] as Config)).status).toBe(200);
        expect(server.authorizations.at(-1)).toBe('Bearer token-2');
    });
});

const answered: AxiosAdapter = async (config) => ({ status: 200, statusText: '', headers: {}, config, data: '' });

/** As many requests, each with a token of its own. */
async function sendOthers(client: AxiosInstance, many: number): Promise<void> {
    const keys = Array.from({ length: many }, () => ({ key: randomUUID() }));
    await Promise.all(keys.map((tokenCreator) => client.get('/other', { adapter: answered, tokenCreator })));
}

describe('a config that is sent again while it is still under way, and after many other tokens were sent', () => {
    it.each<[string, (client: AxiosInstance) => Promise<unknown>]>([
        ['999 of them', (client) => sendOthers(client, 999)],
        [
            'more since it was lent, but not since its own was sent again',
            async (client) => {
                await sendOthers(client, 600);
                await client.get('/again');
                await sendOthers(client, 600);
            },
        ],
    ])('is ours after %s', async (_name, send) => {
        const scene = await arrange('http', protectedBy);
        const { issuer, server, client, captured, answer } = scene;
        const { first } = await startHeld(scene);
        await send(client);
        issuer.revoke();

        expect((await client.request(captured[0] as Config)).status).toBe(200);
        answer();
        await first;

        const [refused, healed] = server.authorizations.slice(-2);
        expect(refused).toBe('Bearer token-1');
        expect(healed).toBe(`Bearer token-${issuer.created}`);
    });

    it('is taken for one with a token of its own after 1,000 of them: no more are remembered', async () => {
        const scene = await arrange('http', protectedBy);
        const { issuer, server, client, captured, answer } = scene;
        const { first } = await startHeld(scene);
        await sendOthers(client, 1_000);
        issuer.revoke();

        const error = await failureOf(client.request(captured[0] as Config));
        answer();
        await first;

        expect(error.response?.status).toBe(401);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
    });
});

type Annotated = Config & { fromCache?: boolean; attempt?: number };

/** An adapter that answers with those statuses in turn, and writes on the config as caches and retries do. */
const annotating = (statuses: number[]) => {
    let attempt = 0;
    return async (sent: Config) => {
        const config: Annotated = { ...sent, fromCache: true, attempt: ++attempt };
        const response = { status: statuses[attempt - 1] ?? 200, statusText: '', headers: {}, config, data: '' };
        if (response.status !== 500) return response;
        throw new axios.AxiosError('failed', 'ERR_BAD_RESPONSE', config, undefined, response);
    };
};

describe('what a function adapter adds to the config of its answer', () => {
    it.each<[string, number[], number]>([
        ['with the first token', [200], 1],
        ['after a 401', [401, 200], 2],
    ])('stays there, without the token and without our adapter, %s', async (_name, statuses, attempt) => {
        const adapter = annotating(statuses);
        const client = axios.create({ baseURL: 'https://api.example.com', adapter });
        attachTokenCreator(client, createIssuer().creator);

        const { config } = await client.get('/me', { headers: { 'X-Own': 'yes' } });

        expect(config).toMatchObject({ fromCache: true, attempt, url: '/me' });
        expect(config.adapter).toBe(adapter);
        expect(config.beforeRedirect).toBeUndefined();
        expect(config.headers.get('X-Own')).toBe('yes');
        expectNoToken(config);
    });

    it('stays there in an error', async () => {
        const adapter = annotating([500]);
        const client = axios.create({ baseURL: 'https://api.example.com', adapter });
        attachTokenCreator(client, createIssuer().creator);

        const { config, response } = await failureOf(client.get('/me'));

        for (const each of [config, response?.config]) {
            expect(each).toMatchObject({ fromCache: true, url: '/me' });
            expect(each?.adapter).toBe(adapter);
            expectNoToken(each);
            expect('Authorization' in (each?.headers ?? {})).toBe(false);
        }
    });
});

it.each(['X-Authorization', 'Authorization-Info'])(
    'a `redact` that names %s has Authorization beside it in the config of an error',
    async (name) => {
        const client = axios.create({ baseURL: 'https://api.example.com', adapter: annotating([500]) });
        attachTokenCreator(client, createIssuer().creator);

        const { config } = await failureOf(client.get('/me', { redact: [name] } as AxiosRequestConfig));

        expect(config).toMatchObject({ redact: [name, 'Authorization'] });
    },
);
