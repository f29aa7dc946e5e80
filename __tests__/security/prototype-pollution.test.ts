import axios from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
    introspectToken,
    parseChallenges,
} from '../../src/index.js';
import { createMemoryStore, withSharedToken } from '../../src/shared/index.js';
import { sendJson, useServers, type TestServer } from '../support/servers.js';
import { answer } from '../support/token-endpoint-server.js';
import { startMetadataServer, type MetadataServer } from '../support/metadata-server.js';

const serve = useServers();

/** The names of the options of a function, as its own error tells them. */
function optionsOf(call: (options: object) => unknown): string[] {
    try {
        call({ 'no such option': 1 });
    } catch (error) {
        return /there are (.*)$/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
    }
    return [];
}

const client = { baseURL: 'http://127.0.0.1:1' };
const store = createMemoryStore();
const creator = async () => ({ access_token: 'a-token', token_type: 'Bearer' });

const OPTIONS = [
    ...optionsOf((options) => attachTokenCreator(axios.create(), creator, options)),
    ...optionsOf((options) => createUserTokenCreator({ name: 'a', password: 'b' }, { client, ...options })),
    ...optionsOf((options) => createUserTokenCreator({ name: 'a', password: 'b', ...options }, { client })),
    ...optionsOf((options) => withSharedToken(creator, { store, key: 'a', ...options })),
].filter((name) => name !== 'client.baseURL');

const OTHERS = `
    tokenCreator headers Authorization adapter baseURL url allowAbsoluteUrls maxRedirects beforeRedirect
    auth proxy params method fetchOptions transformRequest validateStatus access_token token_type
    expires_in refresh_token client_secret client_id id secret error status statusCode
    data response request config parameters challenge mtlsUrl token_endpoint value
    type retryAfter responseURL redact env sharing previous
`
    .trim()
    .split(/\s+/);

// axios takes this one for a header of each request, with or without us (seen on 1.21.1). Nothing leaks by it.
const BREAKS_AXIOS = ['authorization'];

interface Scene {
    readonly api: TestServer;
    readonly authorizationServer: TestServer;
    readonly evil: TestServer;
}

const SECRETS = /canary-(password|secret|token)/;

async function arrange(): Promise<Scene> {
    const [api, authorizationServer, evil] = await Promise.all([
        serve((exchange) => sendJson(exchange, 200, {})),
        serve((exchange) => sendJson(exchange, 200, { access_token: 'canary-token', token_type: 'Bearer' })),
        serve((exchange) => sendJson(exchange, 200, { access_token: 'token-of-the-attacker', token_type: 'Bearer' })),
    ]);
    return { api, authorizationServer, evil };
}

function attach({ api, authorizationServer }: Scene) {
    const credentials = { name: 'admin', password: 'canary-password' };
    const options = { client: { baseURL: authorizationServer.url }, clientId: 'an-id', clientSecret: 'canary-secret' };
    const instance = axios.create({ baseURL: api.url, timeout: 5_000 });
    attachTokenCreator(instance, createUserTokenCreator(credentials, options));
    return instance;
}

/** Runs with a value in `Object.prototype`, as a careless merge of JSON puts it there. */
async function polluted(name: string, value: unknown, run: () => Promise<unknown>): Promise<void> {
    Reflect.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
    try {
        await run();
    } catch {
        // A request may fail by it.
    } finally {
        Reflect.deleteProperty(Object.prototype, name);
    }
}

const sentTo = ({ received }: TestServer): string =>
    JSON.stringify(received.map(({ url, headers, body }) => [url, headers, String(body)]));

/** What JSON can put there. */
const values = (url: string): unknown[] => [url, [url], { baseURL: url, Authorization: 'Bearer x' }, '*', false];

