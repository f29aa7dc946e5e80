import { clientSecretBasic, introspectToken, revokeToken } from '../src/index.js';
import { failureOf, failOnUnhandledRejections } from './support/servers.js';
import {
    answer,
    html,
    json,
    redirect,
    reset,
    stall,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from './support/token-endpoint-server.js';

let server: TokenEndpointServer;

failOnUnhandledRejections();

beforeEach(async () => {
    server = await startTokenEndpointServer();
    server.reply(json({ active: true }));
});

afterEach(() => server.close());

const client = { clientId: 'an-id', clientSecret: 'a-secret' };

describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
    const options = () => ({ client: { baseURL: server.url, adapter, timeout: 1_000 } });

    describe('revokeToken', () => {
        test('posts the token as a form to /token/revoke, and is content with any success', async () => {
            for (const reply of [
                answer(undefined),
                answer('OK'),
                html(200),
                json({}),
                answer(undefined, { status: 204 }),
            ]) {
                server.reply(reply);
                expect(await revokeToken('a/token +', options())).toBeUndefined();
            }

            expect(server.requests).toHaveLength(5);
            expect(server.requests[0]).toMatchObject({
                method: 'POST',
                url: '/token/revoke',
                body: 'token=a%2Ftoken+%2B',
            });
            expect(server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
            expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
        });

        test('sends the hint, and who the client is', async () => {
            const all = { ...options(), ...client, tokenTypeHint: 'refresh_token' };
            await revokeToken('a', all);
            await revokeToken('a', { ...all, clientAuthentication: clientSecretBasic });

            expect(server.requests[0]?.form).toEqual({
                token: 'a',
                token_type_hint: 'refresh_token',
                client_id: 'an-id',
                client_secret: 'a-secret',
            });
            expect(server.requests[1]?.form).toEqual({ token: 'a', token_type_hint: 'refresh_token' });
            expect(server.requests[1]?.headers.authorization).toBe('Basic YW4taWQ6YS1zZWNyZXQ=');
        });

        test('goes to the endpoint that it is told', async () => {
            await revokeToken('a', { ...options(), revocationEndpoint: '/oauth2/revoke' });
            await revokeToken('a', { revocationEndpoint: new URL('/elsewhere', server.url) });

            expect(server.requests.map(({ url }) => url)).toEqual(['/oauth2/revoke', '/elsewhere']);
        });

        test.each<[string, () => Reply, object]>([
            [
                '400',
                () => json({ error: 'unsupported_token_type' }, { status: 400 }),
                { error: 'unsupported_token_type' },
            ],
            ['401', () => json({ error: 'invalid_client' }, { status: 401 }), { status: 401, error: 'invalid_client' }],
            ['403 and nothing', () => answer(undefined, { status: 403 }), { status: 403 }],
            ['a redirect', () => redirect('/login'), { name: 'TokenEndpointError', status: 302 }],
            [
                'an error with 200',
                () => json({ statusCode: 500, message: 'x' }),
                { name: 'TokenEndpointError', status: 500 },
            ],
            ['a reset', () => reset(), { name: 'TokenError', code: 'network' }],
            ['silence', () => stall(), { name: 'TokenError', code: 'timeout' }],
        ])('fails where the server answers with %s: the token may still be good', async (_, reply, expected) => {
            server.reply(reply());

            expect(await failureOf(revokeToken('canary', options()))).toMatchObject(expected);
            expect(server.requests).toHaveLength(1);
        });

        test('that meets 503 tells when to try again', async () => {
            server.reply(answer(undefined, { status: 503, headers: { 'retry-after': '5' } }));

            expect(await failureOf(revokeToken('a', options()))).toMatchObject({ status: 503, retryAfter: 5_000 });
        });
    });

    describe('introspectToken', () => {
        test('posts the token as a form to /token/introspect, and gives the answer whole', async () => {
            const said = {
                active: true,
                scope: 'read',
                client_id: 'c',
                exp: 1_700_000_000,
                aud: ['a', 'b'],
                odd: null,
            };
            server.reply(json(said));

            const all = { ...options(), ...client, tokenTypeHint: 'access_token' };
            expect(await introspectToken('a token', all)).toStrictEqual(said);
            expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token/introspect' });
            expect(server.requests[0]?.headers.accept).toBe('application/json');
            expect(server.requests[0]?.form).toEqual({
                token: 'a token',
                token_type_hint: 'access_token',
                client_id: 'an-id',
                client_secret: 'a-secret',
            });
        });

        test('tells that a token is not active, which is no error', async () => {
            server.reply(json({ active: false }));

            expect(await introspectToken('a', options())).toStrictEqual({ active: false });
        });

        test('goes to the endpoint that it is told', async () => {
            await introspectToken('a', { ...options(), introspectionEndpoint: '/oauth2/introspect' });

            expect(server.requests[0]?.url).toBe('/oauth2/introspect');
        });

        test.each<[string, () => Reply, object]>([
            ['no active', () => json({ sub: 'jane' }), { name: 'TokenResponseError', code: 'response' }],
            ['"true" for active', () => json({ active: 'true' }), { name: 'TokenResponseError' }],
            ['1 for active', () => json({ active: 1 }), { name: 'TokenResponseError' }],
            ['a list', () => json([{ active: true }]), { name: 'TokenResponseError' }],
            ['a page', () => html(200), { name: 'TokenResponseError' }],
            ['nothing', () => answer(''), { name: 'TokenResponseError' }],
            [
                '401',
                () => json({ error: 'invalid_client' }, { status: 401 }),
                { name: 'TokenEndpointError', status: 401 },
            ],
            ['an active token and 403', () => json({ active: true }, { status: 403 }), { status: 403 }],
            ['a reset', () => reset(), { name: 'TokenError', code: 'network' }],
        ])('fails where the server answers with %s', async (_, reply, expected) => {
            server.reply(reply());

            expect(await failureOf(introspectToken('canary', options()))).toMatchObject(expected);
        });
    });
});

