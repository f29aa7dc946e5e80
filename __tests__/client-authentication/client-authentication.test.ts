import {
    clientSecretBasic,
    clientSecretBasicUnencoded,
    clientSecretPost,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createRobotTokenCreator,
    createTokenExchangeCreator,
    createUserTokenCreator,
    introspectToken,
    none,
    revokeToken,
    tlsClientAuth,
    type ClientAuthentication,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const request = async (id: string, secret: string | undefined, options: Partial<TokenEndpointOptions> = {}) => {
    const credentials = { id, ...(secret !== undefined && { secret }) };
    await createClientTokenCreator(credentials, { client: { baseURL: server.url }, ...options })();
    const received = server.requests.at(-1);
    if (!received) throw new Error('no request');
    return received;
};

const decodedBasic = (authorization = ''): string => {
    expect(authorization).toMatch(/^Basic [A-Za-z\d+/]+=*$/);
    return Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
};

describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
    const client = () => ({ client: { baseURL: server.url, adapter } });

    test('client_secret_post puts id and secret in the body, and nowhere else', async () => {
        const { url, headers, body } = await request('an id', 's/e+c=r&t', {
            ...client(),
            clientAuthentication: clientSecretPost,
        });

        expect(body.split('&').sort()).toEqual([
            'client_id=an+id',
            'client_secret=s%2Fe%2Bc%3Dr%26t',
            'grant_type=client_credentials',
        ]);
        expect(url).toBe('/token');
        expect(headers).not.toHaveProperty('authorization');
    });

    test('client_secret_basic puts them in the header, and neither in the body nor in the URL', async () => {
        const { url, headers, body } = await request('an-id', 'a-secret', {
            ...client(),
            clientAuthentication: clientSecretBasic,
        });

        expect(headers.authorization).toBe('Basic YW4taWQ6YS1zZWNyZXQ=');
        expect(body).toBe('grant_type=client_credentials');
        expect(url).toBe('/token');
    });

    test('a public client sends its id alone', async () => {
        const { headers, form } = await request('an-id', undefined, { ...client(), clientAuthentication: none });

        expect(form).toEqual({ grant_type: 'client_credentials', client_id: 'an-id' });
        expect(headers).not.toHaveProperty('authorization');
    });

    test('a client with a certificate sends its id alone, to the only URL that is known', async () => {
        const { url, headers, form } = await request('an-id', undefined, {
            ...client(),
            clientAuthentication: tlsClientAuth,
        });

        expect({ url, form }).toEqual({
            url: '/token',
            form: { grant_type: 'client_credentials', client_id: 'an-id' },
        });
        expect(headers).not.toHaveProperty('authorization');
    });

    test('Basic stands against whatever Authorization the client has for other requests', async () => {
        const { headers } = await request('an-id', 'a-secret', {
            client: {
                ...client().client,
                headers: { authorization: 'Bearer leftover' },
                auth: { username: 'left', password: 'over' },
            },
            clientAuthentication: clientSecretBasic,
        });

        expect(decodedBasic(headers.authorization)).toBe('an-id:a-secret');
    });
});

describe('client_secret_basic encodes id and secret as a form does, each by itself', () => {
    test.each([
        ['s6BhdRkqt3', '7Fjfp0ZBr1KtDRbnfVdmIw', 's6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw'],
        ['a id', 'a secret', 'a+id:a+secret'],
        ['a:b', 'c:d', 'a%3Ab:c%3Ad'],
        ['a+b', 'c%20d', 'a%2Bb:c%2520d'],
        ['a&b=c', '/?#@', 'a%26b%3Dc:%2F%3F%23%40'],
        ['-._*', '~!\'()"', '-._*:%7E%21%27%28%29%22'],
        ['é', '€', '%C3%A9:%E2%82%AC'],
        ['😀', ' %&+£€', '%F0%9F%98%80:+%25%26%2B%C2%A3%E2%82%AC'],
    ])('%j and %j', async (id, secret, expected) => {
        const { headers } = await request(id, secret, { clientAuthentication: clientSecretBasic });

        expect(decodedBasic(headers.authorization)).toBe(expected);
    });
});

describe('client_secret_basic without that encoding sends id and secret as they are', () => {
    test.each([
        ['s6BhdRkqt3', '7Fjfp0ZBr1KtDRbnfVdmIw'],
        ['an id', 'c:d+e%20f=/'],
        ['é', '€ 😀'],
    ])('%j and %j', async (id, secret) => {
        const { headers, body } = await request(id, secret, { clientAuthentication: clientSecretBasicUnencoded });

        expect(decodedBasic(headers.authorization)).toBe(`${id}:${secret}`);
        expect(body).toBe('grant_type=client_credentials');
    });
});

