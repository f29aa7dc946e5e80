import { generateKeyPairSync } from 'node:crypto';
import { generateKeyPair, generateSecret } from 'jose';
import { createClientTokenCreator, createJwtBearerTokenCreator } from '../../src/index.js';
import { clientSecretJwt, jwtAssertion, privateKeyJwt } from '../../src/jwt/index.js';
import { expectNoSecretIn } from '../support/no-secret.js';
import { testKeys } from '../support/openid-provider.js';
import { startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsaJwk = rsa.privateKey.export({ format: 'jwk' });
const ecJwk = ec.privateKey.export({ format: 'jwk' });

const pem = (type: 'pkcs1' | 'sec1' | 'pkcs8' | 'spki', key = rsa.privateKey) =>
    key.export({ type, format: 'pem' }).toString();
/** What no error may repeat: the lines of a PEM, the members of a JWK. */
const partsOf = (key: unknown): string[] =>
    typeof key === 'string'
        ? key.split('\n').filter((line) => line.length >= 16 && !line.startsWith('---'))
        : Object.values(Object(key) as Record<string, unknown>).filter(
              (part): part is string => typeof part === 'string' && part.length > 8,
          );

const wrong: [string, () => unknown][] = [
    ['undefined', () => undefined],
    ['null', () => null],
    ['an empty string', () => ''],
    ['a string that is no PEM', () => 'canary-key'],
    ['a number', () => 5],
    ['bytes', () => Buffer.from('canary-key')],
    ['an empty object', () => ({})],
    ['RSA in PKCS #1', () => pem('pkcs1')],
    ['EC in SEC 1', () => pem('sec1', ec.privateKey)],
    ['a public key in PEM', () => pem('spki', rsa.publicKey)],
    [
        'an encrypted key in PEM',
        () =>
            rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----'],
    ['PEM that breaks off', () => pem('pkcs8').slice(0, 200)],
    ['a JWK without d', () => ec.publicKey.export({ format: 'jwk' })],
    ['a JWK whose d is no string', () => ({ ...ecJwk, d: 5 })],
    ['a symmetric JWK', () => ({ kty: 'oct', k: 'canary-key-canary-key' })],
    ['a set of JWKs', () => ({ keys: [ecJwk] })],
    ['a pair of keys', () => ({ publicKey: ec.publicKey, privateKey: ec.privateKey })],
    ['a public KeyObject', () => ec.publicKey],
];

const options = { issuer: 'me', audience: 'https://as.example', algorithm: 'ES256' };
const callers: [string, (key: unknown) => unknown][] = [
    ['privateKeyJwt', (key) => privateKeyJwt({ key: key as never, algorithm: 'ES256' })],
    ['jwtAssertion', (key) => jwtAssertion({ ...options, key: key as never })],
];

describe.each(callers)('the key of %s', (caller, run) => {
    test.each(wrong)('must not be %s, and is not repeated', (_, give) => {
        const key = give();
        expectTypeError(() => run(key), caller, 'options.key', 'a private key', 'PKCS #8');
        try {
            run(key);
        } catch (error) {
            expectNoSecretIn(error, partsOf(key));
        }
    });

    test('must not be a public CryptoKey, nor a secret one', async () => {
        const { publicKey } = await generateKeyPair('ES256');
        const secret = await generateSecret('HS256', { extractable: true });

        expectTypeError(() => run(publicKey), caller, 'options.key', 'object');
        expectTypeError(() => run(secret), caller, 'options.key', 'object');
    });
});

describe.each<[string, (given: object) => unknown, object]>([
    ['privateKeyJwt', (given) => privateKeyJwt(given as never), {}],
    ['jwtAssertion', (given) => jwtAssertion(given as never), { issuer: 'me', audience: 'https://as.example' }],
])('%s', (caller, run, needed) => {
    test('wants an algorithm where the key does not tell it', () => {
        for (const key of [pem('pkcs8'), ec.privateKey, { kty: 'EC', d: 'canary', crv: 'secp256k2' }]) {
            expectTypeError(() => run({ key, ...needed }), caller, 'options.algorithm');
        }
    });

    test.each<[string, unknown, string]>([
        ['algorithm', '', '""'],
        ['algorithm', 5, '5'],
        ['keyId', '', '""'],
        ['keyId', 5, '5'],
        ['lifetime', 60, '60'],
        ['lifetime', '60000', '"60000"'],
        ['lifetime', Number.NaN, 'NaN'],
        ['lifetime', Infinity, 'Infinity'],
        ['audience', '', '""'],
        ['audience', 5, '5'],
        ['audience', null, 'null'],
    ])('refuses options.%s %p', (name, value, what) => {
        expectTypeError(() => run({ key: rsaJwk, ...needed, [name]: value }), caller, `options.${name}`, what);
    });

    test('knows no other option', () => {
        expectTypeError(() => run({ key: rsaJwk, ...needed, secret: 'canary' }), caller, 'options.secret', 'lifetime');
        expectTypeError(() => run(undefined as never), caller, 'options', 'undefined');
    });
});

test.each<[string, unknown]>([
    ['algorithm', 'RS256'],
    ['algorithm', 'none'],
    ['algorithm', 'HS1'],
    ['lifetime', 999],
    ['lifetime', Infinity],
    ['key', 'canary'],
])('clientSecretJwt refuses options.%s %p', (name, value) => {
    expectTypeError(() => clientSecretJwt({ [name]: value }), 'clientSecretJwt', `options.${name}`);
});

test.each<[string, unknown]>([
    ['issuer', ''],
    ['issuer', undefined],
    ['subject', ''],
    ['audience', undefined],
    ['audience', () => 'https://as.example'],
    ['claims', 'wrong'],
])('jwtAssertion refuses options.%s %p', (name, value) => {
    expectTypeError(() => jwtAssertion({ ...options, key: ecJwk, [name]: value }), `options.${name}`);
});

describe('a key that is not what it seems', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const broken = '-----BEGIN PRIVATE KEY-----\ncanarycanarycanarycanary\n-----END PRIVATE KEY-----';
    test.each<[string, () => Promise<[unknown, string]>]>([
        ['PEM of nonsense', async () => [broken, 'ES256']],
        ['PEM of another algorithm', async () => [pem('pkcs8'), 'ES256']],
        ['PEM for an unknown algorithm', async () => [pem('pkcs8'), 'XX256']],
        ['a JWK of nonsense', async () => [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'canary' }, 'ES256']],
        ['a JWK of another algorithm', async () => [{ ...ecJwk }, 'RS256']],
        ['a JWK for agreement on keys', async () => [{ ...ecJwk, key_ops: ['deriveBits'] }, 'ES256']],
        ['a CryptoKey of another algorithm', async () => [(await testKeys()).RS256.privateKey, 'ES256']],
        [
            'a CryptoKey for agreement on keys',
            async () => {
                const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
                return [(await crypto.subtle.generateKey(algorithm, false, ['deriveBits'])).privateKey, 'ES256'];
            },
        ],
        ['a KeyObject of another algorithm', async () => [rsa.privateKey, 'ES256']],
    ])('ends the creation with a TypeError that names it, and nothing is sent: %s', async (_, give) => {
        const [key, algorithm] = await give();
        const client = { baseURL: server.url };
        // At once where the key tells, when it is used where it does not.
        const creators = {
            privateKeyJwt: async () => {
                const clientAuthentication = privateKeyJwt({ key: key as never, algorithm });
                return createClientTokenCreator({ id: 'a' }, { client, clientAuthentication })();
            },
            jwtAssertion: async () => {
                const assertion = jwtAssertion({ ...options, key: key as never, algorithm });
                return createJwtBearerTokenCreator({ assertion }, { client })();
            },
        };

        for (const [caller, creator] of Object.entries(creators)) {
            const error: unknown = await creator().catch((reason: unknown) => reason);
            expect(error).toBeInstanceOf(TypeError);
            expect((error as Error).message).toMatch(new RegExp(`^${caller}: options\\.(key|algorithm) `));
            expectNoSecretIn(error, [...partsOf(key), 'canary']);
        }
        expect(server.requests).toHaveLength(0);
    });
});
