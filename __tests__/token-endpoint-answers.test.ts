import axios from 'axios';
import {
    createClientTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    TokenEndpointError,
    TokenError,
    TokenResponseError,
} from '../src/index.js';
import {
    answer,
    drip,
    flood,
    grant,
    gzipBomb,
    html,
    json,
    redirect,
    stall,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from './support/token-endpoint-server.js';

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
        () => 'no failure',
        (error: unknown) => error,
    );

describe.each(['http', 'fetch'])('an answer over the %s adapter', (adapter) => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const ask = (timeout?: number): Promise<unknown> => {
        const client = { baseURL: server.url, adapter, ...(timeout !== undefined && { timeout }) };
        return failureOf(createClientTokenCreator({ id: 'my-client', secret: 'a-canary-secret' }, { client })());
    };

    const unusable: [string, Reply][] = [
        ['a page with status 200', html(200)],
        ['nothing with status 200', answer(undefined)],
        ['nothing with status 204', answer(undefined, { status: 204 })],
        ['white space', answer(' \n ')],
        ['half of an object', answer('{"access_token":"x"')],
        ['a form', answer('access_token=x&token_type=Bearer')],
        ['an array', json([{ access_token: 'x', token_type: 'Bearer' }])],
        ['an empty array', json([])],
        ['a string', json('an-access-token')],
        ['a string that holds JSON', json('{"access_token":"x","token_type":"Bearer"}')],
        ['a number', json(200)],
        ['null', json(null)],
        ['true', json(true)],
        ['an empty object', json({})],
        ['no access_token', json({ token_type: 'Bearer', expires_in: 3600 })],
        ['an access_token in camel case', json({ accessToken: 'x', tokenType: 'Bearer' })],
        ['a nested access_token', json({ data: { access_token: 'x', token_type: 'Bearer' } })],
        ...[null, '', 5, true, ['x'], { value: 'x' }].map((token): [string, Reply] => [
            `an access_token that is ${JSON.stringify(token)}`,
            grant({ access_token: token }),
        ]),
        ...['two words', 'line\r\nX-Injected: yes', 'tab\t', 'ümlaut', '\u0000', '\u2028', 'x\u007F'].map(
            (token): [string, Reply] => [
                `an access_token of characters that no header carries, ${JSON.stringify(token)}`,
                grant({ access_token: token }),
            ],
        ),
        ...[5, true, ['Bearer'], { name: 'Bearer' }].map((type): [string, Reply] => [
            `a token_type that is ${JSON.stringify(type)}`,
            grant({ token_type: type }),
        ]),
    ];
    test.each(unusable)('that is %s is no grant', async (_, reply) => {
        server.reply(reply);

        const error = await ask();

        expect(error).toBeInstanceOf(TokenResponseError);
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ name: 'TokenResponseError', code: 'response' });
        expect(axios.isAxiosError(error)).toBe(false);
        expect(server.requests).toHaveLength(1);
    });

    test('that is no grant is told by its status and type, and not repeated', async () => {
        server.reply(html(200));

        const { message } = (await ask()) as TokenResponseError;

        expect(message).toMatch(/\b200\b/);
        expect(message).toContain('text/html; charset=utf-8');
        expect(message).not.toContain('No token here');
    });

    test('that is no grant, and has no type, is told so', async () => {
        server.reply(answer('No token here'));

        expect(((await ask()) as Error).message).toBe(
            'the token endpoint answered 200 with no JSON object (no content type)',
        );
    });

    test('whose access_token is unusable does not repeat it', async () => {
        server.reply(grant({ access_token: 'a canary token' }));

        expect(((await ask()) as Error).message).not.toMatch(/canary/);
    });

    test.each([300, 301, 302, 303, 307, 308])('that redirects with status %d is not followed', async (status) => {
        const elsewhere = await startTokenEndpointServer();
        server.reply(redirect(`${elsewhere.url}/login`, status));

        const error = await ask();

        expect(elsewhere.requests).toHaveLength(0);
        expect(server.requests).toHaveLength(1);
        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ code: 'endpoint', status });
        await elsewhere.close();
    });

    test('that redirects within the same server is not followed either', async () => {
        server.reply(redirect('/login'), html(200));

        expect(await ask()).toMatchObject({ name: 'TokenEndpointError', status: 302 });
        expect(server.requests).toHaveLength(1);
    });

    test('that redirects is not followed, though the client says how many times', async () => {
        server.reply(redirect('/again'), grant());
        const client = { baseURL: server.url, adapter, maxRedirects: 5 };

        const error = await failureOf(createClientTokenCreator({ id: 'a', secret: 'b' }, { client })());

        expect(error).toMatchObject({ name: 'TokenEndpointError', status: 302 });
        expect(server.requests).toHaveLength(1);
    });

    test.each<[string, () => Reply]>([
        ['never ends', stall],
        ['never comes', () => () => undefined],
        ['drips for ever', () => drip(20)],
    ])('that %s is given up at the timeout, and its connection is closed', async (_, reply) => {
        server.reply(reply());
        const start = performance.now();

        const error = await ask(250);

        const took = performance.now() - start;
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ name: 'TokenError', code: 'timeout' });
        expect((error as Error).message).toMatch(/250 ?ms/);
        expect(took).toBeGreaterThan(200);
        expect(took).toBeLessThan(1_500);
        await server.requests[0]?.closed;
    });

    test.each<[string, () => Reply]>([
        ['never stops', flood],
        ['unpacks to 256 MiB', gzipBomb],
    ])('that %s is cut off at a size, long before the timeout', async (_, reply) => {
        server.reply(reply());
        const start = performance.now();

        const error = await ask(15_000);

        expect(error).toBeInstanceOf(TokenResponseError);
        expect(error).toMatchObject({ code: 'response' });
        expect((error as Error).message).toMatch(
            /^the answer of the token endpoint is too long \(.*maxContentLength size of \d+ exceeded\)$/,
        );
        expect(performance.now() - start).toBeLessThan(5_000);
        // The fetch adapter leaves the rest of the body to the garbage collector.
        if (adapter === 'http') await server.requests[0]?.closed;
    });

    test('may take longer than a moment', async () => {
        server.reply(json({ access_token: 'x', token_type: 'Bearer' }, { wait: 150 }));

        await expect(
            createClientTokenCreator({ id: 'a', secret: 'b' }, { client: { baseURL: server.url, adapter } })(),
        ).resolves.toMatchObject({ access_token: 'x' });
    });

    test('that never comes is given up when the signal fires, with its reason', async () => {
        server.reply(stall());
        const abort = new AbortController();
        const reason = new Error('logged out');
        const creator = createUserTokenCreator(
            { name: 'admin', password: 'start123' },
            { client: { baseURL: server.url, adapter } },
        );
        const pending = failureOf(creator({ reason: 'missing', signal: abort.signal }));
        while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        abort.abort(reason);

        expect(await pending).toBe(reason);
        await server.requests[0]?.closed;
    });

    test('is not even asked for when the signal has fired already', async () => {
        const reason = new Error('logged out');
        const creator = createUserTokenCreator(
            { name: 'admin', password: 'start123' },
            { client: { baseURL: server.url, adapter } },
        );

        const context = { reason: 'missing', signal: AbortSignal.abort(reason) } as const;

        expect(await failureOf(creator(context))).toBe(reason);
        expect(server.requests).toHaveLength(0);
    });
});

describe('a token source over a token endpoint', () => {
    test('gives a token of type bearer in any case as Bearer, and refuses any other type', async () => {
        const server = await startTokenEndpointServer();
        const creator = createClientTokenCreator({ id: 'a', secret: 'b' }, { client: { baseURL: server.url } });
        server.reply(grant({ token_type: 'bEARER' }), grant({ token_type: undefined }), grant({ token_type: 'mac' }));

        expect((await createTokenSource(creator).getToken()).type).toBe('Bearer');
        expect((await createTokenSource(creator).getToken()).type).toBe('Bearer');
        await expect(createTokenSource(creator).getToken()).rejects.toBeInstanceOf(TokenResponseError);
        await server.close();
    });
});
