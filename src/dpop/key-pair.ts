import { generateKeyPair, type KeyPair as Keys } from 'dpop';
import type { WebCryptoKey } from '../crypto-key.js';
import type { FieldCheck } from '../options.js';

const ALGORITHMS = ['ECDSA', 'RSA-PSS', 'RSASSA-PKCS1-v1_5', 'Ed25519'];

/** A `CryptoKeyPair` of WebCrypto. */
export interface KeyPair {
    readonly privateKey: WebCryptoKey;
    readonly publicKey: WebCryptoKey;
}

interface Algorithm {
    readonly name?: string;
    readonly namedCurve?: string;
    readonly hash?: { readonly name?: string };
    readonly modulusLength?: number;
}

/** Whether proofs can be signed with it: ES256, PS256, RS256 or Ed25519. */
function isSupported({
    name = '',
    namedCurve = 'P-256',
    hash: { name: hash = 'SHA-256' } = {},
    modulusLength = 2_048,
}: Algorithm): boolean {
    return ALGORITHMS.includes(name) && namedCurve === 'P-256' && hash === 'SHA-256' && modulusLength >= 2_048;
}

function isKeyPair(value: unknown): boolean {
    const { privateKey, publicKey } = Object(value) as Partial<KeyPair>;
    return (
        privateKey?.type === 'private' &&
        publicKey?.type === 'public' &&
        publicKey.extractable &&
        privateKey.usages?.includes('sign') &&
        privateKey.algorithm?.name === publicKey.algorithm?.name &&
        isSupported(privateKey.algorithm)
    );
}

export const KEY_PAIR: FieldCheck = [
    'a CryptoKeyPair to sign with: ECDSA P-256, Ed25519, RSA-PSS or RSASSA-PKCS1-v1_5 with SHA-256, its public key extractable',
    isKeyPair,
];

/** The key pair that was given, or one whose private key cannot be exported; generated once, when it is first needed. */
export function keyPairOf(given: KeyPair | undefined): () => Promise<Keys> {
    let pending = given && Promise.resolve(given as Keys);
    return () => {
        pending ??= generateKeyPair('ES256').catch((error: unknown) => {
            pending = undefined;
            throw error;
        });
        return pending;
    };
}
