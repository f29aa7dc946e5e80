import {
    createClientTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createTokenExchangeCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
} from '../../src/index.js';
import { jwtAssertion } from '../../src/jwt/index.js';
import {
    assertionIssuer,
    clients,
    createTestKey,
    keyAlgorithms,
    resources,
    startOpenidProvider,
    testKeys,
    tokenTypes,
    users,
    type OpenidProvider,
} from '../support/openid-provider.js';
import { failureOf } from '../support/servers.js';

let provider: OpenidProvider;

beforeEach(async () => {
    provider = await startOpenidProvider();
});

afterEach(() => provider.close());

const find = (token: string) => provider.findToken(token);
const replacing = (previous: { access_token: string; token_type: string }) =>
    ({ reason: 'expired', previous, signal: new AbortController().signal }) as const;

describe.each(['http', 'fetch'])('at oidc-provider, over the %s adapter', (adapter) => {
    const server = () => ({ issuer: discover(provider.issuer), client: { adapter } });
    const post = { clientId: clients.post.id, clientSecret: clients.post.secret };
    const client = { id: clients.post.id, secret: clients.post.secret };

    test('client credentials give a token of the client, for a scope', async () => {
        const { access_token, scope } = await createClientTokenCreator(client, { ...server(), scope: 'read' })();

        expect(scope).toBe('read');
        expect(await find(access_token)).toMatchObject({ subject: client.id, clientId: client.id, scope: 'read' });
    });

    test.each(Object.values(users))('a password gives a token of the user: $username', async (user) => {
        const credentials = { name: user.username, password: user.password };
        const creator = createUserTokenCreator(credentials, { ...server(), ...post, scope: 'write' });

        expect(await find((await creator()).access_token)).toMatchObject({ subject: user.username, scope: 'write' });
        const wrong = createUserTokenCreator({ ...credentials, password: 'no' }, { ...server(), ...post });
        expect(await failureOf(wrong())).toMatchObject({ status: 400, error: 'invalid_grant' });
    });

    test('a refresh token gives the next token, and a new refresh token', async () => {
        const credentials = { name: 'admin', password: users.admin.password };
        const first = await createUserTokenCreator(credentials, { ...server(), ...post })();
        const creator = createRefreshTokenCreator(
            { refreshToken: first.refresh_token ?? '' },
            { ...server(), ...post },
        );
        const second = await creator();
        const third = await creator(replacing(second));

        expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3);
        expect(await find(third.access_token)).toMatchObject({ subject: 'admin', clientId: client.id });
        expect(provider.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    test.each(keyAlgorithms)(
        'an assertion that is signed with %s gives a token of its subject, each time',
        async (alg) => {
            const { privateJwk } = (await testKeys())[alg];
            const claims = { issuer: assertionIssuer, subject: 'bob', audience: provider.issuer };
            const assertion = jwtAssertion({ key: privateJwk, ...claims });
            const creators = [
                createJwtBearerTokenCreator({ assertion }, { ...server(), scope: 'read' }),
                createJwtBearerTokenCreator({ assertion }, { ...server(), ...post, scope: 'read' }),
            ];

            for (const creator of [...creators, ...creators]) {
                expect(await find((await creator()).access_token)).toMatchObject({ subject: 'bob', scope: 'read' });
            }
        },
    );

    test('an assertion that is no good is refused', async () => {
        const { privateJwk } = await createTestKey('ES256', 'test-ES256');
        const claims = { issuer: assertionIssuer, subject: 'bob', audience: provider.issuer };
        const assertion = jwtAssertion({ key: privateJwk, ...claims });

        const refused = createJwtBearerTokenCreator({ assertion }, server());
        expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_grant' });
    });

    test('an assertion that is sent twice is refused the second time', async () => {
        const { privateJwk } = (await testKeys()).ES256;
        const sign = jwtAssertion({
            key: privateJwk,
            issuer: assertionIssuer,
            subject: 'bob',
            audience: provider.issuer,
        });
        const creator = createJwtBearerTokenCreator({ assertion: await sign() }, server());
        await creator();

        expect(await failureOf(creator())).toMatchObject({ error: 'invalid_grant' });
    });

    test('a token is exchanged for one of another audience, on behalf of its user', async () => {
        const credentials = { name: 'bob', password: users.bob.password };
        const subject = createTokenSource(createUserTokenCreator(credentials, { ...server(), ...post }));
        const actor = createTokenSource(createClientTokenCreator(client, server()));
        const creator = createTokenExchangeCreator(
            {
                subjectToken: async () => (await subject.getToken()).value,
                actorToken: async () => (await actor.getToken()).value,
            },
            { ...server(), ...post, audience: 'orders', scope: 'orders:read' },
        );
        const granted = await creator();

        expect(granted['issued_token_type']).toBe(tokenTypes.accessToken);
        expect(await find(granted.access_token)).toMatchObject({
            subject: 'bob',
            audience: 'orders',
            scope: 'orders:read',
            act: { sub: client.id },
        });
    });

    test('a dead token is not exchanged', async () => {
        const refused = createTokenExchangeCreator({ subjectToken: 'dead' }, { ...server(), ...post });

        expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_request' });
    });

    test('a source gets a token for each scope, resource and audience that is asked for', async () => {
        const credentials = { name: 'admin', password: users.admin.password };
        const source = createTokenSource(createUserTokenCreator(credentials, { ...server(), ...post }));
        const { orders, reports } = resources;
        const ask = async (parameters: object) => find((await source.getToken({ parameters })).value);

        expect(await ask({ scope: 'read' })).toMatchObject({ scope: 'read' });
        expect(await ask({ audience: orders.audience, key: 'by audience' })).toMatchObject({ audience: 'orders' });
        expect(await ask({ resource: reports.identifier, key: 'by resource' })).toMatchObject({ audience: 'reports' });
    });

    test('several resources are named at once', async () => {
        const { orders, reports } = resources;
        const credentials = { name: 'admin', password: users.admin.password };
        const resource = [orders.identifier, reports.identifier];
        const creator = createUserTokenCreator(credentials, { ...server(), ...post, resource });

        expect(await find((await creator()).access_token)).toMatchObject({ audience: 'orders' });
        expect(provider.requests[0]?.fields.getAll('resource')).toEqual(resource);
    });

    test('a resource that the server does not know is refused by it', async () => {
        const refused = createClientTokenCreator(client, { ...server(), resource: 'https://nowhere.invalid' });

        expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_target' });
    });

    test('a scope that the client may not have is refused', async () => {
        const { id, secret } = clients.limited;
        const refused = createClientTokenCreator({ id, secret }, { ...server(), scope: 'write' });

        expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_scope' });
    });
});
