import { Agent } from 'node:https';
import {
    createClientTokenCreator,
    createDeviceTokenCreator,
    createUserTokenCreator,
    discover,
    introspectToken,
    revokeToken,
    tlsClientAuth,
    type DeviceAuthorization,
    type TokenEndpointOptions,
} from '../../src/index.js';
import {
    clients,
    startOpenidProvider,
    testCertificates,
    users,
    type Certificate,
    type OpenidProvider,
} from '../support/openid-provider.js';
import { failureOf } from '../support/servers.js';

const { ca, tls, tlsBound, selfSigned, stranger, rogue } = testCertificates();
const agents: Agent[] = [];
let provider: OpenidProvider;

beforeEach(async () => {
    provider = await startOpenidProvider({ mtls: true, basePath: '/tenant', deviceInterval: 1 });
});

afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy();
    await provider.close();
});

// The fetch adapter has no way to present a certificate.
const clientWith = (certificate?: Certificate) => {
    const httpsAgent = new Agent({ ca: ca.cert, ...certificate });
    agents.push(httpsAgent);
    return { httpsAgent, adapter: 'http' };
};

const ways: [string, () => Partial<TokenEndpointOptions>][] = [
    ['by its URL', () => ({ tokenEndpoint: provider.mtls?.token_endpoint ?? '' })],
    ['by discovery', () => ({ issuer: discover(provider.issuer) })],
];

describe.each(ways)('at oidc-provider that wants a certificate, found %s,', (_, server) => {
    const create = (client: { id: string }, certificate?: Certificate) =>
        createClientTokenCreator(
            { id: client.id },
            { ...server(), client: clientWith(certificate), clientAuthentication: tlsClientAuth },
        );

    test('tls_client_auth is let in', async () => {
        const { access_token } = await create(clients.tls, tls)();

        expect(await provider.findToken(access_token)).toMatchObject({ clientId: clients.tls.id });
        expect(provider.requests.map(({ isSecure }) => isSecure)).toEqual([true]);
        expect(Object.fromEntries(provider.requests[0]?.fields ?? [])).toEqual({
            grant_type: 'client_credentials',
            client_id: clients.tls.id,
        });
    });

    test('self_signed_tls_client_auth is let in', async () => {
        const { access_token } = await create(clients.selfSigned, selfSigned)();

        expect(await provider.findToken(access_token)).toMatchObject({ clientId: clients.selfSigned.id });
    });

    test('tokens are bound to the certificate', async () => {
        const { access_token } = await create(clients.tlsBound, tlsBound)();

        expect((await provider.findToken(access_token))?.x5t).toMatch(/^[\w-]{43}$/);
    });

    test.each([
        ['of somebody else', stranger],
        ['that is signed by nobody', selfSigned],
    ])('a certificate %s is refused', async (_name, certificate) => {
        expect(await failureOf(create(clients.tls, certificate)())).toMatchObject({
            name: 'TokenEndpointError',
            error: 'invalid_client',
        });
    });

    test('without a certificate, or with one of an unknown authority, there is no connection', async () => {
        for (const certificate of [undefined, rogue]) {
            const error = await failureOf(create(clients.tls, certificate)());
            expect(error).toMatchObject({ name: 'TokenError', code: 'network' });
            expect(error.message).not.toContain('PRIVATE KEY');
        }
        expect(provider.requests).toHaveLength(0);
    });

    test('a user gets a token, and it is refreshed, over the same certificate', async () => {
        const { username: name, password } = users.admin;
        const options = {
            client: clientWith(tlsBound),
            clientId: clients.tlsBound.id,
            clientAuthentication: tlsClientAuth,
        };
        const creator = createUserTokenCreator({ name, password }, { ...server(), ...options });
        const previous = await creator();
        const { access_token } = await creator({ reason: 'expired', previous, signal: new AbortController().signal });

        expect(provider.requests.map(({ fields }) => fields.get('grant_type'))).toEqual(['password', 'refresh_token']);
        expect((await provider.findToken(access_token))?.x5t).toMatch(/^[\w-]{43}$/);
    });
});

const optionsOfTls = () => ({
    issuer: discover(provider.issuer),
    client: clientWith(tls),
    clientId: clients.tls.id,
    clientAuthentication: tlsClientAuth,
});

describe('by discovery, at oidc-provider that wants a certificate,', () => {
    test('introspection and revocation are asked over it too', async () => {
        const all = optionsOfTls();
        const { access_token } = await createClientTokenCreator(
            { id: clients.tls.id },
            { issuer: all.issuer, client: all.client, clientAuthentication: tlsClientAuth },
        )();

        expect(await introspectToken(access_token, all)).toMatchObject({ active: true, client_id: clients.tls.id });
        await revokeToken(access_token, all);
        expect(await introspectToken(access_token, all)).toEqual({ active: false });
        expect(provider.discovery.requests).toEqual({ openid: 1, oauth: 0 });
    });

    test('a device gets its token over it', async () => {
        const onUserCode = ({ user_code }: DeviceAuthorization) => provider.approveDevice(user_code, 'bob');
        const { access_token } = await createDeviceTokenCreator({ onUserCode }, optionsOfTls())();

        expect(await provider.findToken(access_token)).toMatchObject({ subject: 'bob', clientId: clients.tls.id });
        expect(provider.requests.every(({ isSecure }) => isSecure)).toBe(true);
    });
});
