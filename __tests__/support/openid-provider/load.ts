import type * as OidcProviderModule from 'oidc-provider';
import type * as GrantsModule from 'oidc-provider/lib/helpers/grants.js';
import type instance from 'oidc-provider/lib/helpers/weak_cache.js';

export interface OidcProvider {
    readonly oidcProvider: typeof OidcProviderModule;
    /** What grants are made of, for those that oidc-provider lacks. */
    readonly parts: typeof GrantsModule;
    readonly internalsOf: typeof instance;
}

let loading: Promise<OidcProvider> | undefined;

export function loadOidcProvider(): Promise<OidcProvider> {
    loading ??= loadQuietly();
    return loading;
}

/** On Node 20 oidc-provider warns while it is loaded; it works. */
async function loadQuietly(): Promise<OidcProvider> {
    const { warn } = console;
    console.warn = (...words: unknown[]) => {
        if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn.apply(console, words);
    };
    try {
        const oidcProvider = await import('oidc-provider');
        const parts = await import('oidc-provider/lib/helpers/grants.js');
        const internals = await import('oidc-provider/lib/helpers/weak_cache.js');
        return { oidcProvider, parts, internalsOf: internals.default };
    } finally {
        console.warn = warn;
    }
}
