import { importJWK, importPKCS8, type CryptoKey, type JWK } from 'jose';
import type { WebCryptoKey } from '../crypto-key.js';
import type { FieldCheck } from '../options.js';

/** A JSON Web Key (RFC 7517); its other members depend on the kind of key. */
export interface JsonWebKeyLike {
    readonly kty?: string;
}

/** A private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
export type SigningKey = WebCryptoKey | JsonWebKeyLike | string;

/** What signs: an imported key and its algorithm (RFC 7518 section 3.1). */
export interface Signer {
    readonly algorithm: string;
    readonly keyId: string | undefined;
    readonly key: () => Promise<CryptoKey | Uint8Array>;
}

interface KeyLike {
    readonly type?: unknown;
    readonly kty?: unknown;
    readonly d?: unknown;
}

const PEM = /^\s*-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----\s*$/;
const ECDSA: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const RSA: Readonly<Record<string, string>> = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS' };

function isPrivateKey(value: unknown): boolean {
    if (typeof value === 'string') return PEM.test(value);
    const { type, kty, d } = Object(value) as KeyLike;
    return kty === undefined ? type === 'private' : typeof d === 'string';
}

export const SIGNING_KEY: FieldCheck = [
    'a private key: a CryptoKey, a JWK, or PEM that begins with "-----BEGIN PRIVATE KEY-----" (PKCS #8)',
    isPrivateKey,
];

function isJwk(key: SigningKey): key is JWK & JsonWebKeyLike {
    return typeof key === 'object' && 'kty' in key;
}

/** @returns `undefined` where the key does not tell */
function algorithmOf(key: SigningKey): string | undefined {
    if (typeof key === 'string') return undefined;
    if (isJwk(key)) {
        const { alg, kty, crv = '' } = key;
        return alg ?? (kty === 'RSA' ? 'RS256' : kty === 'OKP' ? 'EdDSA' : ECDSA[crv]);
    }
    const { name, namedCurve, hash } = Object((key as WebCryptoKey).algorithm) as {
        name?: string;
        namedCurve?: string;
        hash?: { name: string };
    };
    if (name === 'Ed25519') return 'EdDSA';
    if (name === 'ECDSA') return ECDSA[namedCurve ?? ''];
    const prefix = RSA[name ?? ''];
    return prefix && hash && prefix + hash.name.slice('SHA-'.length);
}

/**
 * @param caller - names the function in errors
 * @throws TypeError when the key does not tell its algorithm, and none is given
 */
export function createSigner(
    caller: string,
    key: SigningKey,
    algorithm = algorithmOf(key),
    keyId = isJwk(key) ? key.kid : undefined,
): Signer {
    if (!algorithm)
        throw new TypeError(`${caller}: options.algorithm must be given, because this key does not tell it`);
    let imported: Promise<CryptoKey | Uint8Array> | undefined;
    const importKey = async () => {
        if (typeof key === 'string') return importPKCS8(key, algorithm);
        return isJwk(key) ? importJWK(key, algorithm) : (key as CryptoKey);
    };
    return {
        algorithm,
        keyId,
        key() {
            imported ??= importKey().catch(() => {
                // jose's own error might repeat some of the key.
                throw new TypeError(`${caller}: options.key is no private key for ${algorithm}`);
            });
            return imported;
        },
    };
}
