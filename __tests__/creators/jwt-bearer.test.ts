import { createJwtBearerTokenCreator, createTokenSource, type TokenCreatorContext } from '../../src/index.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const client = () => ({ client: { baseURL: server.url } });

describe('a JWT bearer token creator', () => {
    test('posts the assertion, and no client where none is given', async () => {
        server.reply(grant({ scope: 'read' }));
        const granted = await createJwtBearerTokenCreator({ assertion: 'head.body.tail' }, client())();

        expect(granted).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            scope: 'read',
        });
        expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token' });
        expect(server.requests[0]?.form).toEqual({
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            assertion: 'head.body.tail',
        });
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    test('asks its function for each assertion, with the context of the request', async () => {
        const contexts: (TokenCreatorContext | undefined)[] = [];
        const assertion = async (context?: TokenCreatorContext) => {
            contexts.push(context);
            return `of.${context?.parameters?.key}.${contexts.length}`;
        };
        const source = createTokenSource(createJwtBearerTokenCreator({ assertion }, client()));
        await source.getToken({ parameters: { key: 'jane' } });
        await source.getToken({ parameters: { key: 'joe' } });

        expect(server.requests.map(({ form }) => form['assertion'])).toEqual(['of.jane.1', 'of.joe.2']);
        expect(contexts.map((context) => context?.reason)).toEqual(['missing', 'missing']);
    });

    test('sends the assertion along with the client', async () => {
        const options = { ...client(), clientId: 'an-id', clientSecret: 'a-secret' };
        await createJwtBearerTokenCreator({ assertion: 'a.b.c' }, options)();

        expect(server.requests[0]?.form).toMatchObject({
            assertion: 'a.b.c',
            client_id: 'an-id',
            client_secret: 'a-secret',
        });
    });

    test('asks anew rather than with a refresh token', async () => {
        const previous = { access_token: 'old', token_type: 'Bearer', refresh_token: 'r' };
        const creator = createJwtBearerTokenCreator({ assertion: 'a.b.c' }, client());
        await creator({ reason: 'expired', previous, signal: new AbortController().signal });

        expect(server.requests[0]?.body).not.toContain('refresh');
    });

    test('fails with what its function throws, as it is, and nothing is sent', async () => {
        const failure = new Error('the card is not there');
        const creator = createJwtBearerTokenCreator({ assertion: () => Promise.reject(failure) }, client());

        await expect(creator()).rejects.toBe(failure);
        expect(server.requests).toHaveLength(0);
    });

    test.each([
        [undefined, 'undefined'],
        ['', 'an empty string'],
        [5, 'number'],
        [{ token: 'canary' }, 'object'],
    ])('fails where its function gives %p, and nothing is sent', async (given, what) => {
        const creator = createJwtBearerTokenCreator({ assertion: () => given as string }, client());
        const error: unknown = await creator().catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toContain('credentials.assertion');
        expect((error as Error).message).toContain(what);
        expect((error as Error).message).not.toContain('canary');
        expect(server.requests).toHaveLength(0);
    });

    test('tells a refusal of the assertion', async () => {
        server.reply(
            json({ error: 'invalid_grant', error_description: 'Audience validation failed' }, { status: 400 }),
        );

        await expect(createJwtBearerTokenCreator({ assertion: 'a.b.c' }, client())()).rejects.toMatchObject({
            name: 'TokenEndpointError',
            error: 'invalid_grant',
            errorDescription: 'Audience validation failed',
        });
    });
});

test.each<[unknown, string]>([
    [{}, 'undefined'],
    [{ assertion: '' }, 'empty'],
    [{ assertion: 5 }, 'number'],
    [{ assertion: ['canary'] }, 'object'],
    [{ assertion: null }, 'null'],
])('a JWT bearer token creator refuses the credentials %j', (credentials, what) => {
    const run = () => createJwtBearerTokenCreator(credentials as never, { client: { baseURL: 'http://127.0.0.1:1' } });

    expectTypeError(run, 'createJwtBearerTokenCreator', 'credentials.assertion', what);
});

test('a JWT bearer token creator refuses unknown credentials and options', () => {
    const options = { client: { baseURL: 'http://127.0.0.1:1' } };
    const credentials = { assertion: 'canary' };

    expectTypeError(() => createJwtBearerTokenCreator({ ...credentials, key: 'canary' } as never, options), 'key');
    expectTypeError(
        () => createJwtBearerTokenCreator(credentials, { ...options, issuerUrl: 'x' } as never),
        'issuerUrl',
    );
    expectTypeError(() => createJwtBearerTokenCreator(credentials), 'createJwtBearerTokenCreator', 'client');
    expectTypeError(() => createJwtBearerTokenCreator(undefined as never, options), 'credentials', 'undefined');
});
