import axios from 'axios';
import {
    createClientTokenCreator,
    TokenEndpointError,
    TokenError,
    TokenResponseError,
    type TokenCreator,
    type TokenErrorCode,
} from '../src/index.js';
import {
    answer,
    html,
    json,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from './support/token-endpoint-server.js';

describe('the errors', () => {
    test.each<[TokenErrorCode]>([['network'], ['timeout'], ['cleared'], ['endpoint'], ['response']])(
        'a TokenError tells %s by its code',
        (code) => {
            const error = new TokenError(code, 'no token');

            expect(error).toBeInstanceOf(Error);
            expect(error).toMatchObject({ name: 'TokenError', code, message: 'no token' });
            expect(String(error)).toBe('TokenError: no token');
        },
    );

    test('a TokenEndpointError is a TokenError with what the server said', () => {
        const fields = {
            status: 400,
            error: 'invalid_grant',
            errorDescription: 'no',
            errorUri: 'https://as.example/e',
            vendorCode: 'x',
            retryAfter: 5,
        };
        const error = new TokenEndpointError('refused', fields);

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ name: 'TokenEndpointError', code: 'endpoint', message: 'refused', ...fields });
    });

    test('a TokenResponseError is a TokenError', () => {
        const error = new TokenResponseError('unusable');

        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ name: 'TokenResponseError', code: 'response', message: 'unusable' });
    });
});

const said = ({ status, error, errorDescription, errorUri, vendorCode, retryAfter }: TokenEndpointError) => ({
    status,
    error,
    errorDescription,
    errorUri,
    vendorCode,
    retryAfter,
});

const authup = (statusCode: number, code: string, message: string) => ({ statusCode, code, message });
const oauth = (error: string, description: string) => ({ error, error_description: description });

