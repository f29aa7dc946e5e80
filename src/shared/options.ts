import { FILLED_STRING, FUNCTION, hasMethods, optional, type FieldCheck, type FieldChecks } from '../options.js';
import type { SharedTokenEventListener } from './events.js';
import type { TokenLock, TokenStore } from './token-store.js';

/** How what is shared is written: encrypted, for example. */
export interface Codec {
    /** What the store will hold for a text. */
    encode(text: string): string | Promise<string>;
    /** The text. What it throws says that the value cannot be read; it counts as absent then. */
    decode(value: string): string | Promise<string>;
}

/** How tokens are shared, wherever that is. Durations are milliseconds. */
export interface SharingOptions {
    /**
     * The most that one operation of the store may take. After that the store counts as unreachable for that creation.
     *
     * @default 1_000
     */
    storeTimeout?: number;
    /**
     * How long others wait for a creator that is gone. While a token is created the lock is renewed.
     *
     * @default 10_000
     */
    lockDuration?: number;
    /**
     * How long the refusal of the credentials by the authorization server counts for all; 0: each finds out by itself.
     *
     * @default 10_000
     */
    failureDuration?: number;
    /** How what is shared is written. By default as it is. */
    codec?: Codec;
    /** Is told of what happens with the others. */
    onEvent?: SharedTokenEventListener;
}

/** Options of `withSharedToken`. */
export interface SharedTokenOptions extends SharingOptions {
    /** Where the tokens are shared. */
    store: TokenStore;
    /** By default that of the store. */
    lock?: TokenLock;
    /**
     * Names what the token is for: all creators of one key get one token. It must tell apart whatever tells tokens apart,
     * the authorization server, the client and its scope, say. The store gets its hash.
     */
    key: string;
}

function milliseconds(least: number): FieldCheck {
    const check = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= least;
    return optional([`a finite number of milliseconds, at least ${least}`, check]);
}

const STORE_METHODS = ['get', 'set', 'compareAndSet', 'delete'];

export const SHARING_OPTIONS: FieldChecks = {
    storeTimeout: milliseconds(1),
    lockDuration: milliseconds(100),
    failureDuration: milliseconds(0),
    codec: optional(['an object with the functions encode and decode', hasMethods('encode', 'decode')]),
    onEvent: FUNCTION,
};

export const STORE: FieldCheck = [
    `a store: an object with the functions ${STORE_METHODS.join(', ')}, and perhaps lock and subscribe`,
    (value) => hasMethods(...STORE_METHODS)(value) && hasFunctionsIfAny(value as Partial<TokenStore>),
];

function hasFunctionsIfAny({ lock, subscribe }: Partial<TokenStore>): boolean {
    return [lock, subscribe].every((value) => value === undefined || typeof value === 'function');
}

export const KEY: FieldCheck = FILLED_STRING;
