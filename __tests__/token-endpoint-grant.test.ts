import { createClientTokenCreator, type TokenCreator } from '../src/index.js';
import {
    answer,
    grant,
    json,
    startTokenEndpointServer,
    type TokenEndpointServer,
} from './support/token-endpoint-server.js';

describe('a grant', () => {
    let server: TokenEndpointServer;
    let creator: TokenCreator;

    beforeAll(async () => {
        server = await startTokenEndpointServer();
        creator = createClientTokenCreator({ id: 'a', secret: 'b' }, { client: { baseURL: server.url } });
    });

    afterAll(() => server.close());

    test('is returned whole, with parameters that nobody knows', async () => {
        const parameters = {
            scope: 'global',
            id_token: 'ey.I.x',
            issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            authorization_details: [{ type: 'account', actions: ['list'] }],
            not_before_policy: 0,
            session: null,
            'odd name': false,
            statusCode: 400,
            error: null,
        };
        server.reply(grant(parameters));

        expect(await creator()).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            ...parameters,
        });
    });

    test.each([[200], [201], [203]])('may come with status %d', async (status) => {
        server.reply(json({ access_token: 'x', token_type: 'Bearer' }, { status }));

        expect(await creator()).toStrictEqual({ access_token: 'x', token_type: 'Bearer' });
    });

    test.each([
        ['without a content type', undefined],
        ['as text/plain', 'text/plain'],
        ['as text/html', 'text/html'],
        ['with a charset', 'application/json;charset=UTF-8'],
    ])('may come %s', async (_, type) => {
        server.reply(
            answer('{"access_token":"x","token_type":"Bearer"}', { headers: type ? { 'content-type': type } : {} }),
        );

        expect(await creator()).toStrictEqual({ access_token: 'x', token_type: 'Bearer' });
    });

    test('may come with a byte order mark and white space around it', async () => {
        server.reply(answer('\uFEFF \r\n{"access_token":"x","token_type":"Bearer"}\n\n'));

        expect(await creator()).toStrictEqual({ access_token: 'x', token_type: 'Bearer' });
    });

    const lifetimes: [string, unknown][] = [
        ['3600', 3600],
        ['"3600"', 3600],
        ['" 3600 "', 3600],
        ['"0"', 0],
        ['0', 0],
        ['-5', -5],
        ['"-5"', -5],
        ['59.5', 59.5],
        ['"59.5"', 59.5],
        ['""', undefined],
        ['" "', undefined],
        ['null', undefined],
        ['"never"', undefined],
        ['"3600s"', undefined],
        ['"0x10"', undefined],
        ['"Infinity"', undefined],
        ['"NaN"', undefined],
        ['1e400', undefined],
        ['"1e400"', undefined],
        [`"${'9'.repeat(400)}"`, undefined],
        ['true', undefined],
        ['[3600]', undefined],
        ['{"seconds":3600}', undefined],
    ];

    test.each(lifetimes)('with an expires_in of %s has %j seconds to live', async (given, expected) => {
        server.reply(answer(`{"access_token":"x","token_type":"Bearer","expires_in":${given}}`));

        const granted = await creator();

        expect(granted.expires_in).toBe(expected);
        expect('expires_in' in granted).toBe(expected !== undefined);
    });

    test.each(lifetimes)(
        'with a refresh_token_expires_in of %s has a refresh token for %j seconds',
        async (given, expected) => {
            server.reply(answer(`{"access_token":"x","token_type":"Bearer","refresh_token_expires_in":${given}}`));

            const granted = await creator();

            expect(granted.refresh_token_expires_in).toBe(expected);
            expect('refresh_token_expires_in' in granted).toBe(expected !== undefined);
        },
    );

    test('without expires_in has no expires_in', async () => {
        server.reply(json({ access_token: 'x', token_type: 'Bearer' }));

        expect(await creator()).not.toHaveProperty('expires_in');
    });

    test.each([['bearer'], ['BEARER'], ['Bearer'], ['DPoP'], ['mac']])('keeps the token_type %s', async (type) => {
        server.reply(grant({ token_type: type }));

        expect((await creator()).token_type).toBe(type);
    });

    test.each([
        ['absent', undefined],
        ['null', null],
        ['empty', ''],
    ])('whose token_type is %s is a Bearer', async (_, type) => {
        server.reply(grant({ token_type: type }));

        expect((await creator()).token_type).toBe('Bearer');
    });

    test('takes the last of two equal keys, as JSON does', async () => {
        server.reply(answer('{"access_token":"first","access_token":"second","token_type":"Bearer"}'));

        expect((await creator()).access_token).toBe('second');
    });

    test('with a __proto__ key pollutes nothing, and takes nothing from it', async () => {
        server.reply(answer('{"__proto__":{"polluted":1,"scope":"all"},"access_token":"x","token_type":"Bearer"}'));

        const granted = await creator();

        expect(Object.getPrototypeOf(granted)).toBe(Object.prototype);
        expect(granted.scope).toBeUndefined();
        expect(granted['polluted']).toBeUndefined();
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    });

    test('with an access_token only in its __proto__ is none', async () => {
        server.reply(answer('{"__proto__":{"access_token":"x","token_type":"Bearer"}}'));

        await expect(creator()).rejects.toMatchObject({ name: 'TokenResponseError', code: 'response' });
    });

    test('belongs to its caller alone', async () => {
        server.reply(grant());
        const granted = await creator();
        granted.access_token = 'changed';

        expect((await creator()).access_token).toBe('an-access-token');
    });
});