const toServer = () => ({ client: { baseURL: server.url } });

describe.each([
    ['revokeToken', revokeToken as (token: string, options: object) => Promise<unknown>, 'revocationEndpoint'],
    [
        'introspectToken',
        introspectToken as (token: string, options: object) => Promise<unknown>,
        'introspectionEndpoint',
    ],
])('%s', (caller, ask, endpoint) => {
    const expectRefused = async (token: unknown, options: unknown, ...words: string[]) => {
        const error = await failureOf(ask(token as string, options as object));
        expect(error).toBeInstanceOf(TypeError);
        for (const word of [caller, ...words]) expect((error as Error).message).toContain(word);
        expect((error as Error).message).not.toContain('canary');
        expect(server.requests).toHaveLength(0);
    };

    test.each([
        [undefined, 'undefined'],
        ['', 'empty'],
        [null, 'null'],
        [5, 'number'],
        [{ access_token: 'canary' }, 'object'],
    ])('refuses the token %p', async (token, what) => {
        await expectRefused(token, toServer(), 'token', what);
    });

    test('refuses wrong options', async () => {
        await expectRefused('canary', undefined, 'options');
        await expectRefused('canary', {}, 'client.baseURL');
        await expectRefused('canary', { ...toServer(), [endpoint]: 'ftp://x' }, `options.${endpoint}`);
        await expectRefused('canary', { ...toServer(), tokenTypeHint: '' }, 'options.tokenTypeHint');
        await expectRefused('canary', { ...toServer(), clientSecret: 5 }, 'options.clientSecret');
        await expectRefused(
            'canary',
            { ...toServer(), clientAuthentication: clientSecretBasic },
            'options.clientAuthentication',
        );
    });

    test('names all of its options where it is given another', async () => {
        await expectRefused(
            'canary',
            { ...toServer(), tokenType: 'x' },
            'options.tokenType;',
            endpoint,
            'tokenTypeHint',
            'signal',
        );
    });

    test('ends when its signal fires, with the reason', async () => {
        server.reply(stall());
        const abort = new AbortController();
        const reason = new Error('enough');
        const pending = failureOf(ask('a', { ...toServer(), signal: abort.signal }));
        while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        abort.abort(reason);

        expect(await pending).toBe(reason);
        await server.requests[0]?.closed;
    });

    test('asks nobody where its signal has fired', async () => {
        const reason = new Error('enough');

        expect(await failureOf(ask('a', { ...toServer(), signal: AbortSignal.abort(reason) }))).toBe(reason);
        expect(server.requests).toHaveLength(0);
    });
});
