import axios, { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { inspect } from 'node:util';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRobotTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    TokenError,
    type TokenCreator,
    type TokenCreatorContext,
} from '../src/index.js';
import { expectNoSecretIn } from './support/no-secret.js';
import {
    answer,
    drip,
    flood,
    grant,
    json,
    redirect,
    reset,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from './support/token-endpoint-server.js';

const plain = {
    password: 'canary-password',
    secret: 'canary-secret',
    refreshToken: 'canary-refresh-token',
    accessToken: 'canary-access-token',
    authPassword: 'canary-auth-password',
};
/** Every encoding spells these in its own way. */
const awkward = {
    ...plain,
    password: 'cänary "päss"\\wörd/+ &<%> !*~()\'',
    secret: 'cänary-{secret}: $& +\t=?',
    refreshToken: 'cänary.refresh+token/~==',
};
type Secrets = typeof plain;

function expectNoSecret(error: unknown, secrets: Secrets): void {
    expectNoSecretIn(error, Object.values(secrets));
}

/** Answers with what was sent, in every place that an error is made of. */
function echo(status: number, spell: (sent: string) => string): Reply {
    return (response, { body }) => {
        const sent = spell(body);
        const texts = { error: sent, error_description: `not ${sent}!`, error_uri: sent, code: sent, message: sent };
        return json({ statusCode: status, ...texts }, { status })(response, { body } as never);
    };
}

const decoded = (body: string): string => [...new URLSearchParams(body).values()].join(' ');
const asJson = (body: string): string => JSON.stringify(Object.fromEntries(new URLSearchParams(body)));
const escaped = (body: string): string =>
    [...new URLSearchParams(body).values()].map((value) => encodeURIComponent(value)).join(' ');
const token = plain.accessToken;

const faults: [string, () => Reply][] = [
    ['the server repeats what it was sent, with 400', () => echo(400, decoded)],
    ['the server repeats what it was sent, as JSON', () => echo(400, asJson)],
    ['the server repeats what it was sent, percent-encoded', () => echo(401, escaped)],
    ['the server repeats the body that it was sent', () => echo(500, (body) => body)],
    ['the server repeats what it was sent, with 200', () => echo(200, decoded)],
    [
        'the server sends a page that repeats what it was sent',
        () => (response, request) => answer(`<h1>${decoded(request.body)}</h1>`, { status: 502 })(response, request),
    ],
    [
        'the server sends a list that repeats what it was sent',
        () => (response, request) => json([asJson(request.body)])(response, request),
    ],
    [
        'the server repeats the body in its content type',
        () => (response, request) =>
            answer('?', { headers: { 'content-type': `text/x; a="${request.body}"` } })(response, request),
    ],
    [
        'the server redirects with the body in the URL',
        () => (response, request) => redirect(`/login?${request.body}`)(response, request),
    ],
    ['the connection is reset', reset],
    ['the answer takes too long', () => drip(20)],
    ['the answer is too long', flood],
    ['the token holds a space', () => grant({ access_token: `${token} x`, refresh_token: plain.refreshToken })],
    ['the token is in a list', () => grant({ access_token: [token] })],
    ['the token comes with a type of nonsense', () => grant({ access_token: token, token_type: [token] })],
    ['the token comes with an error status', () => json({ access_token: token }, { status: 403 })],
    ['the token comes under another name', () => json({ accessToken: token, statusCode: 500 })],
    ['half of an answer comes', () => answer(`{"access_token":"${token}"`)],
];

describe.each([
    ['plain', plain],
    ['awkward', awkward],
])('no secret, %s, is in the error', (_, secrets) => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const auth = { username: 'someone', password: secrets.authPassword };
    const previous = {
        access_token: secrets.accessToken,
        token_type: 'Bearer',
        refresh_token: secrets.refreshToken,
    };
    const refreshing: TokenCreatorContext = { reason: 'expired', previous, signal: new AbortController().signal };
    const user = { name: 'admin', password: secrets.password };
    const other = { id: 'an-id', secret: secrets.secret };

    const failuresOf = async (client: object): Promise<unknown[]> => {
        const options = { client: { timeout: 200, auth, ...client } };
        const creators: (() => ReturnType<TokenCreator>)[] = [
            createUserTokenCreator(user, options),
            () => createUserTokenCreator(user, options)(refreshing),
            createRobotTokenCreator(other, options),
            createClientTokenCreator(other, options),
        ];
        return Promise.all(
            creators.map((creator) =>
                creator().then(
                    () => 'no failure',
                    (error: unknown) => error,
                ),
            ),
        );
    };

    describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
        test.each(faults)('when %s', async (_fault, reply) => {
            server.reply(reply());

            for (const error of await failuresOf({ baseURL: server.url, adapter })) {
                expect(error).toBeInstanceOf(TokenError);
                expectNoSecret(error, secrets);
            }
        });

        test('when nobody answers', async () => {
            await server.close();

            for (const error of await failuresOf({ baseURL: server.url, adapter })) expectNoSecret(error, secrets);
        });
    });

    test.each<[string, (config: InternalAxiosRequestConfig) => unknown]>([
        ['an axios error', (config) => new AxiosError(`cannot send ${String(config.data)}`, 'ERR_NETWORK', config)],
        ['an error with a cause', (config) => new Error('failed', { cause: new AxiosError('x', 'x', config) })],
        ['the config itself', (config) => config],
        ['a string', (config) => decoded(String(config.data))],
    ])('when the adapter throws %s', async (_what, thrown) => {
        const adapter = async (config: InternalAxiosRequestConfig): Promise<never> => {
            throw thrown(config);
        };

        for (const error of await failuresOf({ baseURL: server.url, adapter })) {
            expect(error).toBeInstanceOf(TokenError);
            expectNoSecret(error, secrets);
        }
    });

    test('of a request whose token could not be created', async () => {
        server.reply(echo(400, decoded));
        const api = axios.create({ baseURL: server.url });
        attachTokenCreator(api, createUserTokenCreator(user, { client: { baseURL: server.url } }));

        expectNoSecret(await api.get('/me').catch((error: unknown) => error), secrets);
    });

    test('of a source whose token cannot be sent', async () => {
        const source = createTokenSource(async () => ({ ...previous, token_type: 'mac' }));

        expectNoSecret(await source.getToken().catch((error: unknown) => error), secrets);
    });
});