describe('the token endpoint', () => {
    let server: TokenEndpointServer;
    let creator: TokenCreator;

    beforeAll(async () => {
        server = await startTokenEndpointServer();
        creator = createClientTokenCreator({ id: 'a', secret: 'b-canary' }, { client: { baseURL: server.url } });
    });

    afterAll(() => server.close());

    const refusedBy = async (reply: Reply): Promise<TokenEndpointError> => {
        server.reply(reply);
        const error: unknown = await creator().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ name: 'TokenEndpointError', code: 'endpoint' });
        expect(axios.isAxiosError(error)).toBe(false);
        for (const name of ['config', 'request', 'response', 'cause', 'toJSON']) expect(error).not.toHaveProperty(name);
        return error as TokenEndpointError;
    };

    const throttled = authup(429, 'login_attempt_throttled', 'Too many attempts.');

    test.each<[string, Reply, object]>([
        [
            'refuses credentials as Authup 1.0.0-beta.30 does',
            json(authup(400, 'invalid_credentials', 'The credentials are invalid.'), { status: 400 }),
            { status: 400, vendorCode: 'invalid_credentials', errorDescription: 'The credentials are invalid.' },
        ],
        [
            'refuses credentials as Authup 1.0.0-beta.26 does',
            json(
                { ...authup(400, 'invalid_credentials', 'Invalid.'), ...oauth('invalid_request', 'They are wrong.') },
                { status: 400 },
            ),
            {
                status: 400,
                error: 'invalid_request',
                vendorCode: 'invalid_credentials',
                errorDescription: 'They are wrong.',
            },
        ],
        [
            'refuses credentials as Authup 1.0.0-beta.53 does',
            json({ ...authup(401, 'invalid_client', 'Unknown.'), error: 'invalid_client' }, { status: 401 }),
            { status: 401, error: 'invalid_client', vendorCode: 'invalid_client', errorDescription: 'Unknown.' },
        ],
        [
            'misses a field as Authup 0.17 does, with status 200',
            json(authup(500, 'INTERNAL_SERVER_ERROR', 'An error occurred.')),
            { status: 500, vendorCode: 'INTERNAL_SERVER_ERROR', errorDescription: 'An error occurred.' },
        ],
        [
            'misses a field as later Authups do',
            json(authup(500, 'internal_server_error', 'An error occurred.'), { status: 500 }),
            { status: 500, vendorCode: 'internal_server_error', errorDescription: 'An error occurred.' },
        ],
        [
            'does not know a grant as Authup 1.0.0-beta.53 does',
            json(
                { ...authup(400, 'unsupported_token_grant_type', 'No such grant.'), error: 'unsupported_grant_type' },
                { status: 400 },
            ),
            {
                status: 400,
                error: 'unsupported_grant_type',
                vendorCode: 'unsupported_token_grant_type',
                errorDescription: 'No such grant.',
            },
        ],
        [
            'throttles as Authup 1.0.0-beta.53 does',
            json(throttled, { status: 429, headers: { 'retry-after': '30' } }),
            {
                status: 429,
                vendorCode: 'login_attempt_throttled',
                errorDescription: 'Too many attempts.',
                retryAfter: 30_000,
            },
        ],
        ['refuses a client as glewlwyd does', answer(undefined, { status: 403 }), { status: 403 }],
        ['refuses a grant as glewlwyd does', answer(undefined, { status: 400 }), { status: 400 }],
        [
            'says all that RFC 6749 lets it say',
            json(
                { ...oauth('invalid_client', 'No such client.'), error_uri: 'https://as.example/errors#client' },
                { status: 401, headers: { 'www-authenticate': 'Basic realm="as"' } },
            ),
            {
                status: 401,
                error: 'invalid_client',
                errorDescription: 'No such client.',
                errorUri: 'https://as.example/errors#client',
            },
        ],
        [
            'says an error with status 200',
            json(oauth('bad_verification_code', 'The code has expired.')),
            { status: 200, error: 'bad_verification_code', errorDescription: 'The code has expired.' },
        ],
        ['says a status of its own', json({ statusCode: 400, error: 'x' }), { status: 400, error: 'x' }],
        ['says one that is none of an error', json({ statusCode: 399, error: 'x' }), { status: 200, error: 'x' }],
        ['says one that is no number', json({ statusCode: '400', error: 'x' }), { status: 200, error: 'x' }],
        ['says two', json({ statusCode: 400, error: 'x' }, { status: 500 }), { status: 500, error: 'x' }],
        ['says an error beside an empty token', json({ access_token: '', error: 'x' }), { status: 200, error: 'x' }],
        ['sends a page with status 502', html(502), { status: 502 }],
        ['sends a page with status 503', html(503, { 'retry-after': '7' }), { status: 503, retryAfter: 7_000 }],
        ['is not there', html(404), { status: 404 }],
        ['sends a list of errors', json([oauth('invalid_grant', 'no')], { status: 400 }), { status: 400 }],
        ['sends a string', json('invalid_grant', { status: 400 }), { status: 400 }],
        ['sends null', json(null, { status: 500 }), { status: 500 }],
        [
            'sends errors that are no strings',
            json({ error: { code: 7 }, error_description: ['a'], error_uri: 5, code: 5, message: {} }, { status: 400 }),
            { status: 400 },
        ],
        [
            'sends an error with a __proto__ key',
            answer('{"__proto__":{"error":"polluted"},"error_description":"no"}', { status: 400 }),
            { status: 400, errorDescription: 'no' },
        ],
        [
            'sends an error with equal keys',
            answer('{"error":"first","error":"second"}', { status: 400 }),
            { status: 400, error: 'second' },
        ],
        ['sends a token with an error status', json({ access_token: 'x' }, { status: 500 }), { status: 500 }],
    ])('%s: its error tells so', async (_, reply, expected) => {
        const error = await refusedBy(reply);

        expect(said(error)).toEqual(expected);
    });

    test('has its status, error and description in the message', async () => {
        const { message } = await refusedBy(json(oauth('invalid_grant', 'It was used before.'), { status: 400 }));

        expect(message).toMatch(/\b400\b.*invalid_grant.*It was used before\./);
    });

    test('has nothing but its status in the message where it says no more', async () => {
        const { message } = await refusedBy(answer(undefined, { status: 403 }));

        expect(message).toBe('the token endpoint answered 403');
    });

    test('has its own code in the message where it sends no error of RFC 6749', async () => {
        const { message } = await refusedBy(json(authup(400, 'invalid_credentials', 'Wrong.'), { status: 400 }));

        expect(message).toMatch(/\b400\b.*invalid_credentials.*Wrong\./);
    });

    test.each([
        ['0', 0],
        ['1', 1_000],
        [' 120 ', 120_000],
        [new Date(0).toUTCString(), 0],
        ['', undefined],
        ['soon', undefined],
    ])('that says Retry-After: %j wants %j ms of peace', async (header, expected) => {
        const { retryAfter } = await refusedBy(json({}, { status: 503, headers: { 'retry-after': header } }));

        expect(retryAfter).toBe(expected);
    });

    test.each([['-5'], ['1.5'], ['-0']])('that says Retry-After: %s wants no peace', async (header) => {
        const { retryAfter } = await refusedBy(json({}, { status: 503, headers: { 'retry-after': header } }));

        expect(retryAfter ?? 0).toBe(0);
    });

    test('that says Retry-After as a date wants peace until then', async () => {
        const then = Math.floor(Date.now() / 1_000) * 1_000 + 90_000;
        const before = Date.now();
        const headers = { 'retry-after': new Date(then).toUTCString() };

        const { retryAfter } = await refusedBy(json({}, { status: 429, headers }));

        expect(retryAfter).toBeGreaterThanOrEqual(then - Date.now());
        expect(retryAfter).toBeLessThanOrEqual(then - before);
    });

    const forged = 'no\r\n2026-11-01 INFO admin logged in\u001B[2K\u0000\u0085\u2028\u2029\u009B1A\u202Etxt';
    test.each(['error', 'error_description', 'error_uri', 'code', 'message'])(
        'cannot forge lines of a log with control characters in %s',
        async (name) => {
            const error = await refusedBy(json({ [name]: forged }, { status: 400 }));

            const texts = [error.message, ...Object.values(said(error)).filter((value) => typeof value === 'string')];
            expect(texts.length).toBeGreaterThan(1);
            for (const text of texts) expect(text).not.toMatch(/[\p{C}\u2028\u2029]/u);
            expect(texts.join()).toContain('admin logged in');
        },
    );

    test('cannot fill a log', async () => {
        const long = 'x'.repeat(200_000);
        const error = await refusedBy(
            json({ error: long, error_description: long, error_uri: long, code: long }, { status: 400 }),
        );

        expect(JSON.stringify([said(error), error.message, error.stack]).length).toBeLessThan(10_000);
    });
});
