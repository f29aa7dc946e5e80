import type { TokenCreator } from '../creator.js';
import { checkFields, FUNCTION, typeOf } from '../options.js';
import { ownOf } from '../own.js';
import { base64url } from './base64url.js';
import { KEY, SHARING_OPTIONS, STORE, type Codec, type SharedTokenOptions, type SharingOptions } from './options.js';
import { createRecordStore } from './record-store.js';
import { createSharingCreator, type SharingCreator, type SharingSettings } from './sharing-creator.js';
import type { TokenLock, TokenStore } from './token-store.js';

const AS_IT_IS: Codec = { encode: (text) => text, decode: (value) => value };

/**
 * Gives all processes that share a store one token: who finds none creates it, while the others wait for it; one renews it
 * ahead of its expiry, the others adopt what that one got. A refresh token is sent by one at a time.
 *
 * When the store cannot be used, each process creates a token of its own; a refresh token is not used then, because
 * others may use it at the same time.
 *
 * @example
 * ```ts
 * const creator = withSharedToken(createClientTokenCreator({ id, secret }, { client: { baseURL } }), { store, key: id });
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function withSharedToken(creator: TokenCreator, options: SharedTokenOptions): TokenCreator {
    const caller = 'withSharedToken';
    checkCreator(caller, creator);
    const checks = { store: STORE, lock: FUNCTION, key: KEY, ...SHARING_OPTIONS };
    const { key, ...given } = checkFields(caller, 'options', options, checks);
    const { store, lock = store.lock?.bind(store) } = given;
    if (!lock) throw new TypeError(`${caller}: options.lock must be a function where the store has none`);
    return shareThrough(creator, { ...given, store, lock, nameOfEntry: hashedNames(caller, key) }).creator;
}

/** @throws TypeError */
export function checkCreator(caller: string, creator: TokenCreator): void {
    if (typeof creator === 'function') return;
    throw new TypeError(`${caller}: creator must be a function, not ${typeOf(creator)}`);
}

interface Shared extends SharingOptions, Pick<SharingSettings, 'nameOfEntry' | 'onCleared'> {
    readonly store: TokenStore;
    readonly lock: TokenLock;
}

// Longer than that, no timer can be told to wait.
const LONGEST_LOCK = 2 ** 31 - 1;

/** What {@link withSharedToken} gives, with options that were checked before. */
export function shareThrough(creator: TokenCreator, options: Shared): SharingCreator {
    const given = ownOf(options);
    const { store, lock, nameOfEntry, onEvent, onCleared, codec = AS_IT_IS } = given;
    const { storeTimeout: timeout = 1_000, lockDuration = 10_000, failureDuration = 10_000 } = given;
    const duration = Math.ceil(Math.min(lockDuration, LONGEST_LOCK));
    return createSharingCreator(creator, {
        // Longer than a claim counts: then it is seen that it was not renewed.
        records: createRecordStore({ store, codec, timeout, leastTimeToLive: 2 * duration }),
        lock: { lock, duration, timeout },
        nameOfEntry,
        failureDuration,
        onEvent,
        onCleared,
    });
}

// Changes with the form of what is stored: versions that do not understand each other do not meet.
const FORM = 1;

/** A dump of the store tells no client, and no user. */
export function hashedNames(caller: string, key: string): SharingSettings['nameOfEntry'] {
    const { subtle } = crypto;
    if (!subtle) throw new TypeError(`${caller} needs crypto.subtle, which browsers give to secure contexts alone`);
    return async (tokenKey) => {
        const text = new TextEncoder().encode(JSON.stringify([FORM, key, tokenKey]));
        return base64url(new Uint8Array(await subtle.digest('SHA-256', text)));
    };
}
