import axios from 'axios';
import { decodeJwt } from 'jose';
import {
    createClientTokenCreator,
    createUserTokenCreator,
    discover,
    introspectToken,
    none,
    revokeToken,
    tlsClientAuth,
    type Issuer,
    type TokenEndpointOptions,
} from '../src/index.js';
import { clientSecretJwt } from '../src/jwt/index.js';
import { OAUTH, OPENID, startMetadataServer, type MetadataServer } from './support/metadata-server.js';
import { createScriptedAdapter } from './support/scripted-adapter.js';
import { html } from './support/token-endpoint-server.js';
import { expectTypeError } from './support/type-error.js';

const credentials = { id: 'my-client', secret: 'a-secret-of-32-bytes-or-more-5c0ffee' };
const create = (issuer: Issuer, options: Partial<TokenEndpointOptions> = {}) =>
    createClientTokenCreator(credentials, { issuer, ...options });

describe('discovery', () => {
    let server: MetadataServer;

    beforeEach(async () => {
        server = await startMetadataServer();
    });

    afterEach(() => server.close());

    describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
        test('asks OpenID Connect Discovery, and then the token endpoint that it tells of', async () => {
            server.on(OPENID, server.metadata(server.url));

            const client = { adapter };
            expect(await create(discover(server.url), { client })()).toMatchObject({ access_token: 'an-access-token' });
            expect(server.paths).toEqual([OPENID, '/oauth2/token']);
            expect(server.requests[0]).toMatchObject({ method: 'GET', body: '' });
            expect(server.requests[0]?.headers.accept).toBe('application/json');
        });

        test('asks as RFC 8414 says where that is not there', async () => {
            server.on(OAUTH, server.metadata(server.url));
            await create(discover(server.url), { client: { adapter } })();

            expect(server.paths).toEqual([OPENID, OAUTH, '/oauth2/token']);
        });
    });

    test.each([
        ['', OPENID, OAUTH],
        ['/', OPENID, OAUTH],
        ['/tenant', `/tenant${OPENID}`, `${OAUTH}/tenant`],
        ['/tenant/', `/tenant${OPENID}`, `${OAUTH}/tenant`],
        ['/realms/a%20b/v2.0', `/realms/a%20b/v2.0${OPENID}`, `${OAUTH}/realms/a%20b/v2.0`],
    ])('of an issuer with the path %j asks for %s, and for %s', async (path, openid, oauth) => {
        server.on(oauth, server.metadata(server.url + path));
        await create(discover(server.url + path))();

        expect(server.paths).toEqual([openid, oauth, '/oauth2/token']);
    });

    test('carries no credentials, whatever the client has', async () => {
        server.on(OPENID, server.metadata(server.url));
        const client = { headers: { Authorization: 'Bearer leftover' }, auth: { username: 'left', password: 'over' } };
        await create(discover(server.url), { client })();

        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
        expect(server.requests[0]?.url).toBe(OPENID);
        expect(server.requests[0]?.body).toBe('');
    });

    test('goes to the issuer, whatever base the client has', async () => {
        server.on(OPENID, server.metadata(server.url));
        const client = axios.create({ baseURL: 'http://127.0.0.1:1/api', allowAbsoluteUrls: false });
        await create(discover(server.url), { client })();

        expect(server.paths).toEqual([OPENID, '/oauth2/token']);
    });

    test('happens when it is first needed, and once', async () => {
        server.on(OPENID, server.metadata(server.url));
        const creator = create(discover(server.url));
        expect(server.requests).toHaveLength(0);
        await creator();
        await creator();

        expect(server.paths).toEqual([OPENID, '/oauth2/token', '/oauth2/token']);
    });

    test('happens once for creations that need it at the same time', async () => {
        server.on(OPENID, server.metadata(server.url));
        const issuer = discover(server.url);
        await Promise.all([create(issuer)(), create(issuer)(), create(issuer, { client: { timeout: 1_000 } })()]);

        expect([...server.paths].sort()).toEqual([OPENID, '/oauth2/token', '/oauth2/token', '/oauth2/token'].sort());
    });

    test('happens once for all that share its result: creators, revocation and introspection', async () => {
        server.on(OPENID, server.metadata(server.url));
        const issuer = discover(server.url);
        await create(issuer)();
        await revokeToken('a', { issuer });
        await introspectToken('b', { issuer });
        await createUserTokenCreator({ name: 'a', password: 'b' }, { issuer })();

        expect(server.paths).toEqual([
            OPENID,
            '/oauth2/token',
            '/oauth2/revoke',
            '/oauth2/introspect',
            '/oauth2/token',
        ]);
    });

    test('goes on for others when the one who began it leaves', async () => {
        const issuer = discover(server.url);
        const left = new AbortController();
        server.on(OPENID, (response, request) => {
            left.abort(new Error('left'));
            return server.metadata(server.url)(response, request);
        });
        const first = create(issuer)({ reason: 'missing', signal: left.signal });
        const second = create(issuer)();

        await expect(first).rejects.toThrow('left');
        expect(await second).toMatchObject({ access_token: 'an-access-token' });
        expect(server.paths).toEqual([OPENID, '/oauth2/token']);
    });

    test('is not asked where the option names the endpoint itself', async () => {
        await create(discover(server.url), { tokenEndpoint: `${server.url}/own/token` })();

        expect(server.paths).toEqual(['/own/token']);
    });

    test('takes metadata of any content type', async () => {
        server.on(OPENID, (response) => {
            const body = JSON.stringify({ issuer: server.url, token_endpoint: `${server.url}/t?v=2` });
            response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
        });
        await create(discover(server.url))();

        expect(server.paths).toEqual([OPENID, '/t?v=2']);
    });

    test('passes over a page at the first path', async () => {
        server.on(OPENID, html(200));
        server.on(OAUTH, server.metadata(server.url));
        await create(discover(server.url))();

        expect(server.paths).toEqual([OPENID, OAUTH, '/oauth2/token']);
    });

    test('makes the issuer the audience of assertions, rather than the endpoint', async () => {
        server.on(OPENID, server.metadata(server.url));
        const issuer = discover(server.url);
        const clientAuthentication = clientSecretJwt();
        await create(issuer, { clientAuthentication })();
        const options = { issuer, clientAuthentication, clientId: 'a', clientSecret: credentials.secret };
        await revokeToken('a', options);

        const assertions = server.requests.slice(1).map(({ form }) => decodeJwt(form['client_assertion'] ?? '').aud);
        expect(assertions).toEqual([server.url, server.url]);
    });

    test('gives a function of the audience the URL that is asked', async () => {
        server.on(OPENID, server.metadata(server.url));
        await create(discover(server.url), { clientAuthentication: clientSecretJwt({ audience: ({ url }) => url }) })();

        expect(decodeJwt(server.requests[1]?.form['client_assertion'] ?? '').aud).toBe(`${server.url}/oauth2/token`);
    });

    test('of endpoints for mutual TLS counts for clients that authenticate by it, and for no others', async () => {
        const aliases = {
            token_endpoint: `${server.url}/mtls/token`,
            revocation_endpoint: `${server.url}/mtls/revoke`,
        };
        server.on(OPENID, server.metadata(server.url, { mtls_endpoint_aliases: aliases }));
        const issuer = discover(server.url);
        await create(issuer)();
        await create(issuer, { clientAuthentication: none })();
        await create(issuer, { clientAuthentication: tlsClientAuth })();
        const options = { issuer, clientId: 'a', clientAuthentication: tlsClientAuth };
        await revokeToken('a', options);
        await introspectToken('b', options);

        expect(server.paths.slice(1)).toEqual([
            '/oauth2/token',
            '/oauth2/token',
            '/mtls/token',
            '/mtls/revoke',
            '/oauth2/introspect',
        ]);
    });
});

