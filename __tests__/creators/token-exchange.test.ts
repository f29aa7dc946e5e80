import { createTokenExchangeCreator, createTokenSource, type TokenExchangeCredentials } from '../../src/index.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const client = () => ({ client: { baseURL: server.url } });
const exchange = async (credentials: TokenExchangeCredentials) => {
    await createTokenExchangeCreator(credentials, client())();
    return server.requests.at(-1)?.form;
};

const tokenOfUser = ({ parameters } = {} as { parameters?: { key?: string } }) => `token-of-${parameters?.key}`;

describe('a token exchange creator', () => {
    test('posts the subject token with its type, and nothing of an actor', async () => {
        expect(await exchange({ subjectToken: 'a-subject' })).toEqual({
            grant_type: GRANT_TYPE,
            subject_token: 'a-subject',
            subject_token_type: ACCESS_TOKEN,
        });
        expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token' });
    });

    test('posts an actor token always with a type', async () => {
        expect(await exchange({ subjectToken: 'a-subject', actorToken: () => 'an-actor' })).toMatchObject({
            actor_token: 'an-actor',
            actor_token_type: ACCESS_TOKEN,
        });
    });

    test('posts the types that it is told', async () => {
        const jwt = 'urn:ietf:params:oauth:token-type:jwt';
        const saml = 'urn:ietf:params:oauth:token-type:saml2';
        const refresh = 'urn:ietf:params:oauth:token-type:refresh_token';

        expect(
            await exchange({
                subjectToken: async () => 'a-subject',
                subjectTokenType: jwt,
                actorToken: 'an-actor',
                actorTokenType: saml,
                requestedTokenType: refresh,
            }),
        ).toEqual({
            grant_type: GRANT_TYPE,
            subject_token: 'a-subject',
            subject_token_type: jwt,
            actor_token: 'an-actor',
            actor_token_type: saml,
            requested_token_type: refresh,
        });
    });

    test('gives the whole answer, with the type of what was issued', async () => {
        server.reply(grant({ issued_token_type: ACCESS_TOKEN, scope: 'read' }));

        expect(await createTokenExchangeCreator({ subjectToken: 'a' }, client())()).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            issued_token_type: ACCESS_TOKEN,
            scope: 'read',
        });
    });

    test('that is answered with a token that is none to be sent gives it when called, and not to a source', async () => {
        const creator = createTokenExchangeCreator({ subjectToken: 'a' }, client());
        server.reply(grant({ token_type: 'N_A' }));

        expect(await creator()).toMatchObject({ token_type: 'N_A' });
        await expect(createTokenSource(creator).getToken()).rejects.toMatchObject({ name: 'TokenResponseError' });
    });

    test('asks for the subject token of whom a request names', async () => {
        const source = createTokenSource(createTokenExchangeCreator({ subjectToken: tokenOfUser }, client()));
        await source.getToken({ parameters: { key: 'jane', audience: 'orders' } });
        await source.getToken({ parameters: { key: 'joe', audience: 'orders' } });

        expect(server.requests.map(({ form }) => [form['subject_token'], form['audience']])).toEqual([
            ['token-of-jane', 'orders'],
            ['token-of-joe', 'orders'],
        ]);
    });

    test.each(['subjectToken', 'actorToken'])(
        'fails where the function %s gives nothing, and sends nothing',
        async (name) => {
            const credentials = { subjectToken: 'a', [name]: () => undefined as never };
            const error: unknown = await createTokenExchangeCreator(credentials, client())().catch((e: unknown) => e);

            expect(error).toBeInstanceOf(TypeError);
            expect((error as Error).message).toContain(`credentials.${name}`);
            expect(server.requests).toHaveLength(0);
        },
    );

    test('tells a refusal of the target', async () => {
        server.reply(json({ error: 'invalid_target' }, { status: 400 }));

        await expect(createTokenExchangeCreator({ subjectToken: 'a' }, client())()).rejects.toMatchObject({
            name: 'TokenEndpointError',
            error: 'invalid_target',
        });
    });
});

const run = (credentials: object) => () =>
    createTokenExchangeCreator(credentials as never, { client: { baseURL: 'http://127.0.0.1:1' } });

test.each<[string, unknown, string]>([
    ['subjectToken', undefined, 'undefined'],
    ['subjectToken', '', 'empty'],
    ['subjectToken', 5, 'number'],
    ['subjectToken', ['canary'], 'object'],
    ['subjectTokenType', '', 'empty'],
    ['subjectTokenType', 5, 'number'],
    ['actorToken', '', 'empty'],
    ['actorToken', null, 'null'],
    ['requestedTokenType', '', 'empty'],
    ['requestedTokenType', [ACCESS_TOKEN], 'object'],
])('credentials.%s %j', (name, value, what) => {
    const words = ['createTokenExchangeCreator', `credentials.${name}`, what];

    expectTypeError(run({ subjectToken: 'canary', [name]: value }), ...words);
});

describe('a token exchange creator refuses', () => {
    test('the type of an actor token that is not there', () => {
        const credentials = { subjectToken: 'canary', actorTokenType: ACCESS_TOKEN };

        expectTypeError(run(credentials), 'createTokenExchangeCreator', 'credentials.actorTokenType', 'actorToken');
    });

    test('what it does not know', () => {
        expectTypeError(run({ subjectToken: 'canary', subject_token: 'canary' }), 'subject_token', 'subjectToken');
    });
});
