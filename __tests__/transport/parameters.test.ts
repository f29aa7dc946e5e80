import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    type AttachOptions,
    type TokenAttachment,
    type TokenParameters,
} from '../../src/index.js';
import { createPurposefulIssuer, type PurposefulIssuer } from '../support/purposes.js';
import {
    adapters,
    failureOf,
    ok,
    refuse,
    sendJson,
    until,
    useServers,
    wait,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: PurposefulIssuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
}

/** An API whose paths begin with the index of the parameters that a token must be for. */
async function arrange(
    defaults: CreateAxiosDefaults,
    purposes: readonly (TokenParameters | undefined)[],
    options?: AttachOptions,
): Promise<Scene> {
    const issuer = createPurposefulIssuer();
    const guard: Route = (exchange) => {
        const index = Number(/^\/(\d+)/.exec(exchange.received.url)?.[1]);
        return (issuer.isFor(exchange.received.headers.authorization, purposes[index]) ? ok : refuse)(exchange);
    };
    const server = await serve(guard);
    const client = axios.create({ baseURL: server.url, ...defaults });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator, options) };
}

const tenants: TokenParameters[] = [{ key: 'tenant-a' }, { key: 'tenant-b' }];

describe.each(adapters)('over %s', (adapter) => {
    it('one client serves two tenants by their key, each with tokens of its own', async () => {
        const { client, issuer, server } = await arrange({ adapter }, tenants);
        issuer.delay = 20;

        const answers = await Promise.all(
            Array.from({ length: 40 }, (_, index) => client.get(`/${index % 2}`, { tokenCreator: tenants[index % 2] })),
        );

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(issuer.created).toBe(2);
        expect(server.received).toHaveLength(40);
    });

    it('a tenant whose token is revoked is healed, and the other one notices nothing', async () => {
        const { client, server, issuer } = await arrange({ adapter }, tenants);
        const askBoth = () =>
            Promise.all(tenants.map((tokenCreator, index) => client.get(`/${index}`, { tokenCreator })));
        await askBoth();
        issuer.revoke(tenants[0]);

        await askBoth();

        expect(server.received.map(({ url }) => url).sort()).toEqual(['/0', '/0', '/0', '/1', '/1']);
        expect(issuer.contexts.map(({ reason, parameters }) => [reason, parameters])).toEqual([
            ['missing', tenants[0]],
            ['missing', tenants[1]],
            ['rejected', tenants[0]],
        ]);
    });

    it('two tenants on a real token endpoint: each gets its own audience, and the key is never sent', async () => {
        const endpoint = await serve((exchange) => {
            const form = new URLSearchParams(String(exchange.received.body));
            sendJson(exchange, 200, { access_token: `for-${form.getAll('audience').join('+')}`, token_type: 'Bearer' });
        });
        const api = await serve((exchange) => sendJson(exchange, 200, exchange.received.headers.authorization));
        const creator = createClientTokenCreator({ id: 'x', secret: 'y' }, { client: { baseURL: endpoint.url } });
        const client = axios.create({ baseURL: api.url, adapter, tokenCreator: { audience: 'shared' } });
        attachTokenCreator(client, creator);

        const answers = await Promise.all([
            client.get<string>('/', { tokenCreator: { key: 'secret-of-a' } }),
            client.get<string>('/', { tokenCreator: { key: 'secret-of-b', audience: ['b', 'c'] } }),
            client.get<string>('/'),
        ]);

        expect(answers.map(({ data }) => data)).toEqual(['Bearer for-shared', 'Bearer for-b+c', 'Bearer for-shared']);
        expect(endpoint.received).toHaveLength(3);
        for (const { body, url } of [...endpoint.received, ...api.received])
            expect(`${url} ${String(body)}`).not.toContain('secret-of');
    });

    it('an audience in the defaults of the instance holds for every request that says no other', async () => {
        const purposes = [{ audience: 'a' }, { audience: 'b' }, { audience: 'a', scope: 'read' }, undefined];
        const { client, issuer, server } = await arrange({ adapter, tokenCreator: { audience: 'a' } }, purposes);

        await client.get('/0');
        await client.get('/1', { tokenCreator: { audience: 'b' } });
        await client.get('/2', { tokenCreator: { scope: 'read' } });
        await client.get('/3', { tokenCreator: { audience: undefined } });
        const { response } = await failureOf(client.get('/none', { tokenCreator: false }));
        await client.get('/0');

        expect(response?.status).toBe(401);
        expect(issuer.created).toBe(4);
        expect(server.received).toHaveLength(6);
        expect(server.authorizations[4]).toBeUndefined();
    });

    it('100 requests of 10 parameters that meet a 401 together cost 10 creations, and none is lost', async () => {
        const purposes = Array.from({ length: 10 }, (_, index) => ({
            key: `tenant-${index >> 1}`,
            ...(index % 2 && { resource: ['https://a.example', 'https://b.example'] }),
        }));
        const { client, issuer, server } = await arrange({ adapter }, purposes);
        await Promise.all(purposes.map((tokenCreator, index) => client.get(`/${index}`, { tokenCreator })));
        expect(issuer.created).toBe(10);
        issuer.revoke();
        issuer.delay = 50;

        const answers = await Promise.all(
            Array.from({ length: 100 }, (_, index) =>
                client.get(`/${index % 10}?n=${index}`, { tokenCreator: purposes[index % 10] }),
            ),
        );

        expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
        expect(issuer.created).toBe(20);
        expect(server.received).toHaveLength(10 + 200);
        const renewed = issuer.contexts.slice(10);
        expect(new Set(renewed.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(10);
        expect(renewed.every(({ reason }) => reason === 'rejected')).toBe(true);
    });

    it('a first creation that hangs for one tenant keeps no other one waiting', async () => {
        const api = await serve(ok);
        let release!: () => void;
        const held = new Promise<void>((resolve) => (release = resolve));
        const client = axios.create({ baseURL: api.url, adapter });
        attachTokenCreator(client, async (context) => {
            const key = context?.parameters?.key ?? '';
            if (key === 'tenant-a') await held;
            return { access_token: key, token_type: 'Bearer' };
        });
        const waiting = client.get('/a', { tokenCreator: tenants[0] });

        await client.get('/b', { tokenCreator: tenants[1] });

        expect(api.authorizations).toEqual(['Bearer tenant-b']);
        release();
        expect((await waiting).status).toBe(200);
    });

    it('with room for one token only, the tokens change all the time, and no tenant gets that of another', async () => {
        const purposes = Array.from({ length: 5 }, (_, index) => ({ key: `tenant-${index}` }));
        const { client, issuer } = await arrange({ adapter }, purposes, { maxTokens: 1 });
        issuer.delay = 2;

        const answers = await Promise.all(
            Array.from({ length: 50 }, async (_, index) => {
                await wait(index % 7);
                if (index === 25) issuer.revoke();
                return client.get(`/${index % 5}`, { tokenCreator: purposes[index % 5] });
            }),
        );

        expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    });
});

it('a config taken up again while it is on its way is sent with the token of its parameters, and healed as any other', async () => {
    const purposes = Array.from({ length: 4 }, (_, index) => ({ key: `tenant-${index}` }));
    const issuer = createPurposefulIssuer();
    let answer!: () => void;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const server = await serve(async (exchange) => {
        const { url, headers } = exchange.received;
        const isFor = issuer.isFor(headers.authorization, purposes[Number(url.slice(1))]);
        if (url === '/0' && server.received.filter((one) => one.url === '/0').length === 1) await answered;
        return (isFor ? ok : refuse)(exchange);
    });
    const client = axios.create({ baseURL: server.url });
    attachTokenCreator(client, issuer.creator);
    const captured: Parameters<typeof client.request>[0][] = [];
    client.interceptors.request.use((config) => {
        captured.push(config);
        return config;
    });
    const first = client.get('/0', { tokenCreator: purposes[0] });
    await until(() => server.received.length === 1);
    // Other tenants' requests in between.
    for (const index of [1, 2, 3]) await client.get(`/${index}`, { tokenCreator: purposes[index] });
    issuer.revoke();

    const hedged = client.request(captured[0] ?? {});
    answer();

    expect((await hedged).status).toBe(200);
    expect((await first).status).toBe(200);
});