const discovered = async (issuer: string, endpoint: unknown, options: Partial<TokenEndpointOptions> = {}) => {
    const scripted = createScriptedAdapter();
    scripted.answer(
        { body: { issuer, token_endpoint: 'https://as.example/t', ...(endpoint as object) } },
        { body: { access_token: 'x', token_type: 'Bearer' } },
    );
    const creator = create(discover(issuer), { client: { adapter: scripted.adapter }, ...options });
    const error: unknown = await creator().then(
        () => undefined,
        (reason: unknown) => reason,
    );
    return { error, urls: scripted.sent.map(({ url }) => url) };
};

describe('the URL of an endpoint', () => {
    test('may be on another host than the issuer', async () => {
        const { urls } = await discovered('https://login.example', { token_endpoint: 'https://api.example/t' });

        expect(urls).toEqual(['https://login.example/.well-known/openid-configuration', 'https://api.example/t']);
    });

    test.each([
        ['http://as.example/token'],
        ['HTTP://as.example/token'],
        ['//as.example/token'],
        ['/token'],
        ['https://admin:canary@as.example/token'],
        ['https:as.example/token'],
        ['ftp://as.example/token'],
        ['https://'],
        [''],
        [5],
        [null],
        [['https://as.example/token']],
    ])('of an https issuer must not be %p: nothing is sent there', async (endpoint) => {
        const { error, urls } = await discovered('https://as.example', { token_endpoint: endpoint });

        expect(error).toMatchObject({ name: 'TokenResponseError', code: 'response' });
        expect((error as Error).message).toMatch(/^the metadata of https:\/\/as\.example .*token_endpoint/);
        expect((error as Error).message).not.toContain('canary');
        expect(urls).toHaveLength(1);
    });

    test('for mutual TLS is held to the same', async () => {
        const aliases = { mtls_endpoint_aliases: { token_endpoint: 'http://as.example/mtls' } };
        const options = { clientAuthentication: tlsClientAuth };
        const { error, urls } = await discovered('https://as.example', aliases, options);

        expect(error).toMatchObject({ name: 'TokenResponseError' });
        expect(urls).toHaveLength(1);
    });

    test('for mutual TLS that is wrong does not matter to clients that use none', async () => {
        const aliases = { mtls_endpoint_aliases: { token_endpoint: 'http://as.example/mtls' } };
        const { error, urls } = await discovered('https://as.example', aliases);

        expect(error).toBeUndefined();
        expect(urls[1]).toBe('https://as.example/t');
    });

    test.each([[null], ['x'], [[]], [5]])('for mutual TLS may be among %p, which tells none', async (aliases) => {
        const options = { clientAuthentication: tlsClientAuth };
        const { urls } = await discovered('https://as.example', { mtls_endpoint_aliases: aliases }, options);

        expect(urls[1]).toBe('https://as.example/t');
    });
});

