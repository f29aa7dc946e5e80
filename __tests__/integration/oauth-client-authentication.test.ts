import {
    clientSecretBasic,
    clientSecretBasicUnencoded,
    clientSecretPost,
    createClientTokenCreator,
    createUserTokenCreator,
    discover,
    none,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { clientSecretJwt, privateKeyJwt, type SigningKey } from '../../src/jwt/index.js';
import {
    clients,
    createTestKey,
    keyAlgorithms,
    startOpenidProvider,
    testKeys,
    users,
    type OpenidProvider,
} from '../support/openid-provider.js';
import { failureOf } from '../support/servers.js';

let provider: OpenidProvider;

beforeAll(async () => {
    provider = await startOpenidProvider({ basePath: '/tenant' });
});

afterAll(() => provider.close());

describe.each(['http', 'fetch'])('at oidc-provider, over the %s adapter', (adapter) => {
    const ways: [string, () => Partial<TokenEndpointOptions>][] = [
        ['by its URL', () => ({ tokenEndpoint: provider.endpoints.token, client: { adapter } })],
        ['by discovery', () => ({ issuer: discover(provider.issuer), client: { adapter } })],
    ];

    describe.each(ways)('found %s', (_, server) => {
        const create = (client: { id: string; secret?: string }, options: Partial<TokenEndpointOptions> = {}) =>
            createClientTokenCreator(client, { ...server(), ...options });
        const expectGranted = async (creator: ReturnType<typeof create>, clientId: string) => {
            const { access_token } = await creator();
            expect(await provider.findToken(access_token)).toMatchObject({ clientId });
        };

        test('client_secret_post is let in, and is what is used unless another way is chosen', async () => {
            const { id, secret } = clients.post;
            await expectGranted(create({ id, secret }), id);
            await expectGranted(create({ id, secret }, { clientAuthentication: clientSecretPost }), id);

            expect(await failureOf(create({ id, secret: 'no' })())).toMatchObject({
                status: 401,
                error: 'invalid_client',
            });
        });

        test.each([clients.basic, clients.special])('client_secret_basic is let in: $id', async ({ id, secret }) => {
            const clientAuthentication = clientSecretBasic;
            await expectGranted(create({ id, secret }, { clientAuthentication }), id);

            const refused = create({ id, secret: `${secret}!` }, { clientAuthentication });
            expect(await failureOf(refused())).toMatchObject({ status: 401, error: 'invalid_client' });
        });

        test('client_secret_basic without its encoding is let in where there is nothing to encode', async () => {
            const clientAuthentication = clientSecretBasicUnencoded;
            const { basic, special } = clients;
            await expectGranted(create({ id: basic.id, secret: basic.secret }, { clientAuthentication }), basic.id);

            // An id with a colon would end there.
            const refused = create({ id: special.id, secret: special.secret }, { clientAuthentication });
            expect(await failureOf(refused())).toBeInstanceOf(TypeError);
        });

        test('a public client is let in with its id', async () => {
            const options = { ...server(), clientId: clients.public.id, clientAuthentication: none };
            const { name, password } = { name: users.admin.username, password: users.admin.password };
            const { access_token } = await createUserTokenCreator({ name, password }, options)();

            expect(await provider.findToken(access_token)).toMatchObject({
                clientId: clients.public.id,
                subject: 'admin',
            });
            const refused = create({ id: clients.public.id }, { clientAuthentication: none });
            expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_request' });
        });

        test('client_secret_jwt is let in, again and again', async () => {
            const { id, secret } = clients.secretJwt;
            const creator = create({ id, secret }, { clientAuthentication: clientSecretJwt() });
            await expectGranted(creator, id);
            await expectGranted(creator, id);

            const refused = create({ id, secret: `${secret}!` }, { clientAuthentication: clientSecretJwt() });
            expect(await failureOf(refused())).toMatchObject({ status: 401, error: 'invalid_client' });
        });

        test.each(keyAlgorithms)('private_key_jwt with %s is let in, by each form of key', async (algorithm) => {
            const { id } = clients.privateKeyJwt[algorithm];
            const key = (await testKeys())[algorithm];
            const forms: { key: SigningKey; algorithm?: string; keyId?: string }[] = [
                { key: key.privateKey },
                { key: key.privateJwk },
                { key: key.pem, algorithm, keyId: key.kid },
            ];
            for (const form of forms)
                await expectGranted(create({ id }, { clientAuthentication: privateKeyJwt(form) }), id);
        });

        test('private_key_jwt with the key of another is refused', async () => {
            const { privateJwk } = await createTestKey('ES256', 'test-ES256');
            const clientAuthentication = privateKeyJwt({ key: privateJwk });
            const refused = create({ id: clients.privateKeyJwt.ES256.id }, { clientAuthentication });

            expect(await failureOf(refused())).toMatchObject({ status: 401, error: 'invalid_client' });
        });

        test('an assertion for somebody else is refused', async () => {
            const { id, secret } = clients.secretJwt;
            const clientAuthentication = clientSecretJwt({ audience: 'https://elsewhere.invalid' });

            const refused = create({ id, secret }, { clientAuthentication });
            expect(await failureOf(refused())).toMatchObject({ status: 401, error: 'invalid_client' });
        });

        test('the wrong way for a client is refused', async () => {
            const { id, secret } = clients.basic;

            expect(await failureOf(create({ id, secret })())).toMatchObject({ status: 401, error: 'invalid_client' });
        });
    });
});
