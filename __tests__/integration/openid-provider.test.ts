import { decodeProtectedHeader, importJWK, importPKCS8 } from 'jose';
import { asPost, basic, clientAssertion, passwordGrant, post, secretPost } from '../support/openid-client.js';
import {
    clients,
    createTestKey,
    keyAlgorithms,
    startOpenidProvider,
    testKeys,
    type OpenidProvider,
    type OpenidProviderOptions,
} from '../support/openid-provider.js';

const clientCredentials = { grant_type: 'client_credentials' };

let provider: OpenidProvider;

async function start(options?: OpenidProviderOptions): Promise<void> {
    provider = await startOpenidProvider(options);
}

afterEach(() => provider.close());

const ask = (fields: Record<string, string> | [string, string][], headers?: Record<string, string>) =>
    post(provider.endpoints.token, fields, headers);

const refresh = (refreshToken: string | undefined, fields = {}) =>
    ask({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '', ...asPost, ...fields });

describe('client authentication', () => {
    beforeEach(() => start());

    test.each([clients.post, clients.limited])('client_secret_post: $id', async (client) => {
        const granted = await ask({ ...clientCredentials, ...secretPost(client) });
        expect(granted.status).toBe(200);
        expect(granted.body).toEqual({
            access_token: expect.any(String) as string,
            expires_in: 3600,
            token_type: 'Bearer',
        });

        expect((await ask({ ...clientCredentials, client_id: client.id, client_secret: 'no' })).status).toBe(401);
        expect((await ask(clientCredentials, basic(client))).body.error).toBe('invalid_client');
    });

    test.each([clients.basic, clients.special])('client_secret_basic: $id', async (client) => {
        const granted = await ask(clientCredentials, basic(client));
        expect(granted.status).toBe(200);

        const refused = await ask(clientCredentials, basic({ ...client, secret: 'no' }));
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /);
        expect((await ask({ ...clientCredentials, ...secretPost(client) })).status).toBe(401);
    });

    test('a secret that is not form-encoded is refused', async () => {
        const { id, secret } = clients.special;
        const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
        expect((await ask(clientCredentials, { authorization })).status).toBe(400);
    });

    test('none', async () => {
        const granted = await ask({ ...passwordGrant(), client_id: clients.public.id });
        expect(granted.body).toMatchObject({ scope: 'read write', refresh_token: expect.any(String) as string });
        expect((await ask({ ...clientCredentials, client_id: clients.public.id })).status).toBe(400);
        expect((await ask(passwordGrant())).status).toBe(400);
    });

    test('client_secret_jwt', async () => {
        const { id, secret } = clients.secretJwt;
        const assertion = await clientAssertion(id, secret, provider.issuer);
        expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(200);
        expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(401);

        const forged = await clientAssertion(id, `${secret}!`, provider.issuer);
        expect((await ask({ ...clientCredentials, ...forged })).status).toBe(401);
    });

    test.each(keyAlgorithms)('private_key_jwt with %s', async (alg) => {
        const { id } = clients.privateKeyJwt[alg];
        const key = (await testKeys())[alg];
        const audiences = [provider.issuer, provider.endpoints.token];
        for (const audience of audiences) {
            const assertion = await clientAssertion(id, key, audience);
            expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(200);
            expect((await ask({ ...clientCredentials, ...assertion })).body.error).toBe('invalid_client');
        }
    });

    test.each([
        ['audience', { aud: 'http://127.0.0.1:1' }],
        ['issuer', { iss: 'someone-else' }],
        ['expiry', { exp: Math.floor(Date.now() / 1000) - 1 }],
        ['no jti', { jti: undefined }],
        ['no expiry', { exp: undefined }],
        ['time before which it does not count', { nbf: Math.floor(Date.now() / 1000) + 30 }],
    ])('private_key_jwt: a wrong assertion is refused: %s', async (_, claims) => {
        const { id } = clients.privateKeyJwt.ES256;
        const assertion = await clientAssertion(id, (await testKeys()).ES256, provider.issuer, claims);
        expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(401);
    });

    test.each(keyAlgorithms)('private_key_jwt: the %s key as PEM and as JWK', async (alg) => {
        const { id } = clients.privateKeyJwt[alg];
        const key = (await testKeys())[alg];
        expect(key.privateKey.extractable).toBe(false);
        for (const privateKey of [await importPKCS8(key.pem, alg), await importJWK(key.privateJwk, alg)]) {
            const assertion = await clientAssertion(
                id,
                { ...key, privateKey: privateKey as CryptoKey },
                provider.issuer,
            );
            expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(200);
        }
    });

    test('private_key_jwt: EdDSA by its other name', async () => {
        const { id } = clients.privateKeyJwt.EdDSA;
        const key = (await testKeys()).EdDSA;
        const assertion = await clientAssertion(id, key, provider.issuer, {}, 'Ed25519');
        expect(decodeProtectedHeader(assertion['client_assertion'] ?? '').alg).toBe('Ed25519');
        expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(200);
    });

    test('private_key_jwt: the key of another is refused', async () => {
        const { id } = clients.privateKeyJwt.ES256;
        const assertion = await clientAssertion(id, await createTestKey('ES256', 'test-ES256'), provider.issuer);
        expect((await ask({ ...clientCredentials, ...assertion })).status).toBe(401);
    });
});

