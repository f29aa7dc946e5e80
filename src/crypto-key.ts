/** A `CryptoKey` of WebCrypto, described so that no library of types is needed. */
export interface WebCryptoKey {
    readonly type: string;
    readonly extractable: boolean;
    readonly algorithm: { readonly name: string };
    readonly usages: readonly string[];
}
