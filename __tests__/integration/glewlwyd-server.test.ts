import axios, { type AxiosResponse } from 'axios';
import { generateKeyPair, generateProof } from 'dpop';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import { describeWithGlewlwyd } from '../support/describe-with-glewlwyd.js';
import { startGlewlwyd, type Glewlwyd } from '../support/glewlwyd.js';
import { wait } from '../support/servers.js';

type Fields = Record<string, string>;
type Answer = AxiosResponse<Record<string, string>>;

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
const text = expect.any(String) as string;

const post = (server: Glewlwyd, path: string, fields: Fields, headers: Fields = {}): Promise<Answer> =>
    axios.post(`${server.url}${path}`, new URLSearchParams(fields), { headers, validateStatus: () => true });

const byPost = ({ client }: Glewlwyd): Fields => ({ client_id: client.id, client_secret: client.secret });
const byBasic = ({ client }: Glewlwyd): Fields => ({
    authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
});

async function byAssertion(server: Glewlwyd, alg: 'HS256' | 'ES256'): Promise<Fields> {
    const { id, secret, privateKey } = server.client;
    const key = alg === 'HS256' ? new TextEncoder().encode(secret) : await importJWK({ ...privateKey }, alg);
    const assertion = new SignJWT()
        .setProtectedHeader({ alg, ...(alg === 'ES256' && { kid: privateKey.kid as string }) })
        .setIssuer(id)
        .setSubject(id)
        .setAudience(`${server.url}/token`)
        .setJti(crypto.randomUUID())
        .setExpirationTime('1 minute');
    return {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion.sign(key),
    };
}

describeWithGlewlwyd('glewlwyd', () => {
    let server: Glewlwyd;

    beforeAll(async () => {
        server = await startGlewlwyd({ accessTokenLifetime: 120, deviceInterval: 30 });
    });

    afterAll(() => server.close());

    const askAsUser = (): Promise<Answer> =>
        post(server, '/token', {
            grant_type: 'password',
            ...server.user,
            scope: server.scope,
            ...byPost(server),
        });
    const refresh = (refreshToken = ''): Promise<Answer> =>
        post(server, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...byPost(server) });
    const isActive = async (token = ''): Promise<unknown> =>
        (await post(server, '/introspect', { token }, byBasic(server))).data.active;

    test.each<[string, () => Fields | Promise<Fields>, () => Fields]>([
        ['client_secret_post', () => byPost(server), () => ({})],
        ['client_secret_basic', () => ({}), () => byBasic(server)],
        ['client_secret_jwt', () => byAssertion(server, 'HS256'), () => ({})],
        ['private_key_jwt', () => byAssertion(server, 'ES256'), () => ({})],
    ])('a client gets a token by %s', async (_, fields, headers) => {
        const asked = { grant_type: 'client_credentials', scope: 'read', ...(await fields()) };

        const { status, data } = await post(server, '/token', asked, headers());

        expect(status).toBe(200);
        expect(data).toEqual({ access_token: text, token_type: 'bearer', expires_in: 120, scope: 'read' });
    });

    test('a wrong secret is refused without a word', async () => {
        const asked = { grant_type: 'client_credentials', scope: 'read', ...byPost(server), client_secret: 'wrong' };

        expect(await post(server, '/token', asked)).toMatchObject({ status: 403, data: '' });
    });

    test('a user gets a refresh token, which is replaced at each use', async () => {
        const first = await askAsUser();
        const second = await refresh(first.data.refresh_token);

        expect(first).toMatchObject({ status: 200, data: { access_token: text, refresh_token: text } });
        expect(second).toMatchObject({ status: 200, data: { access_token: text, refresh_token: text } });
        expect(second.data.refresh_token).not.toBe(first.data.refresh_token);
    });

    test('a refresh token that was used before is refused, and takes its successor with it', async () => {
        const first = await askAsUser();
        const second = await refresh(first.data.refresh_token);

        expect(await refresh(first.data.refresh_token)).toMatchObject({ status: 400, data: '' });
        expect(await refresh(second.data.refresh_token)).toMatchObject({ status: 400, data: '' });
    });

    test('the discovery document names its issuer and its endpoints', async () => {
        const { data } = await axios.get<unknown>(`${server.issuer}/.well-known/openid-configuration`);

        expect(data).toMatchObject({
            issuer: server.issuer,
            token_endpoint: `${server.url}/token`,
            device_authorization_endpoint: `${server.url}/device_authorization`,
            introspection_endpoint: `${server.url}/introspect`,
            revocation_endpoint: `${server.url}/revoke`,
            dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
        });
    });

    test('a token that is revoked is no longer active', async () => {
        const { access_token: token } = (await askAsUser()).data;

        expect(await isActive(token)).toBe(true);
        expect(await post(server, '/revoke', { token: token ?? '' }, byBasic(server))).toMatchObject({ status: 200 });
        expect(await isActive(token)).toBe(false);
    });

    test('a client may name the resource that it wants a token for', async () => {
        const asked = { grant_type: 'client_credentials', scope: 'read', ...byPost(server) };
        const granted = await post(server, '/token', { ...asked, resource: server.resource });
        const refused = await post(server, '/token', { ...asked, resource: 'https://elsewhere.example.com/' });

        expect(decodeJwt(granted.data.access_token ?? '').aud).toBe(server.resource);
        expect(refused).toMatchObject({ status: 400, data: { error: 'invalid_target' } });
    });

    test('a device waits until the user enters its code', async () => {
        const client_id = server.publicClient.id;
        const { data: device } = await post(server, '/device_authorization', { client_id, scope: server.scope });
        const { device_code = '', user_code = '' } = device;
        const poll = (): Promise<Answer> => post(server, '/token', { grant_type: deviceCode, device_code, client_id });

        expect(device).toMatchObject({ verification_uri: text, expires_in: 600, interval: 30 });
        expect(await poll()).toMatchObject({ status: 400, data: { error: 'authorization_pending' } });
        expect(await poll()).toMatchObject({ status: 400, data: { error: 'slow_down' } });

        await server.approveDevice(user_code, { clientId: client_id });

        expect(await poll()).toMatchObject({ status: 200, data: { access_token: text, refresh_token: text } });
        expect(await poll()).toMatchObject({ status: 400, data: { error: 'access_denied' } });
    });

    test('a proof of possession binds the token', async () => {
        const proof = await generateProof(await generateKeyPair('ES256'), `${server.url}/token`, 'POST');
        const asked = { grant_type: 'client_credentials', scope: 'read', ...byPost(server) };

        const { data } = await post(server, '/token', asked, { DPoP: proof });

        expect(data).toMatchObject({ token_type: 'DPoP' });
        expect(decodeJwt(data.access_token ?? '').cnf).toEqual({ jkt: text });
    });
});

