import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    discover,
    type TokenCreator,
    type TokenSourceOptions,
} from '../../src/index.js';
import { dpop, type AuthorizationScheme } from '../../src/dpop/index.js';
import { privateKeyJwt } from '../../src/jwt/index.js';
import {
    clients,
    startOpenidProvider,
    testKeys,
    users,
    type OpenidProvider,
    type OpenidProviderOptions,
} from '../support/openid-provider.js';
import {
    startResourceServer,
    type ResourceServerOptions,
    type TestResourceServer,
} from '../support/resource-server.js';
import { claimsOf } from '../support/resource-server/proofs.js';
import { adapters, failOnUnhandledRejections, failureOf } from '../support/servers.js';

failOnUnhandledRejections();

let provider: OpenidProvider;
let resource: TestResourceServer;
let scheme: AuthorizationScheme;

/** Both servers want nonces; the resource server takes tokens that are bound, and no others. */
async function start(options?: OpenidProviderOptions, api?: Partial<ResourceServerOptions>): Promise<void> {
    provider = await startOpenidProvider(options);
    resource = await startResourceServer({ provider, dpop: 'required', requireNonce: true, ...api });
    scheme = dpop();
}

/** Every proof that was received, wherever. */
function proofs(): Readonly<Record<string, unknown>>[] {
    const atProvider = provider.requests.map(({ headers }) => claimsOf(headers['dpop'] as string | undefined));
    return [...atProvider, ...resource.received.map(({ proof }) => proof)].filter((claims) => claims !== undefined);
}

/** Whatever a test is about: each request had a proof, no two had the same, and no token went out as Bearer. */
function expectSoundRequests(): void {
    const ids = proofs().map(({ jti }) => jti);
    expect(ids).toHaveLength(provider.requests.length + resource.received.length);
    expect(new Set(ids).size).toBe(ids.length);
    expect(resource.downgrades).toBe(0);
}

afterEach(async () => {
    await Promise.all([provider.close(), resource.close()]);
    expectSoundRequests();
});

function attach(creator: TokenCreator, adapter: string, options?: TokenSourceOptions) {
    const source = createTokenSource(creator, { ...options, scheme });
    const api: AxiosInstance = axios.create({ baseURL: resource.url, adapter });
    attachTokenCreator(api, source);
    return { api, source };
}

const endpoint = (adapter: string) => ({ client: { adapter }, issuer: discover(provider.issuer), scheme });

const credentials = ({ id, secret }: { id: string; secret: string }) => ({ id, secret });

const byClient = (adapter: string) => createClientTokenCreator(credentials(clients.dpop), endpoint(adapter));

const byPublicClient = (adapter: string) => {
    const { username: name, password } = users.admin;
    return createUserTokenCreator({ name, password }, { ...endpoint(adapter), clientId: clients.dpopPublic.id });
};

const outcomes = () => provider.requests.map(({ fields, status }) => `${fields.get('grant_type')} ${status}`);
const answers = () => resource.received.map(({ status, error }) => [status, error].filter(Boolean).join(' '));

