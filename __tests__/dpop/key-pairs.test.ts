import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { generateKeyPair } from 'dpop';
import { dpop } from '../../src/dpop/index.js';
import { createTokenSource, createClientTokenCreator } from '../../src/index.js';
import { createBoundClient, createBoundIssuer, proofOf } from '../support/proofs.js';
import { ok, useServers } from '../support/servers.js';
import { expectTypeError } from '../support/type-error.js';

const serve = useServers();

type Options = Parameters<typeof dpop>[0];

const { subtle } = webcrypto;
const uses = ['sign', 'verify'] as const;

const pair = (algorithm: unknown, usages: readonly string[] = uses, extractable = false) =>
    subtle.generateKey(algorithm as EcKeyGenParams, extractable, usages as KeyUsage[]) as Promise<CryptoKeyPair>;

const ec = (namedCurve: string) => ({ name: 'ECDSA', namedCurve });
const rsa = (name: string, hash: string, modulusLength = 2_048) => ({
    name,
    hash,
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
});

async function swapped(): Promise<unknown> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    return { privateKey: publicKey, publicKey: privateKey };
}

async function mixed(): Promise<unknown> {
    const { privateKey } = await generateKeyPair('ES256');
    const { publicKey } = await generateKeyPair('Ed25519');
    return { privateKey, publicKey };
}

async function hiddenPublicKey(): Promise<unknown> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await subtle.exportKey('jwk', publicKey);
    return { privateKey, publicKey: await subtle.importKey('jwk', { ...jwk }, ec('P-256'), false, ['verify']) };
}

const pem = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const bad: [string, () => unknown][] = [
    ['null', () => null],
    ['a number', () => 1],
    ['a text', () => 'canary'],
    ['an array', () => []],
    ['nothing in it', () => ({})],
    ['texts', () => ({ privateKey: 'canary', publicKey: 'canary' })],
    ['keys in PEM', () => pem],
    ['JWKs', () => ({ privateKey: { kty: 'EC', d: 'canary' }, publicKey: { kty: 'EC' } })],
    ['KeyObjects of Node', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    [
        'what only looks like keys',
        () => ({ privateKey: { type: 'private' }, publicKey: { type: 'public', extractable: true } }),
    ],
    ['a private key alone', async () => ({ privateKey: (await generateKeyPair('ES256')).privateKey })],
    ['a public key alone', async () => ({ publicKey: (await generateKeyPair('ES256')).publicKey })],
    ['a single key', async () => (await generateKeyPair('ES256')).privateKey],
    ['the keys swapped', swapped],
    ['keys of two kinds', mixed],
    ['a public key that cannot be exported', hiddenPublicKey],
    ['keys that do not sign', () => pair({ name: 'ECDH', namedCurve: 'P-256' }, ['deriveKey'])],
    ['another curve', () => pair(ec('P-384'))],
    ['another hash', () => pair(rsa('RSA-PSS', 'SHA-512'))],
    ['an outdated hash', () => pair(rsa('RSASSA-PKCS1-v1_5', 'SHA-1'))],
    ['an RSA key for encryption', () => pair(rsa('RSA-OAEP', 'SHA-256'), ['encrypt', 'decrypt'])],
    ['an RSA key that is too short', () => pair(rsa('RSA-PSS', 'SHA-256', 1_024))],
    ['a symmetric key', () => pair({ name: 'HMAC', hash: 'SHA-256' })],
    ['another algorithm', () => pair({ name: 'Ed448' })],
];

describe('a keyPair that cannot sign proofs is refused at once, by name', () => {
    it.each(bad)('%s', async (_name, create) => {
        const keyPair = (await create()) as never;

        expectTypeError(() => dpop({ keyPair }), 'dpop', 'options.keyPair');
    });

    it('and nothing of it is repeated', () => {
        for (const keyPair of ['canary', pem.privateKey, ['canary']]) {
            let message = '';
            try {
                dpop({ keyPair: keyPair as never });
            } catch (error) {
                message = (error as Error).message;
            }
            expect(message).toContain('keyPair');
            expect(message).not.toMatch(/canary|BEGIN|MIG/);
        }
    });
});

it.each<[string, unknown, string]>([
    ['null', null, 'options'],
    ['a text', 'x', 'options'],
    ['an unknown option', { keypair: 1 }, 'options.keypair'],
])('options that are none are refused at once: %s', (_name, options, word) => {
    expectTypeError(() => dpop(options as Options), 'dpop', word);
});

it('where there is no WebCrypto, as in a page that is no secure context, that is said at once', () => {
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { configurable: true, writable: true, value: {} });
    try {
        expectTypeError(() => dpop(), 'dpop', 'WebCrypto', 'secure context');
    } finally {
        Object.defineProperty(globalThis, 'crypto', { configurable: true, writable: true, value: crypto });
    }
});

it.each<[string, unknown]>([
    ['the function itself', dpop],
    ['a name', 'DPoP'],
    ['options of it', { keyPair: undefined }],
    ['a promise', Promise.resolve(dpop())],
])('a scheme that is none is refused at once, by name: %s', (_name, scheme) => {
    const { creator } = createBoundIssuer();
    const client = { baseURL: 'http://127.0.0.1:1' };
    expectTypeError(
        () => createTokenSource(creator, { scheme: scheme as never }),
        'createTokenSource',
        'options.scheme',
    );
    expectTypeError(
        () => createClientTokenCreator({ id: 'a', secret: 'canary' }, { client, scheme: scheme as never }),
        'createClientTokenCreator',
        'options.scheme',
    );
});

it.each<[string, () => Promise<unknown>]>([
    ['of WebCrypto, not extractable', () => pair(ec('P-256'))],
    ['of WebCrypto, extractable', () => pair(ec('P-256'), uses, true)],
    [
        'that sign only',
        async () => {
            const { privateKey, publicKey } = await pair(ec('P-256'), uses, true);
            const jwk = await subtle.exportKey('jwk', privateKey);
            const signing = await subtle.importKey('jwk', { ...jwk, key_ops: ['sign'] }, ec('P-256'), false, ['sign']);
            return { privateKey: signing, publicKey };
        },
    ],
    ['with more beside them', async () => ({ ...(await pair(ec('P-256'))), id: 'mine' })],
])('keys that are good are taken: %s', async (_name, create) => {
    const server = await serve(ok);
    const { client } = createBoundClient({ baseURL: server.url }, { keyPair: (await create()) as never });

    await client.get('/me');

    expect((await proofOf(server.received[0]!)).header.alg).toBe('ES256');
});
