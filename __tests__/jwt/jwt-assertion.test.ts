import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createJwtBearerTokenCreator } from '../../src/index.js';
import { jwtAssertion } from '../../src/jwt/index.js';
import { keyAlgorithms, testKeys } from '../support/openid-provider.js';
import { startTokenEndpointServer } from '../support/token-endpoint-server.js';

const parties = { issuer: 'me@project.example', audience: 'https://as.example/token' };

describe('an assertion for the JWT bearer grant', () => {
    test.each(keyAlgorithms)('is signed with %s, by a CryptoKey, a JWK or PEM', async (algorithm) => {
        const key = (await testKeys())[algorithm];
        const signers = [
            jwtAssertion({ ...parties, key: key.privateKey }),
            jwtAssertion({ ...parties, key: key.privateJwk }),
            jwtAssertion({ ...parties, key: key.pem, algorithm, keyId: key.kid }),
        ];
        for (const sign of signers) {
            const { payload, protectedHeader } = await jwtVerify(await sign(), key.publicKey);
            expect(protectedHeader.alg).toBe(algorithm);
            expect(payload).toMatchObject({ iss: parties.issuer, aud: parties.audience });
        }
    });

    test('names who signs, on whose behalf, for whom, from when to when, and itself', async () => {
        const { privateJwk, publicKey } = (await testKeys()).ES256;
        const token = await jwtAssertion({ ...parties, key: privateJwk, subject: 'jane' })();

        const { payload } = await jwtVerify(token, publicKey);
        expect(payload).toEqual({
            iss: parties.issuer,
            sub: 'jane',
            aud: parties.audience,
            jti: expect.stringMatching(/^[\da-f-]{36}$/) as string,
            iat: expect.any(Number) as number,
            exp: (payload.iat ?? 0) + 60,
        });
        expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: 'test-ES256' });
    });

    test('is on behalf of who signs it, unless it says otherwise', async () => {
        const { privateJwk, publicKey } = (await testKeys()).ES256;
        const { payload } = await jwtVerify(await jwtAssertion({ ...parties, key: privateJwk })(), publicKey);

        expect(payload.sub).toBe(parties.issuer);
    });

    test('holds more claims, which do not replace its own', async () => {
        const { privateJwk, publicKey } = (await testKeys()).ES256;
        const claims = { scope: 'read', iss: 'another', aud: 'another', exp: 1, jti: 'fixed' };
        const token = await jwtAssertion({ ...parties, key: privateJwk, claims, lifetime: 3_600_000 })();

        const { payload } = await jwtVerify(token, publicKey);
        expect(payload).toMatchObject({ scope: 'read', iss: parties.issuer, aud: parties.audience });
        expect(payload.jti).not.toBe('fixed');
        expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
    });

    test('is a new one for each request', async () => {
        const server = await startTokenEndpointServer();
        const { privateJwk } = (await testKeys()).ES256;
        const assertion = jwtAssertion({ ...parties, key: privateJwk });
        const creator = createJwtBearerTokenCreator({ assertion }, { client: { baseURL: server.url } });
        await creator();
        await creator();

        expect(new Set(server.requests.map(({ form }) => form['assertion'])).size).toBe(2);
        await server.close();
    });
});
