import {
    createUserTokenCreator,
    TokenEndpointError,
    TokenError,
    TokenResponseError,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenGrantResponse,
} from '../../src/index.js';
import {
    answer,
    grant,
    html,
    json,
    reset,
    stall,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from '../support/token-endpoint-server.js';

const replacing = (grantBefore: TokenGrantResponse | undefined, signal = new AbortController().signal) =>
    ({ reason: 'expired', ...(grantBefore && { previous: grantBefore }), signal }) satisfies TokenCreatorContext;

describe('the refresh token of the grant before', () => {
    let server: TokenEndpointServer;
    let creator: TokenCreator;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
        const client = { baseURL: server.url, timeout: 1_000 };
        creator = createUserTokenCreator({ name: 'admin', password: 'start123', realmId: 'r' }, { client });
    });

    afterEach(() => server.close());

    const previous: TokenGrantResponse = { access_token: 'old', token_type: 'Bearer', refresh_token: 'old-refresh' };
    const grantTypes = () => server.requests.map(({ form }) => form['grant_type']);

    test('is used instead of the password, and sent with nothing else', async () => {
        server.reply(grant({ access_token: 'new', refresh_token: 'new-refresh', refresh_token_expires_in: 60 }));

        expect(await creator(replacing(previous))).toStrictEqual({
            access_token: 'new',
            token_type: 'Bearer',
            expires_in: 3600,
            refresh_token: 'new-refresh',
            refresh_token_expires_in: 60,
        });
        expect(server.requests).toHaveLength(1);
        expect(server.requests[0]?.body.split('&').sort()).toEqual([
            'grant_type=refresh_token',
            'refresh_token=old-refresh',
        ]);
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    test.each<[string, TokenGrantResponse | undefined]>([
        ['there is no grant before', undefined],
        ['the grant before had none', { access_token: 'old', token_type: 'Bearer' }],
        ['the grant before had an empty one', { ...previous, refresh_token: '' }],
    ])('is not missed where %s: the password is used', async (_, grantBefore) => {
        await creator(replacing(grantBefore));

        expect(grantTypes()).toEqual(['password']);
        expect(server.requests[0]?.body).not.toContain('refresh_token');
    });

    const refusals = [400, 401, 403].flatMap((status): [string, Reply][] => [
        [`${status} with an error of RFC 6749`, json({ error: 'invalid_grant' }, { status })],
        [`${status} with an error of Authup`, json({ statusCode: status, code: 'inactive_token' }, { status })],
        [`${status} with an empty body`, answer(undefined, { status })],
        [`${status} with a page`, html(status)],
        [`${status} with a grant in it`, json({ access_token: 'x', token_type: 'Bearer' }, { status })],
    ]);
    test.each([
        ...refusals,
        ['a refusal sent with status 200', json({ statusCode: 400, code: 'invalid_token', message: 'no' })] as const,
    ])('that is refused by %s makes way for the password', async (_, refusal) => {
        server.reply(refusal, grant({ access_token: 'by-password' }));

        expect(await creator(replacing(previous))).toMatchObject({ access_token: 'by-password' });
        expect(grantTypes()).toEqual(['refresh_token', 'password']);
        expect(server.requests[1]?.form).toEqual({
            grant_type: 'password',
            username: 'admin',
            password: 'start123',
            realm_id: 'r',
        });
    });

    test('that is refused is not kept beside the grant of the password', async () => {
        server.reply(json({ error: 'invalid_grant' }, { status: 400 }), grant());

        expect(await creator(replacing(previous))).not.toHaveProperty('refresh_token');
    });

    test('that is refused, and a wrong password after it, give the error of the password', async () => {
        server.reply(
            json({ error: 'invalid_grant', error_description: 'used before' }, { status: 400 }),
            json({ code: 'invalid_credentials', message: 'wrong password' }, { status: 400 }),
        );

        const error: unknown = await creator(replacing(previous)).catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 400, vendorCode: 'invalid_credentials' });
        expect(grantTypes()).toEqual(['refresh_token', 'password']);
    });

    test.each<[string, Reply, new (...parameters: never[]) => Error, object]>([
        ['a reset connection', reset(), TokenError, { code: 'network' }],
        ['an answer that never ends', stall(), TokenError, { code: 'timeout' }],
        ['408', json({}, { status: 408 }), TokenEndpointError, { status: 408 }],
        ['429', json({}, { status: 429 }), TokenEndpointError, { status: 429 }],
        ['500', json({ error: 'invalid_grant' }, { status: 500 }), TokenEndpointError, { status: 500 }],
        ['500 sent with status 200', json({ statusCode: 500 }), TokenEndpointError, { status: 500 }],
        ['502 with a page', html(502), TokenEndpointError, { status: 502 }],
        ['503', answer(undefined, { status: 503 }), TokenEndpointError, { status: 503 }],
        ['404', json({}, { status: 404 }), TokenEndpointError, { status: 404 }],
        ['a page with status 200', html(200), TokenResponseError, { code: 'response' }],
        ['no access_token', json({ token_type: 'Bearer' }), TokenResponseError, { code: 'response' }],
        ['an empty answer', answer(''), TokenResponseError, { code: 'response' }],
    ])('is not given up for the password because of %s', async (_, reply, constructor, fields) => {
        server.reply(reply);

        const error: unknown = await creator(replacing(previous)).catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(constructor);
        expect(error).toMatchObject(fields);
        expect(grantTypes()).toEqual(['refresh_token']);
    });

    test('is not given up for the password because nobody answers', async () => {
        await server.close();

        await expect(creator(replacing(previous))).rejects.toMatchObject({ name: 'TokenError', code: 'network' });
        expect(server.requests).toHaveLength(0);
    });

    test('is kept, with its lifetime, when the answer brings none', async () => {
        const kept = { ...previous, refresh_token_expires_in: 600 };

        expect(await creator(replacing(kept))).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            refresh_token: 'old-refresh',
            refresh_token_expires_in: 600,
        });
    });

    test.each([[''], [null]])('is kept when the answer brings %j for one', async (refreshToken) => {
        server.reply(grant({ refresh_token: refreshToken }));

        expect(await creator(replacing(previous))).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            refresh_token: 'old-refresh',
        });
    });

    test('does not lend its lifetime to the one that replaces it', async () => {
        server.reply(grant({ refresh_token: 'new-refresh' }));

        const renewed = await creator(replacing({ ...previous, refresh_token_expires_in: 600 }));

        expect(renewed).toMatchObject({ refresh_token: 'new-refresh' });
        expect(renewed).not.toHaveProperty('refresh_token_expires_in');
    });

    test('is no longer aborted once it is sent: the server may have replaced it', async () => {
        const abort = new AbortController();
        server.reply((response, request) => {
            abort.abort(new Error('too late'));
            return grant({ access_token: 'rescued', refresh_token: 'rotated' })(response, request);
        });

        expect(await creator(replacing(previous, abort.signal))).toMatchObject({
            access_token: 'rescued',
            refresh_token: 'rotated',
        });
        expect(server.requests).toHaveLength(1);
    });

    test('that is refused after the abort is not followed by the password', async () => {
        const abort = new AbortController();
        const reason = new Error('logged out');
        server.reply((response, request) => {
            abort.abort(reason);
            return json({ error: 'invalid_grant' }, { status: 400 })(response, request);
        });

        await expect(creator(replacing(previous, abort.signal))).rejects.toBe(reason);
        expect(grantTypes()).toEqual(['refresh_token']);
    });
});
