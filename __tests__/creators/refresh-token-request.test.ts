import { clientSecretBasic, createRefreshTokenCreator, type TokenParameters } from '../../src/index.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

const context = (parameters?: TokenParameters) => ({
    reason: 'missing' as const,
    signal: new AbortController().signal,
    ...(parameters && { parameters }),
});

describe('the request of a refresh token creator', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    test('is a form with the refresh token, and nothing else', async () => {
        server.reply(grant({ refresh_token: 'next' }));
        const options = { client: { baseURL: server.url } };
        const granted = await createRefreshTokenCreator({ refreshToken: 'r/1 +' }, options)();

        expect(granted).toMatchObject({ access_token: 'an-access-token', refresh_token: 'next' });
        expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token' });
        expect(server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
        expect(server.requests[0]?.body.split('&').sort()).toEqual([
            'grant_type=refresh_token',
            'refresh_token=r%2F1+%2B',
        ]);
    });

    test('is authenticated as the client is', async () => {
        const options = {
            client: { baseURL: server.url },
            clientId: 'an-id',
            clientSecret: 'a-secret',
            clientAuthentication: clientSecretBasic,
        };
        await createRefreshTokenCreator({ refreshToken: async () => 'r' }, options)();

        expect(server.requests[0]?.headers.authorization).toBe('Basic YW4taWQ6YS1zZWNyZXQ=');
        expect(server.requests[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'r' });
    });

    test('asks for the scope of a request, which may be less', async () => {
        const options = { client: { baseURL: server.url }, scope: 'read write' };
        await createRefreshTokenCreator({ refreshToken: 'r' }, options)(context({ scope: 'read' }));

        expect(server.requests[0]?.form['scope']).toBe('read');
    });

    test('is told of the parameters of a request, and its key is not sent', async () => {
        const asked: (TokenParameters | undefined)[] = [];
        const refreshToken = (parameters?: TokenParameters) => {
            asked.push(parameters);
            return `of-${parameters?.key}`;
        };
        const creator = createRefreshTokenCreator({ refreshToken }, { client: { baseURL: server.url } });
        await creator(context({ key: 'jane' }));

        expect(asked).toEqual([{ key: 'jane' }]);
        expect(server.requests[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'of-jane' });
    });

    test('that is refused is the answer', async () => {
        server.reply(json({ error: 'invalid_grant' }, { status: 400 }));
        const creator = createRefreshTokenCreator({ refreshToken: 'r' }, { client: { baseURL: server.url } });

        await expect(creator()).rejects.toMatchObject({ name: 'TokenEndpointError', error: 'invalid_grant' });
        expect(server.requests).toHaveLength(1);
    });

    test('is not sent where there is no refresh token', async () => {
        const options = { client: { baseURL: server.url } };
        const creator = createRefreshTokenCreator({ refreshToken: () => undefined }, options);

        await expect(creator()).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });
        expect(server.requests).toHaveLength(0);
    });
});

test.each<[unknown, string]>([
    [undefined, 'undefined'],
    ['', 'empty'],
    [5, 'number'],
    [null, 'null'],
    [['canary'], 'object'],
])('a refresh token creator refuses credentials.refreshToken %j', (refreshToken, what) => {
    const options = { client: { baseURL: 'http://127.0.0.1:1' } };
    const run = () => createRefreshTokenCreator({ refreshToken } as never, options);

    expectTypeError(run, 'createRefreshTokenCreator', 'credentials.refreshToken', what);
});

test('a refresh token creator refuses an onRefreshToken that is no function', () => {
    const options = { client: { baseURL: 'http://127.0.0.1:1' }, onRefreshToken: 'save' as never };

    expectTypeError(() => createRefreshTokenCreator({ refreshToken: 'canary' }, options), 'options.onRefreshToken');
});