describe('no token and no secret is shown', () => {
    const held = { ...plain, token_type: 'Bearer', access_token: plain.accessToken, refresh_token: plain.refreshToken };

    test('by a token', async () => {
        const given = await createTokenSource(async () => held).getToken();

        const texts = [
            (given as { toString(): string }).toString(),
            JSON.stringify(given),
            inspect(given, { depth: Infinity, showHidden: true }),
            inspect({ nested: [given] }, { depth: Infinity }),
            Object.keys(given).join(),
            JSON.stringify({ ...given }),
        ];
        for (const text of texts) expect(text).not.toMatch(/canary/);
        expect(given.value).toBe(plain.accessToken);
        expect(given.grant).toEqual(held);
    });

    test('by a source, an attachment or a creator', async () => {
        const client = { baseURL: 'http://127.0.0.1:1', auth: { username: 'x', password: plain.authPassword } };
        const source = createTokenSource(async () => held);
        await source.getToken();
        const attachment = attachTokenCreator(axios.create(), source);
        const creator = createUserTokenCreator({ name: 'admin', password: plain.password }, { client });

        for (const value of [source, attachment, creator]) {
            expect(inspect(value, { depth: Infinity, showHidden: true })).not.toMatch(/canary/);
            expect(JSON.stringify({ value })).not.toMatch(/canary/);
        }
    });
});
