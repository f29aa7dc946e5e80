import { importJWK, importPKCS8, type CryptoKey, type JWK, type SignJWT } from 'jose';
import type { WebCryptoKey } from '../crypto-key.js';
import { FILLED_STRING, optional, type FieldChecks } from '../options.js';

/** A JSON Web Key (RFC 7517), described so that no library of types is needed. */
export interface JsonWebKeyLike {
    readonly kty?: string;
    readonly alg?: string;
    readonly kid?: string;
    readonly use?: string;
    readonly key_ops?: string[];
    readonly ext?: boolean;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly d?: string;
    readonly n?: string;
    readonly e?: string;
    readonly p?: string;
    readonly q?: string;
    readonly dp?: string;
    readonly dq?: string;
    readonly qi?: string;
}

/** A private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
export type SigningKey = WebCryptoKey | JsonWebKeyLike | string;

/** What to sign with. */
export interface SigningOptions {
    /** The private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
    key: SigningKey;
    /**
     * RFC 7518 section 3.1, for example `ES256`.
     *
     * @default what the key tells; PEM does not; RS256 for an RSA key in a JWK without `alg`
     */
    algorithm?: string;
    /**
     * The `kid` by which the server finds the public key.
     *
     * @default that of a JWK
     */
    keyId?: string;
}

/** What signs with one key. */
export interface Signer {
    readonly sign: (jwt: SignJWT) => Promise<string>;
}

interface KeyLike {
    readonly type?: unknown;
    readonly kty?: unknown;
    readonly d?: unknown;
    readonly usages?: unknown;
}

const ASYMMETRIC = /^((RS|PS|ES)(256|384|512)|EdDSA|Ed25519)$/;

const PEM = /^\s*-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----\s*$/;
const ECDSA: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const RSA: Readonly<Record<string, string>> = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS' };

function isPrivateKey(value: unknown): boolean {
    if (typeof value === 'string') return PEM.test(value);
    const { type, kty, d, usages } = Object(value) as KeyLike;
    if (kty !== undefined) return typeof d === 'string';
    return type === 'private' && (!Array.isArray(usages) || usages.includes('sign'));
}

export const SIGNING_CHECKS: FieldChecks = {
    key: [
        'a private key: a CryptoKey, a JWK, or PEM that begins with "-----BEGIN PRIVATE KEY-----" (PKCS #8)',
        isPrivateKey,
    ],
    algorithm: optional([
        'an asymmetric algorithm: RS256, PS256, ES256, … or EdDSA',
        (value) => typeof value === 'string' && ASYMMETRIC.test(value),
    ]),
    keyId: optional(FILLED_STRING),
};

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

/** An RSA key in a JWK without `alg` is for any of RSA's algorithms. */
function isFor(key: SigningKey, own: string, algorithm: string): boolean {
    const isAnyRsa = isJwk(key) && key.kty === 'RSA' && !key.alg;
    return own === algorithm || (isAnyRsa && /^[RP]S/.test(algorithm)) || (own === 'EdDSA' && algorithm === 'Ed25519');
}

/**
 * @param caller - names the function in errors
 * @throws TypeError when the key does not tell its algorithm, and none is given
 */
export function createSigner(caller: string, options: SigningOptions): Signer {
    const { key } = options;
    const own = algorithmOf(key);
    const { algorithm = own, keyId = isJwk(key) ? key.kid : undefined } = options;
    if (!algorithm)
        throw new TypeError(`${caller}: options.algorithm must be given, because this key does not tell it`);
    if (own && !isFor(key, own, algorithm))
        throw new TypeError(`${caller}: options.key is for ${own}, not ${algorithm}`);
    let imported: Promise<CryptoKey | Uint8Array> | undefined;
    const importKey = async () => {
        if (typeof key === 'string') return importPKCS8(key, algorithm);
        return isJwk(key) ? importJWK(key, algorithm) : (key as CryptoKey);
    };
    return {
        async sign(jwt) {
            imported ??= importKey();
            try {
                return await jwt
                    .setProtectedHeader({ alg: algorithm, ...(keyId && { kid: keyId }) })
                    .sign(await imported);
            } catch {
                // jose's own error might repeat some of the key.
                throw new TypeError(`${caller}: options.key is no private key for ${algorithm}`);
            }
        },
    };
}
