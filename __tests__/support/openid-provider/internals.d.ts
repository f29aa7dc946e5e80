/** What a provider keeps to itself. oidc-provider has no setting for how long a DPoP nonce counts. */
declare module 'oidc-provider/lib/helpers/weak_cache.js' {
    import type Provider from 'oidc-provider';

    export default function instance(provider: Provider): {
        DPoPNonces?: { nextChallenge(): string; checkChallenge(challenge: string): boolean };
    };
}