describe.each(adapters)('with oidc-provider, over %s', (adapter) => {
    it('client credentials: each server asks for its nonce once, and the token is bound to the key', async () => {
        await start({ basePath: '/tenant' });
        const { api, source } = attach(byClient(adapter), adapter);

        const { data } = await api.get<unknown>('/orders?x=1#y', { params: { page: 2 } });
        await api.post('/orders', { item: 1 });

        expect(data).toMatchObject({ clientId: clients.dpop.id });
        expect(outcomes()).toEqual(['client_credentials 400', 'client_credentials 200']);
        expect(answers()).toEqual(['401 use_dpop_nonce', '200', '200']);
        const token = await provider.findToken((await source.getToken()).value);
        expect(token?.jkt).toMatch(/^[\w-]{43}$/);
    });

    it('a refresh token that rotates is used with the key that it is bound to, and a fresh nonce', async () => {
        await start();
        const { api } = attach(byPublicClient(adapter), adapter);

        for (let round = 0; round < 3; round += 1) {
            await api.get(`/${round}`);
            provider.revokeAccessTokens();
            provider.rotateNonce();
        }

        expect(outcomes().filter((outcome) => outcome.endsWith('200'))).toEqual([
            'password 200',
            'refresh_token 200',
            'refresh_token 200',
        ]);
        const used = provider.requests.filter(({ status, fields }) => status === 200 && fields.has('refresh_token'));
        expect(new Set(used.map(({ fields }) => fields.get('refresh_token'))).size).toBe(2);
    });

    it('private_key_jwt: the assertion for the second request is another one', async () => {
        await start();
        const { id } = clients.privateKeyJwt.ES256;
        const { privateKey: key } = (await testKeys()).ES256;
        const creator = createClientTokenCreator(
            { id },
            { ...endpoint(adapter), clientAuthentication: privateKeyJwt({ key, algorithm: 'ES256' }) },
        );
        const { api } = attach(creator, adapter);

        expect((await api.get('/me')).status).toBe(200);

        expect(outcomes()).toEqual(['client_credentials 400', 'client_credentials 200']);
        const assertions = provider.requests.map(({ fields }) => fields.get('client_assertion'));
        expect(new Set(assertions).size).toBe(2);
    });

    it('100 requests at once, whose token is revoked, are healed by one new token', async () => {
        await start();
        const { api } = attach(byClient(adapter), adapter);
        await api.get('/me');
        provider.revokeAccessTokens();

        const statuses = await Promise.all(
            Array.from({ length: 100 }, async (_, id) => (await api.put(`/items/${id}`, { id })).status),
        );

        expect(new Set(statuses)).toEqual(new Set([200]));
        expect(outcomes().filter((outcome) => outcome.endsWith('200'))).toHaveLength(2);
        expect(answers().filter((answer) => answer === '401 invalid_token')).toHaveLength(100);
        const bodies = resource.received.filter(({ status, method }) => status === 200 && method === 'PUT');
        expect(new Set(bodies.map(({ body }) => body)).size).toBe(100);
    });

    it('nonces that are replaced under load cost a sending each, and no token', async () => {
        await start();
        const { api } = attach(byClient(adapter), adapter);
        const statuses: number[] = [];
        const worker = async (id: number) => {
            for (let round = 0; round < 15; round += 1) {
                statuses.push((await api.get(`/${id}/${round}`)).status);
                if (statuses.length % 25 === 0) resource.rotateNonce(true);
            }
        };

        await Promise.all(Array.from({ length: 10 }, (_, id) => worker(id)));

        expect(statuses).toEqual(Array(150).fill(200));
        expect(new Set(proofs().map(({ nonce }) => nonce)).size).toBeGreaterThan(5);
        expect(outcomes()).toEqual(['client_credentials 400', 'client_credentials 200']);
    });

    it('nonces that count once, with 50 requests at once', async () => {
        await start({ oneUseNonces: true }, { oneUseNonces: true });
        const { api } = attach(byClient(adapter), adapter);

        const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await api.get('/me')).status));

        expect(statuses).toEqual(Array(50).fill(200));
        expect(outcomes()).toEqual(['client_credentials 400', 'client_credentials 200']);
        expect(resource.received).toHaveLength(100);
    });

    it('a token that the server does not bind is sent nowhere', async () => {
        await start({ dpop: false });
        const { api } = attach(createClientTokenCreator(credentials(clients.post), endpoint(adapter)), adapter);

        const error = await failureOf(api.get('/me'));

        expect(error).toMatchObject({ code: 'response', message: 'the token_type is not DPoP' });
        expect(provider.requests.map(({ answer }) => answer['token_type'])).toEqual(['Bearer']);
        expect(resource.received).toHaveLength(0);
    });

    it('a device waits for its user, with a proof for each question', async () => {
        await start({ deviceInterval: 1 });
        const creator = createDeviceTokenCreator(
            { onUserCode: ({ user_code }) => provider.approveDevice(user_code) },
            { ...endpoint(adapter), clientId: clients.dpopPublic.id },
        );
        const { api } = attach(creator, adapter);

        const { data } = await api.get<unknown>('/me');

        expect(data).toMatchObject({ subject: 'admin', clientId: clients.dpopPublic.id });
    });
});

it('two instances and two sources share a scheme: its key, and the nonce of each server', async () => {
    await start();
    const first = attach(byClient('http'), 'http');
    const second = attach(byPublicClient('fetch'), 'fetch');

    await first.api.get('/a');
    await second.api.get('/b');

    expect(answers()).toEqual(['401 use_dpop_nonce', '200', '200']);
    expect(outcomes()).toEqual(['client_credentials 400', 'client_credentials 200', 'password 200']);
    const tokens = await Promise.all([first, second].map(async ({ source }) => (await source.getToken()).value));
    const [one, other] = await Promise.all(tokens.map((token) => provider.findToken(token)));
    expect(one?.jkt).toBe(other?.jkt);
});

it('another key than that of the token is refused, and the token stays unusable for it', async () => {
    await start();
    const creator = byClient('http');
    scheme = dpop();
    const { api } = attach(creator, 'http');

    const { response } = await failureOf(api.get('/me'));

    expect([response?.status, response?.data]).toEqual([401, { error: 'invalid_dpop_proof' }]);
});
