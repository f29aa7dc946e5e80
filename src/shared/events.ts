import type { TokenCreatorContext } from '../creator.js';
import type { TokenParameters } from '../parameters.js';

interface OfSharedToken {
    /** Why the token was wanted; absent where the creator was called without a context. */
    readonly reason?: TokenCreatorContext['reason'];
    /** Which token it is about: of those parameters, or the one without any. */
    readonly parameters?: TokenParameters;
}

/** What happens between this process, or tab, and those it shares tokens with. No event holds a token or a secret. */
export type SharedTokenEvent =
    /** A token that somebody else created is used. `generation` tells it from all others, wherever it is. */
    | (OfSharedToken & { readonly type: 'adopted'; readonly generation: string })
    /** Somebody else is creating one, and is waited for. */
    | (OfSharedToken & { readonly type: 'waiting' })
    /** A token was created here, and is in the store for the others. */
    | (OfSharedToken & { readonly type: 'shared'; readonly generation: string })
    /** The lock could not be had in time, or failed: the creation goes on without it, and is coordinated all the same. */
    | (OfSharedToken & { readonly type: 'unlocked'; readonly error: unknown })
    /** The store could not be used: a token is created without knowledge of the others. */
    | (OfSharedToken & { readonly type: 'uncoordinated'; readonly error: unknown })
    /** What the store holds cannot be read, and counts as absent. */
    | (OfSharedToken & { readonly type: 'unreadable'; readonly error: unknown })
    /** A token that was created here could not be written to the store yet; that is tried again. */
    | (OfSharedToken & { readonly type: 'unwritten'; readonly error: unknown });

export type SharedTokenEventListener = (event: SharedTokenEvent) => void;
