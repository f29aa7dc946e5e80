import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import {
    createClientTokenCreator,
    createUserTokenCreator,
    introspectToken,
    revokeToken,
    type ClientAuthentication,
} from '../../src/index.js';
import { clientSecretJwt, privateKeyJwt, type SigningKey } from '../../src/jwt/index.js';
import { keyAlgorithms, testKeys } from '../support/openid-provider.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

const secret = 'a-secret-of-32-bytes-or-more-5c0ffee';
const id = 'my-client';

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const ask = async (clientAuthentication: ClientAuthentication, baseURL = server.url) => {
    const credentials = clientAuthentication.needsSecret ? { id, secret } : { id };
    await createClientTokenCreator(credentials, { client: { baseURL }, clientAuthentication })();
    return server.requests.at(-1)?.form ?? {};
};

const bytes = new TextEncoder().encode(secret);
const claimsOf = async (form: Readonly<Record<string, string>>, key: CryptoKey | Uint8Array): Promise<JWTPayload> =>
    (await jwtVerify(form['client_assertion'] ?? '', key)).payload;

describe('client_secret_jwt', () => {
    test('sends an assertion that is signed with the secret, and not the secret', async () => {
        const form = await ask(clientSecretJwt());

        expect(form).toEqual({
            grant_type: 'client_credentials',
            client_id: id,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: expect.any(String) as string,
        });
        expect(await claimsOf(form, bytes)).toMatchObject({ iss: id, sub: id, aud: `${server.url}/token` });
        expect(server.requests[0]?.body).not.toContain(secret);
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    test.each(['HS256', 'HS384', 'HS512'] as const)('signs with %s where that is asked for', async (algorithm) => {
        const form = await ask(clientSecretJwt({ algorithm }));

        expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe(algorithm);
        await claimsOf(form, bytes);
    });

    test('signs with HS256 otherwise', async () => {
        const form = await ask(clientSecretJwt());

        expect(decodeProtectedHeader(form['client_assertion'] ?? '')).toEqual({ alg: 'HS256' });
    });
});

describe('the assertion of a client', () => {
    test('lives for a minute, from now on', async () => {
        const before = Math.floor(Date.now() / 1000);
        const { iat = 0, exp = 0 } = await claimsOf(await ask(clientSecretJwt()), bytes);

        expect(iat).toBeGreaterThanOrEqual(before);
        expect(iat).toBeLessThanOrEqual(Date.now() / 1000);
        expect(exp - iat).toBe(60);
    });

    test('lives as long as is asked for', async () => {
        const { iat = 0, exp = 0 } = await claimsOf(await ask(clientSecretJwt({ lifetime: 5_000 })), bytes);

        expect(exp - iat).toBe(5);
    });

    test('is a new one for each request, with a jti of its own', async () => {
        const options = { client: { baseURL: server.url }, clientAuthentication: clientSecretJwt() };
        const creator = createClientTokenCreator({ id, secret }, options);
        await creator();
        await creator();

        const claims = await Promise.all(server.requests.map(({ form }) => claimsOf(form, bytes)));
        expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
        for (const { jti } of claims) expect(jti).toMatch(/^[\da-f-]{36}$/);
    });

    test('is for the URL of the endpoint, as it is at the time, where no issuer is known', async () => {
        const form = await ask(clientSecretJwt(), `${server.url}/auth/`);

        expect((await claimsOf(form, bytes)).aud).toBe(`${server.url}/auth/token`);
    });

    test('is for the endpoint of a revocation or an introspection, there', async () => {
        server.reply(grant({ active: true }));
        const options = {
            client: { baseURL: server.url },
            clientId: id,
            clientSecret: secret,
            clientAuthentication: clientSecretJwt(),
        };
        await revokeToken('a', options);
        await introspectToken('b', options);

        const claims = await Promise.all(server.requests.map(({ form }) => claimsOf(form, bytes)));
        expect(claims.map(({ aud }) => aud)).toEqual([`${server.url}/token/revoke`, `${server.url}/token/introspect`]);
    });

    test('is for whom the option says', async () => {
        const form = await ask(clientSecretJwt({ audience: 'https://as.example' }));

        expect((await claimsOf(form, bytes)).aud).toBe('https://as.example');
    });

    test('is for the URL of the endpoint, whole, where a function asks for that', async () => {
        const form = await ask(clientSecretJwt({ audience: ({ url }) => url }));

        expect((await claimsOf(form, bytes)).aud).toBe(`${server.url}/token`);
    });

    test('has no audience where the endpoint is known by its path alone: that is said, and nothing is sent', async () => {
        const options = { client: { baseURL: '/auth' }, clientAuthentication: clientSecretJwt() };

        const error: unknown = await createClientTokenCreator({ id, secret }, options)().catch((e: unknown) => e);

        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toMatch(/^clientSecretJwt: options\.audience is needed/);
        expect(server.requests).toHaveLength(0);
    });

    test.each([[''], [undefined], [5]])('is not signed where the function of the audience gives %p', async (given) => {
        const options = {
            client: { baseURL: server.url },
            clientAuthentication: clientSecretJwt({ audience: () => given as string }),
        };

        const error: unknown = await createClientTokenCreator({ id, secret }, options)().catch((e: unknown) => e);

        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toContain('clientSecretJwt: options.audience');
        expect(server.requests).toHaveLength(0);
    });

    test('comes with any grant', async () => {
        const options = {
            client: { baseURL: server.url },
            clientId: id,
            clientSecret: secret,
            clientAuthentication: clientSecretJwt(),
        };
        await createUserTokenCreator({ name: 'admin', password: 'start123' }, options)();

        expect(server.requests[0]?.form).toMatchObject({ grant_type: 'password', client_id: id });
        expect(server.requests[0]?.form).not.toHaveProperty('client_secret');
        await claimsOf(server.requests[0]?.form ?? {}, bytes);
    });
});

const kidOf = async (options: { key: SigningKey; keyId?: string }) =>
    decodeProtectedHeader((await ask(privateKeyJwt(options)))['client_assertion'] ?? '').kid;

describe('private_key_jwt', () => {
    test.each(keyAlgorithms)('takes a %s key as CryptoKey, as JWK and in PEM', async (algorithm) => {
        const key = (await testKeys())[algorithm];
        const forms: [SigningKey, string?][] = [[key.privateKey], [key.privateJwk], [key.pem, algorithm]];
        for (const [given, named] of forms) {
            const form = await ask(privateKeyJwt({ key: given, ...(named && { algorithm: named }) }));

            expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe(algorithm);
            expect(await claimsOf(form, key.publicKey)).toMatchObject({ iss: id, sub: id });
            expect(form).not.toHaveProperty('client_secret');
        }
    });

    test.each(['ES384', 'ES512', 'RS384', 'PS512'])('finds %s by what a CryptoKey tells', async (algorithm) => {
        const { privateKey, publicKey } = await generateKeyPair(algorithm);
        const form = await ask(privateKeyJwt({ key: privateKey }));

        expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe(algorithm);
        await claimsOf(form, publicKey);
    });

    test('takes a KeyObject, whose algorithm is to be given', async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const form = await ask(privateKeyJwt({ key: privateKey as never, algorithm: 'ES256' }));

        const { payload } = await jwtVerify(form['client_assertion'] ?? '', publicKey);
        expect(payload.sub).toBe(id);
    });

    test('signs with RS256 where an RSA key in a JWK does not say with what', async () => {
        const { alg: _, ...jwk } = (await testKeys()).RS256.privateJwk;
        const form = await ask(privateKeyJwt({ key: jwk }));

        expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe('RS256');
    });

    test('signs with the algorithm that is asked for rather than with that of the key', async () => {
        const { alg: _, ...jwk } = (await testKeys()).RS256.privateJwk;
        const form = await ask(privateKeyJwt({ key: jwk, algorithm: 'PS256' }));

        expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe('PS256');
    });

    test('names the key by the kid of a JWK, or by the option', async () => {
        const { privateJwk, privateKey } = (await testKeys()).ES256;

        expect(await kidOf({ key: privateJwk })).toBe('test-ES256');
        expect(await kidOf({ key: privateJwk, keyId: 'another' })).toBe('another');
        expect(await kidOf({ key: privateKey, keyId: 'named' })).toBe('named');
        expect(await kidOf({ key: privateKey })).toBeUndefined();
    });

    test('sends nothing of the key', async () => {
        const { privateKey } = await generateKeyPair('ES256', { extractable: true });
        const jwk = await exportJWK(privateKey);
        await ask(privateKeyJwt({ key: jwk }));

        expect(server.requests[0]?.body).not.toContain(jwk.d);
    });
});
