import {
    clientSecretBasic,
    clientSecretBasicUnencoded,
    clientSecretPost,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createTokenExchangeCreator,
    introspectToken,
    revokeToken,
    TokenError,
    type ClientAuthentication,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { clientSecretJwt, privateKeyJwt } from '../../src/jwt/index.js';
import { expectNoSecretIn } from '../support/no-secret.js';
import { testKeys } from '../support/openid-provider.js';
import {
    answer,
    drip,
    json,
    redirect,
    reset,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from '../support/token-endpoint-server.js';

type Received = TokenEndpointServer['requests'][number];

const plain = {
    secret: 'canary-secret-of-32-bytes-or-more-5c0ffee',
    assertion: 'canary-head.canary-body.canary-tail',
    subject: 'canary-subject-token',
    actor: 'canary-actor-token',
    refresh: 'canary-refresh-token',
    device: 'canary-device-code',
    token: 'canary-token',
    otp: 'canary-otp',
};
const awkward: typeof plain = {
    ...plain,
    secret: 'cänary-{secret}: $& +\t=?/~"\\ of 32 bytes or more',
    assertion: 'cänary+assertion/~==',
    subject: '<subject xmlns:a="b">cänary & co</subject>',
    device: 'cänary device/code',
    otp: '12 34+56',
};

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const everyWord = ({ body, headers }: Received, spell: (value: string) => string): string => {
    const { authorization = '' } = headers;
    const basic = authorization.replace(/^Basic /, '');
    const decoded = Buffer.from(basic, 'base64').toString();
    return [...new URLSearchParams(body).values(), authorization, basic, decoded].filter(Boolean).map(spell).join(' ');
};

const echo =
    (status: number, spell: (value: string) => string): Reply =>
    (response, request) => {
        const sent = everyWord(request, spell);
        const said = { error: sent, error_description: `not ${sent}!`, error_uri: sent, code: sent, message: sent };
        return json({ statusCode: status, ...said }, { status })(response, request);
    };

const faults: [string, () => Reply][] = [
    ['repeats all that it was sent, with 400', () => echo(400, (value) => value)],
    ['repeats all that it was sent, with 200', () => echo(200, (value) => value)],
    ['repeats it percent-encoded', () => echo(401, encodeURIComponent)],
    ['repeats it form-encoded', () => echo(401, (value) => new URLSearchParams({ '': value }).toString().slice(1))],
    ['repeats it escaped for JSON', () => echo(403, JSON.stringify)],
    [
        'repeats the body',
        () => (response, request) => json({ error: request.body }, { status: 400 })(response, request),
    ],
    [
        'repeats it in its content type',
        () => (response, request) =>
            answer('?', { headers: { 'content-type': `text/x; a=${encodeURIComponent(everyWord(request, String))}` } })(
                response,
                request,
            ),
    ],
    [
        'redirects with the body in the URL',
        () => (response, request) => redirect(`/login?${request.body}`)(response, request),
    ],
    ['resets the connection', reset],
    ['takes too long', () => drip(20)],
];

const failureOf = async (run: () => Promise<unknown>): Promise<unknown> => {
    try {
        await run();
        return 'no failure';
    } catch (error) {
        return error;
    }
};

const sentSecrets = (): string[] =>
    server.requests.flatMap(({ form, headers }) =>
        [form['client_assertion'], form['assertion'], headers.authorization].filter((value) => value !== undefined),
    );

describe.each([
    ['plain', plain],
    ['awkward', awkward],
])('no secret, %s, is in the error', (_, secrets) => {
    const values = Object.values(secrets);
    const basicForms = [
        `my-client:${secrets.secret}`,
        `my-client:${new URLSearchParams({ '': secrets.secret }).toString().slice(1)}`,
    ];
    const expectNoSecretFrom = async (runs: (() => Promise<unknown>)[]) => {
        const errors = await Promise.all(runs.map(failureOf));
        const all = [...values, ...basicForms, ...sentSecrets()];
        for (const error of errors) {
            expect(error).toBeInstanceOf(TokenError);
            expectNoSecretIn(error, all);
        }
    };

    describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
        const options = (more: Partial<TokenEndpointOptions> = {}) => ({
            client: { baseURL: server.url, adapter, timeout: 80 },
            ...more,
        });

        test.each(faults)('of any client authentication, when the server %s', async (_fault, reply) => {
            server.reply(reply());
            const { privateJwk } = (await testKeys()).ES256;
            const methods: ClientAuthentication[] = [
                clientSecretPost,
                clientSecretBasic,
                clientSecretBasicUnencoded,
                clientSecretJwt(),
                privateKeyJwt({ key: privateJwk }),
            ];

            await expectNoSecretFrom(
                methods.map((clientAuthentication) =>
                    createClientTokenCreator(
                        { id: 'my-client', secret: secrets.secret },
                        options({ clientAuthentication, extraParameters: { otp: secrets.otp } }),
                    ),
                ),
            );
        });

        test.each(faults)('of any grant, when the server %s', async (_fault, reply) => {
            server.reply(reply());
            const device = { ...options(), clientId: 'my-client', deviceAuthorizationEndpoint: '/device' };

            await expectNoSecretFrom([
                createJwtBearerTokenCreator({ assertion: secrets.assertion }, options()),
                createTokenExchangeCreator({ subjectToken: secrets.subject, actorToken: secrets.actor }, options()),
                createRefreshTokenCreator({ refreshToken: secrets.refresh }, options()),
                createDeviceTokenCreator(
                    { onUserCode: () => {} },
                    { ...device, extraParameters: { otp: secrets.otp } },
                ),
                async () => introspectToken(secrets.token, options()),
                async () => {
                    await revokeToken(secrets.token, options());
                    throw new TokenError('network', 'a page with 200 is a success');
                },
            ]);
        });

        test.each(faults.slice(0, -1))('of a poll for a device, when the server %s', async (_fault, reply) => {
            const started = { user_code: 'u', verification_uri: 'https://v.example', expires_in: 0.05, interval: 0.01 };
            server.reply(json({ device_code: secrets.device, ...started }), reply());
            const device = { ...options(), clientId: 'my-client', deviceAuthorizationEndpoint: '/device' };

            await expectNoSecretFrom([createDeviceTokenCreator({ onUserCode: () => {} }, device)]);
        });
    });
});

test('no secret is shown by what holds one', async () => {
    const { inspect } = await import('node:util');
    const options = { client: { baseURL: server.url }, clientId: 'a', clientSecret: plain.secret };
    const jwk = { kty: 'EC', crv: 'P-256', d: 'canary-d' };
    const holders = [
        createJwtBearerTokenCreator({ assertion: plain.assertion }, options),
        createTokenExchangeCreator({ subjectToken: plain.subject }, options),
        createRefreshTokenCreator({ refreshToken: plain.refresh }, options),
        clientSecretJwt(),
        privateKeyJwt({ key: { ...jwk } }),
    ];

    for (const holder of holders) {
        expect(inspect(holder, { depth: Infinity, showHidden: true })).not.toMatch(/canary/);
        expect(JSON.stringify({ holder })).not.toMatch(/canary/);
    }
});
