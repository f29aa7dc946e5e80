import { decodeJwt } from 'jose';
import {
    clientSecretBasic,
    clientSecretBasicUnencoded,
    clientSecretPost,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createRefreshTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
    introspectToken,
    none,
    revokeToken,
    type ClientAuthentication,
    type DeviceAuthorization,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { clientSecretJwt, privateKeyJwt } from '../../src/jwt/index.js';
import { describeWithGlewlwyd } from '../support/describe-with-glewlwyd.js';
import { startGlewlwyd, type Glewlwyd } from '../support/glewlwyd.js';
import { failureOf } from '../support/servers.js';

const text = expect.any(String) as string;

describeWithGlewlwyd('at glewlwyd', () => {
    let server: Glewlwyd;

    beforeAll(async () => {
        server = await startGlewlwyd({ deviceInterval: 1 });
    });

    afterAll(() => server.close());

    const methods: [string, () => ClientAuthentication, () => ClientAuthentication][] = [
        ['client_secret_post', () => clientSecretPost, () => clientSecretPost],
        // It does not decode what RFC 6749 section 2.3.1 encodes.
        [
            'client_secret_basic without its encoding',
            () => clientSecretBasicUnencoded,
            () => clientSecretBasicUnencoded,
        ],
        ['client_secret_jwt', () => clientSecretJwt(), () => clientSecretJwt({ audience: ({ url }) => url })],
        [
            'private_key_jwt',
            () => privateKeyJwt({ key: { ...server.client.privateKey } }),
            () => privateKeyJwt({ key: { ...server.client.privateKey }, audience: ({ url }) => url }),
        ],
    ];

    const client = () => ({ id: server.client.id, secret: server.client.secret });
    const clientOptions = () => ({ clientId: server.client.id, clientSecret: server.client.secret });
    const user = () => ({ name: server.user.username, password: server.user.password });
    describe.each(['http', 'fetch'])('over the %s adapter', (adapter) => {
        const byUrl = () => ({ client: { baseURL: server.url, adapter } });
        const byDiscovery = () => ({ issuer: discover(server.issuer), client: { adapter } });
        const create = (options: Partial<TokenEndpointOptions>) =>
            createClientTokenCreator(client(), { ...byUrl(), scope: 'read', ...options });

        test.each(methods)('%s is let in, by the URL of the endpoint', async (_, method) => {
            expect(await create({ clientAuthentication: method() })()).toEqual({
                access_token: text,
                token_type: 'bearer',
                expires_in: 3600,
                scope: 'read',
            });
        });

        test.each(methods)('%s is let in, by discovery', async (_, _method, method) => {
            const creator = create({ ...byDiscovery(), clientAuthentication: method() });

            expect(await creator()).toMatchObject({ access_token: text, scope: 'read' });
            expect((await createTokenSource(creator).getToken()).type).toBe('Bearer');
        });

        test('client_secret_basic is refused where its encoding changes the secret, for it is not decoded', async () => {
            expect(server.client.secret).toContain('!');
            expect(await failureOf(create({ clientAuthentication: clientSecretBasic })())).toMatchObject({
                status: 403,
            });
        });

        test('an assertion for its issuer is refused: it wants the URL of the endpoint', async () => {
            const refused = create({ ...byDiscovery(), clientAuthentication: clientSecretJwt() });

            expect(await failureOf(refused())).toMatchObject({ name: 'TokenEndpointError', status: 403 });
        });

        test('a wrong secret is refused, though without a word', async () => {
            const { id } = client();
            const refused = createClientTokenCreator({ id, secret: 'wrong' }, { ...byUrl(), scope: 'read' });
            const error = await failureOf(refused());

            expect(error).toMatchObject({ name: 'TokenEndpointError', status: 403, error: undefined });
            expect(error.message).toBe('the token endpoint answered 403');
        });

        test('a password gives a token and a refresh token, which gives the next ones', async () => {
            const options = { ...byDiscovery(), ...clientOptions(), scope: server.scope };
            const creator = createUserTokenCreator(user(), options);
            const first = await creator();
            const signal = new AbortController().signal;
            const second = await creator({ reason: 'expired', previous: first, signal });

            expect(first).toMatchObject({ access_token: text, refresh_token: text, scope: server.scope });
            expect(second.refresh_token).not.toBe(first.refresh_token);
            expect(decodeJwt(second.access_token).sub).toBe(decodeJwt(first.access_token).sub);
        });

        test('a refresh token gives tokens to a creator that has nothing else', async () => {
            const options = { ...byUrl(), ...clientOptions() };
            const first = await createUserTokenCreator(user(), { ...options, scope: server.scope })();
            const creator = createRefreshTokenCreator({ refreshToken: first.refresh_token ?? '' }, options);

            expect(await creator()).toMatchObject({ access_token: text, refresh_token: text });
        });

        test('a refresh token that was used before is refused, though without a word', async () => {
            const options = { ...byUrl(), ...clientOptions() };
            const { refresh_token: refreshToken = '' } = await createUserTokenCreator(user(), {
                ...options,
                scope: 'read',
            })();
            await createRefreshTokenCreator({ refreshToken }, options)();

            expect(await failureOf(createRefreshTokenCreator({ refreshToken }, options)())).toMatchObject({
                name: 'TokenEndpointError',
                status: 400,
            });
        });

        test('a resource is named, and another is refused', async () => {
            const { access_token } = await create({ resource: server.resource })();

            expect(decodeJwt(access_token).aud).toBe(server.resource);
            const refused = create({ resource: 'https://elsewhere.example.com/' });
            expect(await failureOf(refused())).toMatchObject({ status: 400, error: 'invalid_target' });
        });

        test('a token is introspected, revoked, and is not active any more', async () => {
            const clientAuthentication = clientSecretBasicUnencoded;
            const options = { ...byDiscovery(), ...clientOptions(), clientAuthentication };
            const { access_token } = await createUserTokenCreator(user(), { ...options, scope: 'read' })();

            expect(await introspectToken(access_token, options)).toMatchObject({ active: true, scope: 'read' });
            expect(await revokeToken(access_token, { ...options, tokenTypeHint: 'access_token' })).toBeUndefined();
            expect(await introspectToken(access_token, options)).toEqual({ active: false });
        });

        test('a log-out with revocation ends the token there', async () => {
            const clientAuthentication = clientSecretBasicUnencoded;
            const options = { ...byDiscovery(), ...clientOptions(), clientAuthentication };
            const source = createTokenSource(createUserTokenCreator(user(), { ...options, scope: 'read' }), {
                revoke: ({ access_token }) => revokeToken(access_token, options),
            });
            const { value } = await source.getToken();
            await source.clear({ revoke: true });

            expect(await introspectToken(value, options)).toEqual({ active: false });
        });
    });

    test('a client with a secret gets a token for a device', async () => {
        const onUserCode = ({ user_code }: DeviceAuthorization) => server.approveDevice(user_code);
        const options = { issuer: discover(server.issuer), ...clientOptions(), scope: server.scope };

        expect(await createDeviceTokenCreator({ onUserCode }, options)()).toMatchObject({ access_token: text });
    });

    test('a public client gets a token for a device when the user has entered the code', async () => {
        const { id } = server.publicClient;
        const shown: DeviceAuthorization[] = [];
        const onUserCode = async (authorization: DeviceAuthorization) => {
            shown.push(authorization);
            // Later than the first poll, which is told to wait.
            setTimeout(() => void server.approveDevice(authorization.user_code, { clientId: id }), 1_200);
        };
        const options = { clientId: id, clientAuthentication: none, scope: server.scope };
        const creator = createDeviceTokenCreator({ onUserCode }, { issuer: discover(server.issuer), ...options });

        expect(await creator()).toMatchObject({ access_token: text, refresh_token: text });
        expect(shown).toMatchObject([{ user_code: text, verification_uri: text, expires_in: 600 }]);
        expect(shown[0]).not.toHaveProperty('device_code');
    });
});
