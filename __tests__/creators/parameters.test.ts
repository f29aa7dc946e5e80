import {
    createClientTokenCreator,
    createDeviceTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createRobotTokenCreator,
    createTokenExchangeCreator,
    createTokenSource,
    createUserTokenCreator,
    parseChallenges,
    withRefreshToken,
    type TokenCreator,
    type TokenEndpointOptions,
    type TokenParameters,
} from '../../src/index.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

type Options = Partial<TokenEndpointOptions>;
const client = { clientId: 'an-id' };
const toDevice = { ...client, deviceAuthorizationEndpoint: '/device' };
/** With what each sends beside the options. */
const creators: [string, (options: Options) => TokenCreator, Record<string, string>][] = [
    [
        'a user',
        (options) => createUserTokenCreator({ name: 'n', password: 'p' }, options),
        { grant_type: 'password', username: 'n', password: 'p' },
    ],
    [
        'a robot',
        (options) => createRobotTokenCreator({ id: 'i', secret: 's' }, options),
        { grant_type: 'robot_credentials', id: 'i', secret: 's' },
    ],
    [
        'a client',
        (options) => createClientTokenCreator({ id: 'i', secret: 's' }, options),
        { grant_type: 'client_credentials', client_id: 'i', client_secret: 's' },
    ],
    [
        'a JWT',
        (options) => createJwtBearerTokenCreator({ assertion: 'a.b.c' }, options),
        { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' },
    ],
    [
        'a token exchange',
        (options) => createTokenExchangeCreator({ subjectToken: 't' }, options),
        {
            grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
            subject_token: 't',
            subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
    ],
    [
        'a device authorization',
        (options) => createDeviceTokenCreator({ onUserCode: stop }, { ...toDevice, ...options }),
        { client_id: 'an-id' },
    ],
];
/** A refresh asks for no scope of its own accord. */
const refreshing: typeof creators = [
    [
        'a refresh token',
        (options) => createRefreshTokenCreator({ refreshToken: () => 'r' }, options),
        { grant_type: 'refresh_token', refresh_token: 'r' },
    ],
    [
        'a decorated creator that refreshes',
        (options) => {
            const creator = withRefreshToken(async () => ({ access_token: 'x', token_type: 'Bearer' }), options);
            return (context) => {
                const previous = { access_token: 'y', token_type: 'Bearer', refresh_token: 'r' };
                return creator({ reason: 'expired', signal: new AbortController().signal, ...context, previous });
            };
        },
        { grant_type: 'refresh_token', refresh_token: 'r' },
    ],
];
const stop = (): never => {
    throw new Error('enough');
};

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
    const device = { device_code: 'd', user_code: 'u', verification_uri: 'https://v.example', expires_in: 60 };
    server.reply(grant(device));
});

afterEach(() => server.close());

const fieldsOf = (create: (options: Options) => TokenCreator) => {
    const send = async (options: Options = {}, parameters?: TokenParameters): Promise<[string, string][]> => {
        const creator = create({ client: { baseURL: server.url }, ...options });
        const context = { reason: 'missing' as const, signal: new AbortController().signal };
        await creator(parameters && { ...context, parameters }).catch(() => undefined);
        return byText([...new URLSearchParams(server.requests.at(-1)?.body)]);
    };
    return send;
};
const byText = (fields: [string, string][]) =>
    fields.sort((one, other) => one.join('=').localeCompare(other.join('=')));
const fieldsWith = (base: Record<string, string>, ...fields: [string, string][]) =>
    byText([...Object.entries(base), ...fields]);