describeWithGlewlwyd('glewlwyd, started for one test', () => {
    test('proofs of possession need a nonce, and a nonce serves twice', async () => {
        const server = await startGlewlwyd({ dpopNonceUses: 2 });
        try {
            const keys = await generateKeyPair('ES256');
            const ask = async (nonce?: string): Promise<[status: number, error?: string, nonce?: string]> => {
                const proof = await generateProof(keys, `${server.url}/token`, 'POST', nonce);
                const asked = { grant_type: 'client_credentials', scope: 'read', ...byPost(server) };
                const { status, data, headers } = await post(server, '/token', asked, { DPoP: proof });
                return [status, data.error, headers['dpop-nonce'] as string | undefined];
            };

            const refused = await ask();
            const [, , nonce] = refused;
            expect(refused).toEqual([400, 'use_dpop_nonce', text]);
            expect(await ask(nonce)).toEqual([200, undefined, undefined]);
            expect(await ask(nonce)).toEqual([200, undefined, text]);
            expect(await ask(nonce)).toEqual([400, 'use_dpop_nonce', text]);
        } finally {
            await server.close();
        }
    });

    test('an access token ends with its lifetime', async () => {
        const server = await startGlewlwyd({ accessTokenLifetime: 2 });
        try {
            const asked = { grant_type: 'password', ...server.user, scope: 'read', ...byPost(server) };
            const { data } = await post(server, '/token', asked);
            const ask = async (): Promise<number> =>
                (await post(server, '/userinfo', {}, { authorization: `Bearer ${data.access_token}` })).status;

            expect(data.expires_in).toBe(2);
            expect(await ask()).toBe(200);
            await wait(3_100);
            expect(await ask()).toBe(401);
        } finally {
            await server.close();
        }
    });

    test('no process is left when it is closed', async () => {
        const server = await startGlewlwyd();
        await server.close();

        expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
        await expect(axios.get(server.url)).rejects.toThrow('ECONNREFUSED');
    });

    test('a start with settings that it does not take fails', async () => {
        await expect(startGlewlwyd({ accessTokenLifetime: -1 })).rejects.toThrow('access-token-duration');
    });
});