describe('discovery', () => {
    test.each(['', '/tenant'])('with the base path %j', async (basePath) => {
        await start({ basePath });
        const { endpoints, discovery, issuer } = provider;
        const { origin } = new URL(issuer);
        expect(issuer).toBe(origin + basePath);
        expect(endpoints.openidConfiguration).toBe(`${issuer}/.well-known/openid-configuration`);
        expect(endpoints.oauthMetadata).toBe(`${origin}/.well-known/oauth-authorization-server${basePath}`);

        for (const url of [endpoints.openidConfiguration, endpoints.oauthMetadata]) {
            const document = (await (await fetch(url)).json()) as unknown;
            expect(document).toMatchObject({
                issuer,
                token_endpoint: endpoints.token,
                introspection_endpoint: endpoints.introspection,
                revocation_endpoint: endpoints.revocation,
                device_authorization_endpoint: endpoints.deviceAuthorization,
                jwks_uri: endpoints.jwks,
                dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
                grant_types_supported: expect.arrayContaining(['password', 'client_credentials']) as string[],
            });
            expect(document).not.toHaveProperty('mtls_endpoint_aliases');
        }
        expect(discovery.requests).toEqual({ openid: 1, oauth: 1 });
        expect((await ask({ ...clientCredentials, ...asPost })).status).toBe(200);
        expect((await fetch(endpoints.jwks)).status).toBe(200);
        const elsewhere = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
        expect(elsewhere.status).toBe(basePath === '' ? 200 : 404);
    });

    test('either document can be missing, wrong or late', async () => {
        await start();
        const { discovery, endpoints } = provider;
        discovery.offers.openid = false;
        expect((await fetch(endpoints.openidConfiguration)).status).toBe(404);
        discovery.tamper = (document) => ({ ...document, issuer: 'http://127.0.0.1:1' });
        const document = (await (await fetch(endpoints.oauthMetadata)).json()) as unknown;
        expect(document).toMatchObject({ issuer: 'http://127.0.0.1:1', token_endpoint: endpoints.token });
        discovery.failWith({ status: 503, headers: { 'retry-after': '1' } });
        expect((await fetch(endpoints.oauthMetadata)).status).toBe(503);
        expect(discovery.requests).toEqual({ openid: 1, oauth: 2 });
    });
});