describe.each([...creators, ...refreshing])('%s', (_, create, base) => {
    const send = fieldsOf(create);

    test('sends nothing but what it must', async () => {
        expect(await send()).toEqual(fieldsWith(base));
    });

    test('sends several resources and audiences one by one, and more parameters', async () => {
        const fields = await send({
            resource: ['https://one.example/', 'https://two.example/a?b=c'],
            audience: ['one', 'two words'],
            extraParameters: { otp: '123 456', login_hint: ['jane', 'joe'] },
        });

        expect(fields).toEqual(
            fieldsWith(
                base,
                ['resource', 'https://one.example/'],
                ['resource', 'https://two.example/a?b=c'],
                ['audience', 'one'],
                ['audience', 'two words'],
                ['otp', '123 456'],
                ['login_hint', 'jane'],
                ['login_hint', 'joe'],
            ),
        );
    });

    test('sends what a request asks for instead of its own', async () => {
        const options = { scope: 'own', resource: ['https://own.example', 'https://own.example/2'], audience: 'own' };
        const asked = { scope: 'read write', resource: 'https://asked.example', audience: ['asked', 'too'] };

        expect(await send(options, asked)).toEqual(
            fieldsWith(
                base,
                ['scope', 'read write'],
                ['resource', 'https://asked.example'],
                ['audience', 'asked'],
                ['audience', 'too'],
            ),
        );
    });

    test('keeps what a request does not speak of', async () => {
        const options = { resource: 'https://own.example', audience: 'own', extraParameters: { otp: '1' } };

        expect(await send(options, { resource: 'https://asked.example' })).toEqual(
            fieldsWith(base, ['resource', 'https://asked.example'], ['audience', 'own'], ['otp', '1']),
        );
    });

    test('keeps what a request leaves undefined', async () => {
        const asked = { resource: undefined, audience: 'asked' } as unknown as TokenParameters;

        expect(await send({ resource: 'https://own.example' }, asked)).toEqual(
            fieldsWith(base, ['resource', 'https://own.example'], ['audience', 'asked']),
        );
    });

    test('never sends the key or the challenge of a request', async () => {
        const [challenge] = parseChallenges('Bearer error="insufficient_user_authentication", acr_values="gold"');
        const asked: TokenParameters = { scope: 'read', key: 'tenant-7', ...(challenge && { challenge }) };
        await send({}, asked);

        expect(server.requests.at(-1)?.body).not.toMatch(/tenant-7|gold|insufficient|key|challenge/);
        expect(JSON.stringify(server.requests.at(-1)?.headers)).not.toContain('tenant-7');
    });

    test('lets no extra parameter replace one that the grant is made of', async () => {
        const extraParameters = Object.fromEntries(Object.keys(base).map((name) => [name, 'forged']));

        expect(await send({ extraParameters })).toEqual(fieldsWith(base));
    });

    test('drops no extra parameter in silence', async () => {
        const fields = await send({ extraParameters: { audience: 'extra', resource: 'https://extra.example' } });

        expect(fields).toEqual(fieldsWith(base, ['audience', 'extra'], ['resource', 'https://extra.example']));
    });
});

describe.each(creators)('%s', (_, create, base) => {
    test('asks for its scope', async () => {
        expect(await fieldsOf(create)({ scope: 'read write:all' })).toEqual(
            fieldsWith(base, ['scope', 'read write:all']),
        );
    });

    const expectRefused = (options: object, ...words: string[]) =>
        expectTypeError(() => create({ client: { baseURL: 'http://127.0.0.1:1' }, ...options }), ...words);

    test.each<[string, unknown, string]>([
        ['scope', '', '""'],
        ['scope', ['read'], '["read"]'],
        ['scope', 5, '5'],
        ['resource', '', '""'],
        ['resource', ['https://a.example', ''], '""'],
        ['resource', 5, '5'],
        ['resource', new URL('https://a.example'), 'object'],
        ['audience', '', '""'],
        ['audience', [5], '5'],
        ['audience', null, 'null'],
        ['extraParameters', 'otp=1', 'string'],
        ['extraParameters', { otp: 123 }, 'object'],
        ['extraParameters', { otp: ['1', 2] }, 'object'],
        ['extraParameters', { otp: '' }, 'object'],
        ['extraParameters', null, 'null'],
    ])('refuses options.%s %j', (name, value, what) => {
        expectRefused({ [name]: value }, `options.${name}`, what);
    });

    test('repeats no extra parameter in an error', () => {
        expectRefused({ extraParameters: { otp: 'canary', wrong: 5 } }, 'options.extraParameters');
    });
});

describe.each(refreshing)('%s', (_, create, base) => {
    test('leaves out the scope of the creator: the server may have granted less', async () => {
        expect(await fieldsOf(create)({ scope: 'read write' })).toEqual(fieldsWith(base));
    });
});

test('a source asks for each set of parameters by itself', async () => {
    const options = { client: { baseURL: server.url }, scope: 'own', resource: 'https://own.example' };
    const source = createTokenSource(createClientTokenCreator({ id: 'i', secret: 's' }, options));

    await source.getToken();
    await source.getToken({ parameters: { scope: 'read', resource: ['https://one.example', 'https://two.example'] } });
    await source.getToken({ parameters: { key: 'tenant-7' } });

    const bodies = server.requests.map(({ body }) => new URLSearchParams(body));
    expect(bodies.map((form) => [form.get('scope'), form.getAll('resource')])).toEqual([
        ['own', ['https://own.example']],
        ['read', ['https://one.example', 'https://two.example']],
        ['own', ['https://own.example']],
    ]);
});