const clientOptions = { clientId: 'an-id', clientSecret: 'a-secret' };
type Run = (options: TokenEndpointOptions) => Promise<unknown>;
const askers: [string, Run][] = [
    [
        'a password',
        (options) => createUserTokenCreator({ name: 'a', password: 'b' }, { ...options, ...clientOptions })(),
    ],
    ['a robot', (options) => createRobotTokenCreator({ id: 'a', secret: 'b' }, { ...options, ...clientOptions })()],
    ['client credentials', (options) => createClientTokenCreator({ id: 'an-id', secret: 'a-secret' }, options)()],
    [
        'a refresh token',
        (options) => createRefreshTokenCreator({ refreshToken: 'a' }, { ...options, ...clientOptions })(),
    ],
    ['a JWT', (options) => createJwtBearerTokenCreator({ assertion: 'a.b.c' }, { ...options, ...clientOptions })()],
    [
        'a token exchange',
        (options) => createTokenExchangeCreator({ subjectToken: 'a' }, { ...options, ...clientOptions })(),
    ],
    ['a revocation', async (options) => revokeToken('a', { ...(options as object), ...clientOptions })],
    ['an introspection', async (options) => introspectToken('a', { ...(options as object), ...clientOptions })],
    [
        'a device authorization',
        async (options) => {
            const device = { ...options, ...clientOptions, deviceAuthorizationEndpoint: '/device' };
            await createDeviceTokenCreator(
                { onUserCode: async () => Promise.reject(new Error('enough')) },
                device,
            )().catch(() => undefined);
        },
    ],
];

describe.each(askers)('for %s', (_, run) => {
    beforeEach(() => {
        const device = { device_code: 'd', user_code: 'u', verification_uri: 'https://v.example', expires_in: 60 };
        server.reply(grant({ active: true, ...device }));
    });

    const only = async (options: Partial<TokenEndpointOptions> = {}) => {
        await run({ client: { baseURL: server.url }, ...options });
        expect(server.requests).toHaveLength(1);
        return server.requests[0];
    };

    test('a client with a secret authenticates in the body, unless another way is chosen', async () => {
        const received = await only();

        expect(received?.form).toMatchObject({ client_id: 'an-id', client_secret: 'a-secret' });
        expect(received?.headers).not.toHaveProperty('authorization');
    });

    test('a client authenticates once: by Basic, and not in the body as well', async () => {
        const received = await only({ clientAuthentication: clientSecretBasic });

        expect(received?.headers.authorization).toBe('Basic YW4taWQ6YS1zZWNyZXQ=');
        expect(received?.body).not.toMatch(/client_(id|secret|assertion)/);
    });

    test('a client may authenticate by a function of its own', async () => {
        const given: unknown[] = [];
        const own: ClientAuthentication = async (asked, client) => {
            given.push(asked.audience, client);
            return {
                ...asked,
                headers: { 'X-Client': 'proven' },
                parameters: { ...asked.parameters, proof: ['1', '2'] },
            };
        };

        const received = await only({ clientAuthentication: own });

        expect(given).toEqual([`${server.url}${received?.url}`, { id: 'an-id', secret: 'a-secret' }]);
        expect(received?.headers['x-client']).toBe('proven');
        expect(received?.body).toMatch(/(^|&)proof=1&proof=2(&|$)/);
        expect(received?.body).not.toMatch(/client_(id|secret|assertion)=/);
    });
});

describe('the grants of a user', () => {
    test('carry no client where none is given', async () => {
        const options = { client: { baseURL: server.url } };

        await createUserTokenCreator({ name: 'a', password: 'b' }, options)();
        await createRefreshTokenCreator({ refreshToken: 'c' }, options)();

        expect(server.requests.map(({ form }) => form)).toEqual([
            { grant_type: 'password', username: 'a', password: 'b' },
            { grant_type: 'refresh_token', refresh_token: 'c' },
        ]);
    });

    test('carry the id of a public client', async () => {
        await createUserTokenCreator(
            { name: 'a', password: 'b' },
            { client: { baseURL: server.url }, clientId: 'an-id' },
        )();

        expect(server.requests[0]?.form).toEqual({
            grant_type: 'password',
            username: 'a',
            password: 'b',
            client_id: 'an-id',
        });
    });
});

describe('a client authentication', () => {
    test('is asked anew for each request', async () => {
        let calls = 0;
        const clientAuthentication: ClientAuthentication = (asked) => {
            calls += 1;
            return { ...asked, headers: { 'X-Call': String(calls) } };
        };
        const creator = createClientTokenCreator(
            { id: 'a' },
            { client: { baseURL: server.url }, clientAuthentication },
        );

        await creator();
        await creator();

        expect(server.requests.map(({ headers }) => headers['x-call'])).toEqual(['1', '2']);
    });

    test('that throws is the error, as it is, and nothing is sent', async () => {
        const failure = new Error('the key is locked');
        const clientAuthentication: ClientAuthentication = () => {
            throw failure;
        };
        const creator = createClientTokenCreator(
            { id: 'a' },
            { client: { baseURL: server.url }, clientAuthentication },
        );

        await expect(creator()).rejects.toBe(failure);
        expect(server.requests).toHaveLength(0);
    });

    test('that never ends, ends with the time of the client, and nothing is sent', async () => {
        const creator = createClientTokenCreator(
            { id: 'a' },
            { client: { baseURL: server.url, timeout: 50 }, clientAuthentication: () => new Promise(() => {}) },
        );

        await expect(creator()).rejects.toMatchObject({ name: 'TokenError', code: 'timeout' });
        expect(server.requests).toHaveLength(0);
    });

    test('that the server refuses is an error that says so', async () => {
        server.reply(json({ error: 'invalid_client', error_description: 'unknown client' }, { status: 401 }));

        await expect(request('an-id', 'wrong', { clientAuthentication: clientSecretBasic })).rejects.toMatchObject({
            name: 'TokenEndpointError',
            status: 401,
            error: 'invalid_client',
            errorDescription: 'unknown client',
        });
    });
});