describe('refresh tokens', () => {
    test('rotate, and a replay revokes the whole family', async () => {
        await start();
        const first = await ask({ ...passwordGrant(), ...asPost });
        const second = await refresh(first.body.refresh_token);
        expect(second.status).toBe(200);
        expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
        expect(await provider.findToken(second.body.access_token ?? '')).toMatchObject({ subject: 'admin' });

        expect((await refresh(first.body.refresh_token)).body.error).toBe('invalid_grant');
        expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
        expect(await provider.findToken(first.body.access_token ?? '')).toBeUndefined();
        expect(await provider.findToken(second.body.access_token ?? '')).toBeUndefined();
    });

    test('two refreshes at the same time are a replay as well', async () => {
        await start();
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        const answers = await Promise.all([refresh(body.refresh_token), refresh(body.refresh_token)]);
        expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 400]);
        const winner = answers.find(({ status }) => status === 200);
        expect((await refresh(winner?.body.refresh_token)).status).toBe(400);
        expect(await provider.findToken(winner?.body.access_token ?? '')).toBeUndefined();
    });

    test('belong to one client and one scope', async () => {
        await start();
        const { body } = await ask({ ...passwordGrant(), ...asPost, scope: 'read' });
        expect((await refresh(body.refresh_token, { scope: 'read write' })).body.error).toBe('invalid_scope');
        const other = await ask(
            { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' },
            basic(clients.basic),
        );
        expect(other.body.error).toBe('invalid_grant');
        expect((await refresh(body.refresh_token)).body.scope).toBe('read');
    });

    test('end, and need not rotate', async () => {
        await start({ refreshTokenLifetime: 2, rotateRefreshTokens: false });
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        expect((await refresh(body.refresh_token)).body.refresh_token).toBe(body.refresh_token);
        await new Promise((resolve) => setTimeout(resolve, 2_100));
        expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    });
});

describe('what can go wrong with a token request', () => {
    beforeEach(() => start());

    test('everything is recorded', async () => {
        await ask({ ...clientCredentials, ...asPost, scope: 'read' }, { 'x-test': '1' });
        await ask({ ...clientCredentials, client_id: 'nobody' });
        const [granted, refused] = provider.requests;
        expect(granted).toMatchObject({ method: 'POST', url: '/oauth2/token', status: 200, isLost: false });
        expect(granted?.headers).toMatchObject({ 'x-test': '1' });
        expect(granted?.fields.get('scope')).toBe('read');
        expect(granted?.answer).toMatchObject({ scope: 'read', token_type: 'Bearer' });
        expect(refused).toMatchObject({ status: 401, answer: { error: 'invalid_client' } });
    });

    test('an answer is lost, and the refresh token is used up all the same', async () => {
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        provider.dropAnswers = 1;
        await expect(refresh(body.refresh_token)).rejects.toThrow('fetch failed');
        expect(provider.requests.at(-1)).toMatchObject({ status: 200, isLost: true });
        expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    });

    test('a client that gives up changes nothing for the server', async () => {
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        provider.delay = 100;
        const refused = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '', ...asPost };
        const signal = AbortSignal.timeout(30);
        const given = fetch(provider.endpoints.token, { method: 'POST', body: new URLSearchParams(refused), signal });
        await expect(given).rejects.toThrow('timeout');
        expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
        expect(provider.requests.map(({ status }) => status)).toEqual([200, 200, 400]);
    });

    test('canned answers take the place of others, and have no effect', async () => {
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        provider.failWith(
            { status: 429, headers: { 'retry-after': '7' }, body: { error: 'slow_down' } },
            { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' },
            { status: 403 },
        );
        const answers = [];
        for (let round = 0; round < 4; round += 1) answers.push(await refresh(body.refresh_token));
        expect(answers.map(({ status }) => status)).toEqual([429, 502, 403, 200]);
        expect(answers[0]?.headers.get('retry-after')).toBe('7');
        expect(answers[0]?.body).toEqual({ error: 'slow_down' });
    });

    test('it may be slow, or out of order and back', async () => {
        provider.delay = 120;
        const startedAt = Date.now();
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        expect(Date.now() - startedAt).toBeGreaterThanOrEqual(60);
        await provider.stop();
        await expect(refresh(body.refresh_token)).rejects.toThrow('fetch failed');
        await provider.restart();
        expect((await refresh(body.refresh_token)).status).toBe(200);
    });

    test('fields that come twice, queries and other types of body are refused', async () => {
        const twice: [string, string][] = Object.entries({ ...clientCredentials, ...asPost });
        expect((await ask([...twice, ['grant_type', 'client_credentials']])).status).toBe(400);
        const query = new URLSearchParams({ ...clientCredentials, ...asPost }).toString();
        expect((await post(`${provider.endpoints.token}?${query}`, {})).status).toBe(400);
        const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
        expect((await fetch(provider.endpoints.token, json)).status).toBe(400);
        expect((await ask({ grant_type: 'nonsense', ...asPost })).body.error).toBe('unsupported_grant_type');
    });
});