describe('a polluted Object.prototype', () => {
    test('is tried with every option that there is', () => {
        expect(OPTIONS).toEqual(expect.arrayContaining(['origins', 'tokenEndpoint', 'clientAuthentication', 'codec']));
        expect(OPTIONS.length).toBeGreaterThan(30);
    });

    const names = [...new Set([...OPTIONS, ...OTHERS, 'authorization'])];
    test.each(names)('by %s leads no secret and no token elsewhere, and changes none', async (name) => {
        const scene = await arrange();
        for (const value of values(scene.evil.url)) {
            await polluted(name, value, async () => {
                const instance = attach(scene);
                await instance.get('/me').catch(() => undefined);
                await instance.get(`${scene.evil.url}/other`);
            });
        }
        const ready = attach(scene);
        await ready.get('/me');
        for (const value of values(scene.evil.url).slice(0, 3)) {
            await polluted(name, value, async () => {
                await ready.get('/me').catch(() => undefined);
                await ready.get(`${scene.evil.url}/other`);
            });
        }

        expect(sentTo(scene.evil)).not.toMatch(SECRETS);
        if (BREAKS_AXIOS.includes(name)) return;
        expect([...new Set(scene.api.authorizations)]).toEqual(['Bearer canary-token']);
        const asked = scene.authorizationServer.received.map(({ body }) => String(body));
        expect([...new Set(asked)]).toEqual([
            'grant_type=password&username=admin&password=canary-password&client_id=an-id&client_secret=canary-secret',
        ]);
    });
});

/** JSON whose members are in its `__proto__` alone, beside those of its own. */
const hostile = (members: object, own: object = {}): string => {
    const inherited = JSON.stringify({ polluted: true, ...members });
    const rest = Object.keys(own).length > 0 ? `,${JSON.stringify(own).slice(1, -1)}` : '';
    return `{"__proto__":${inherited},"constructor":{"prototype":${inherited}}${rest}}`;
};
const reply = (text: string) => answer(text, { headers: { 'content-type': 'application/json' } });

describe('__proto__ and constructor in what a server says', () => {
    let server: MetadataServer;

    beforeEach(async () => {
        server = await startMetadataServer();
    });

    afterEach(async () => {
        await server.close();
        const added = Object.keys(Object.prototype);
        if (added.length > 0) throw new Error(`Object.prototype is polluted: ${added.join()}`);
    });

    test('a token answer gives nothing that stands only there', async () => {
        server.on('/token', reply(hostile({ access_token: 'canary', token_type: 'Bearer' })));
        const create = createClientTokenCreator({ id: 'a', secret: 'b' }, { client: { baseURL: server.url } });

        await expect(create()).rejects.toThrow('has no access_token');
    });

    test('metadata lead to no endpoint that stands only there', async () => {
        const path = '/.well-known/openid-configuration';
        const evil = { token_endpoint: `${server.url}/evil` };
        server.on(path, reply(hostile(evil, { issuer: server.url })));
        const create = createClientTokenCreator({ id: 'a', secret: 'b' }, { issuer: discover(server.url) });

        await expect(create()).rejects.toThrow('no usable URL');
        expect(server.paths).toEqual([path]);
    });

    test('nor to an issuer', async () => {
        server.on(
            '/.well-known/openid-configuration',
            reply(hostile({ issuer: server.url }, { token_endpoint: '/x' })),
        );
        const create = createClientTokenCreator({ id: 'a', secret: 'b' }, { issuer: discover(server.url) });

        await expect(create()).rejects.toThrow('another issuer: none');
    });

    test('an introspection says nothing that stands only there', async () => {
        const options = { client: { baseURL: server.url } };
        server.on(
            '/token/introspect',
            reply(hostile({ active: true })),
            reply(hostile({ sub: 'x' }, { active: true })),
        );

        await expect(introspectToken('a-token', options)).rejects.toThrow('does not say whether');
        const said = await introspectToken('a-token', options);
        expect([said.active, said.sub, said['polluted']]).toEqual([true, undefined, undefined]);
    });

    test('an entry in a store counts as unreadable', async () => {
        const events: string[] = [];
        const entry = {
            generation: 'g',
            value: hostile({ tokens: {}, failures: {}, timeToLive: 1e6 }),
            timeToLive: 1e6,
        };
        const source = createTokenSource(
            withSharedToken(creator, {
                store: { ...createMemoryStore(), get: async () => entry },
                key: 'a',
                onEvent: ({ type }) => events.push(type),
            }),
        );

        expect((await source.getToken()).value).toBe('a-token');
        expect(events).toContain('unreadable');
    });

    test('a challenge says nothing that stands only there', () => {
        const [challenge] = parseChallenges('Bearer __proto__="x", constructor="y", error="invalid_token"');

        expect({ ...challenge?.parameters }).toEqual({ constructor: 'y', error: 'invalid_token' });
        expect(challenge?.parameters['toString']).toBeUndefined();
    });
});
