import axios, { type AxiosRequestConfig } from 'axios';
import {
    createClientTokenCreator,
    createDeviceTokenCreator,
    discover,
    introspectToken,
    revokeToken,
    type Issuer,
} from '../src/index.js';
import { OAUTH, OPENID, startMetadataServer, type MetadataServer } from './support/metadata-server.js';
import { expectNoSecretIn } from './support/no-secret.js';
import {
    answer,
    drip,
    flood,
    html,
    json,
    redirect,
    reset,
    stall,
    type Reply,
} from './support/token-endpoint-server.js';

let server: MetadataServer;

beforeEach(async () => {
    server = await startMetadataServer();
});

afterEach(() => server.close());

const secret = 'canary-secret';
const create = (issuer: Issuer, client: AxiosRequestConfig = {}) =>
    createClientTokenCreator({ id: 'my-client', secret }, { issuer, client: { timeout: 200, ...client } });
const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
        () => 'no failure',
        (error: unknown) => error,
    );
const good = () => server.metadata(server.url);

const failures: [string, () => Reply, object][] = [
    ['a reset connection', () => reset(), { name: 'TokenError', code: 'network' }],
    ['500', () => json({ message: 'oops' }, { status: 500 }), { name: 'TokenEndpointError', status: 500 }],
    ['503 with a page', () => html(503, { 'retry-after': '7' }), { status: 503, retryAfter: 7_000 }],
    ['an answer that never comes', () => () => undefined, { name: 'TokenError', code: 'timeout' }],
    ['an answer that stalls', () => stall(), { name: 'TokenError', code: 'timeout' }],
    ['an answer that drips', () => drip(20), { name: 'TokenError', code: 'timeout' }],
    ['metadata of another issuer', () => server.metadata('https://evil.example'), { name: 'TokenResponseError' }],
    ['metadata of no issuer', () => json({ token_endpoint: `${server.url}/t` }), { name: 'TokenResponseError' }],
    ['metadata whose issuer has one slash more', () => server.metadata(`${server.url}/`), { code: 'response' }],
    ['metadata whose issuer is in a list', () => json({ issuer: [server.url] }), { name: 'TokenResponseError' }],
];

describe.each(['http', 'fetch'])('over the %s adapter, discovery that meets', (adapter) => {
    test.each(failures)(
        '%s fails, sends no credentials, and is tried again by the next',
        async (_, reply, expected) => {
            server.on(OPENID, reply(), good());
            const creator = create(discover(server.url), { adapter });

            const error = await failureOf(creator());

            expect(error).toMatchObject(expected);
            expectNoSecretIn(error, [secret]);
            expect(server.paths).toEqual([OPENID]);
            expect(await creator()).toMatchObject({ access_token: 'an-access-token' });
            expect(server.paths).toEqual([OPENID, OPENID, '/oauth2/token']);
        },
    );

    test('a redirect does not follow it', async () => {
        server.on(OPENID, redirect('/elsewhere'));
        const error = await failureOf(create(discover(server.url), { adapter, maxRedirects: 5 })());

        expect(error).toMatchObject({ name: 'TokenEndpointError' });
        expect(server.paths).toEqual([OPENID, OAUTH]);
    });

    test('a document without end is cut off', async () => {
        server.on(OPENID, flood());
        server.on(OAUTH, flood());

        const error = await failureOf(create(discover(server.url), { adapter, timeout: 5_000 })());
        expect(error).toMatchObject({ name: 'TokenResponseError' });
    });
});

