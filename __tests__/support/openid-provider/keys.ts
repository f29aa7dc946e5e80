import { exportJWK, exportPKCS8, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';

export const keyAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

export type KeyAlgorithm = (typeof keyAlgorithms)[number];

/** A key pair in all the forms that a client may hold it in. */
export interface TestKey {
    readonly alg: KeyAlgorithm;
    readonly kid: string;
    /** Not extractable. */
    readonly privateKey: CryptoKey;
    readonly publicKey: CryptoKey;
    readonly privateJwk: JWK;
    readonly publicJwk: JWK;
    /** PKCS #8 in PEM. */
    readonly pem: string;
}

export type TestKeys = Readonly<Record<KeyAlgorithm, TestKey>>;

let generating: Promise<TestKeys> | undefined;

/** The keys of the clients with private_key_jwt and of the trusted issuer of assertions: one of each algorithm. */
export function testKeys(): Promise<TestKeys> {
    generating ??= Promise.all(keyAlgorithms.map((alg) => createTestKey(alg))).then(
        (keys) => Object.fromEntries(keys.map((key) => [key.alg, key])) as unknown as TestKeys,
    );
    return generating;
}

export async function createTestKey(alg: KeyAlgorithm, kid = `test-${alg}`): Promise<TestKey> {
    const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
    // Ed25519 has two names in the field of algorithms, EdDSA and Ed25519: without one the key serves both.
    const names = { kid, use: 'sig', ...(alg !== 'EdDSA' && { alg }) };
    const privateJwk = { ...(await exportJWK(pair.privateKey)), ...names };
    return {
        alg,
        kid,
        privateKey: (await importJWK(privateJwk, alg, { extractable: false })) as CryptoKey,
        publicKey: pair.publicKey,
        privateJwk,
        publicJwk: { ...(await exportJWK(pair.publicKey)), ...names },
        pem: await exportPKCS8(pair.privateKey),
    };
}