describe('an issuer', () => {
    test.each<[unknown, string]>([
        [undefined, 'undefined'],
        [null, 'null'],
        ['', '""'],
        ['as.example', '"as.example"'],
        ['/auth', '"/auth"'],
        ['ftp://as.example', '"ftp://as.example"'],
        ['https://as.example?a=b', '"https://as.example?a=b"'],
        ['https://as.example/#a', '"https://as.example/#a"'],
        ['https://as.example?', '"https://as.example?"'],
        ['https://', '"https://"'],
        [new URL('https://as.example'), 'object'],
        ['https://admin:canary@as.example', '[redacted]@as.example'],
    ])('must not be %p', (issuer, what) => {
        expectTypeError(() => discover(issuer as string), 'discover', 'issuer', what);
    });

    test.each([['https://as.example'], [{}], [{ issuer: 'https://as.example' }], [null], [() => 'x']])(
        'is given as the result of discover, and not as %p',
        (issuer) => {
            expectTypeError(() => create(issuer as never), 'createClientTokenCreator', 'options.issuer', 'discover');
        },
    );

    test('takes the place of a base URL', () => {
        expect(create(discover('https://as.example'))).toBeInstanceOf(Function);
        expectTypeError(() => create(undefined as never), 'client.baseURL');
    });
});