describe('discovery', () => {
    test.each<[string, () => Reply, object]>([
        ['a page', () => html(200), { name: 'TokenResponseError', code: 'response' }],
        ['half of a document', () => answer('{"issuer":"'), { name: 'TokenResponseError' }],
        ['a list', () => json([{ issuer: server.url }]), { name: 'TokenResponseError' }],
        ['a string', () => json('x'), { name: 'TokenResponseError' }],
        ['nothing', () => answer(''), { name: 'TokenResponseError' }],
        ['404', () => html(404), { name: 'TokenEndpointError', status: 404 }],
    ])('that meets %s at both paths fails, names the document, and is tried again', async (_, reply, expected) => {
        server.on(OPENID, reply(), good());
        server.on(OAUTH, reply());
        const creator = create(discover(server.url));

        const error = await failureOf(creator());

        expect(error).toMatchObject(expected);
        expect((error as Error).message).toContain(`the metadata document ${server.url}${OAUTH}`);
        expect(await creator()).toMatchObject({ access_token: 'an-access-token' });
        expect(server.paths).toEqual([OPENID, OAUTH, OPENID, '/oauth2/token']);
    });

    test('names both issuers where they differ', async () => {
        server.on(OPENID, server.metadata('https://evil.example'));
        const error = await failureOf(create(discover(server.url))());

        expect((error as Error).message).toContain(server.url);
        expect((error as Error).message).toContain('https://evil.example');
    });

    test('holds the second document to the issuer too', async () => {
        server.on(OAUTH, server.metadata('https://evil.example'));

        expect(await failureOf(create(discover(server.url))())).toMatchObject({ name: 'TokenResponseError' });
        expect(server.paths).toEqual([OPENID, OAUTH]);
    });

    test('that is told to come later says so, rather than that the second document is not there', async () => {
        server.on(OPENID, json({}, { status: 429, headers: { 'retry-after': '7' } }));

        expect(await failureOf(create(discover(server.url))())).toMatchObject({ status: 429, retryAfter: 7_000 });
    });

    test('that fails fails for all who wait for it, and the next try is one again', async () => {
        server.on(OPENID, json({}, { status: 500 }), good());
        const issuer = discover(server.url);
        const creators = [create(issuer), create(issuer), create(issuer)];
        const errors = await Promise.all(creators.map((creator) => failureOf(creator())));

        for (const error of errors) expect(error).toMatchObject({ status: 500 });
        await Promise.all(creators.map((creator) => creator()));
        expect(server.paths.filter((path) => path === OPENID)).toHaveLength(2);
    });

    test('of which nobody answers says what could not be reached', async () => {
        const issuer = discover('http://127.0.0.1:1');
        const error = await failureOf(create(issuer)());

        expect(error).toMatchObject({ name: 'TokenError', code: 'network' });
        expect((error as Error).message).toMatch(/metadata|discovery|\.well-known/);
    });

    test('that hangs says what gave no answer', async () => {
        server.on(OPENID, () => undefined);
        const error = await failureOf(create(discover(server.url))());

        expect((error as Error).message).toMatch(/metadata|discovery|\.well-known/);
    });

    test.each([404, 405, 410])('happens again after the endpoint answered %d: it has moved', async (status) => {
        server.on(OPENID, good(), server.metadata(server.url, { token_endpoint: `${server.url}/moved` }));
        server.on('/oauth2/token', json({}, { status }));
        const creator = create(discover(server.url));

        expect(await failureOf(creator())).toMatchObject({ name: 'TokenEndpointError', status });
        await creator();
        expect(server.paths).toEqual([OPENID, '/oauth2/token', OPENID, '/moved']);
    });

    test.each([404, 405, 410])('happens again after a revocation was answered with %d', async (status) => {
        const issuer = discover(server.url);
        server.on(OPENID, good());
        server.on('/oauth2/revoke', json({}, { status }));

        expect(await failureOf(revokeToken('a', { issuer }))).toMatchObject({ status });
        await introspectToken('b', { issuer });
        expect(server.paths).toEqual([OPENID, '/oauth2/revoke', OPENID, '/oauth2/introspect']);
    });

    test.each([400, 401, 403, 429, 500, 503])(
        'does not happen again after the endpoint answered %d',
        async (status) => {
            server.on(OPENID, good());
            server.on('/oauth2/token', json({ error: 'no' }, { status }));
            const creator = create(discover(server.url));
            await failureOf(creator());
            await failureOf(creator());

            expect(server.paths).toEqual([OPENID, '/oauth2/token', '/oauth2/token']);
        },
    );
});

const bare = () => json({ issuer: server.url });

const options = () => ({ issuer: discover(server.url) });
const device = () => createDeviceTokenCreator({ onUserCode: () => {} }, { ...options(), clientId: 'a' })();

describe('metadata that lack an endpoint', () => {
    test.each<[string, () => Promise<unknown>]>([
        ['token_endpoint', () => create(discover(server.url))()],
        ['revocation_endpoint', async () => revokeToken('canary', options())],
        ['introspection_endpoint', async () => introspectToken('canary', options())],
        ['device_authorization_endpoint', device],
    ])('%s: the error says so, and nothing is sent', async (name, run) => {
        server.on(OPENID, bare());
        const error = await failureOf(run());

        expect(error).toMatchObject({ name: 'TokenResponseError', code: 'response' });
        expect((error as Error).message).toContain(`the metadata of ${server.url} tell of no `);
        expect((error as Error).message).toContain(name);
        expect(server.paths).toEqual([OPENID]);
    });
});

test('metadata of which nothing could be used are fetched again by the next attempt', async () => {
    server.on(OPENID, json({ issuer: server.url }), good());
    const creator = create(discover(server.url));

    expect(await failureOf(creator())).toMatchObject({ name: 'TokenResponseError' });
    expect(await creator()).toMatchObject({ access_token: 'an-access-token' });
});

test('an instance whose interceptors unwrap answers discovers as well', async () => {
    server.on(OPENID, good());
    const client = axios.create();
    client.interceptors.response.use(({ data }) => data as never);

    await createClientTokenCreator({ id: 'a', secret }, { issuer: discover(server.url), client })();
    expect(server.paths).toEqual([OPENID, '/oauth2/token']);
});
