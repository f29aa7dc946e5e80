import type { TokenCreatorContext } from './creator.js';
import type { TokenParameters } from './parameters.js';

/** Which token an event is about: of those parameters, or the one without any. */
interface OfToken {
    readonly parameters?: TokenParameters;
}

/**
 * What happens to the tokens of a source, in the order in which it happens. No event holds a token or a secret; the
 * `error` of a custom creator is whatever that creator threw.
 */
export type TokenEvent =
    /** The creator is called. */
    | (OfToken & { readonly type: 'creating'; readonly reason: TokenCreatorContext['reason'] })
    /** A token was created; `durationMs` milliseconds after the call, `expiresAt` in milliseconds since the epoch. */
    | (OfToken & {
          readonly type: 'created';
          readonly reason: TokenCreatorContext['reason'];
          readonly durationMs: number;
          readonly expiresAt: number | undefined;
      })
    /** No token; before `nextAttemptAt` (milliseconds since the epoch) the source does not try again by itself. */
    | (OfToken & {
          readonly type: 'failed';
          readonly reason: TokenCreatorContext['reason'];
          readonly error: unknown;
          readonly nextAttemptAt?: number;
      })
    /** The resource server refused the token. */
    | (OfToken & { readonly type: 'rejected'; readonly status: number | undefined })
    /** A refused request was sent again; `status` is that of its second answer, absent when there was none. */
    | (OfToken & { readonly type: 'replayed'; readonly status: number | undefined; readonly recovered: boolean })
    /** The source forgot its tokens. */
    | { readonly type: 'cleared' };

/** What happens to one token. */
export type EventOfToken = Exclude<TokenEvent, { type: 'cleared' }>;

export type TokenEventListener = (event: TokenEvent) => void;

/** The listeners of one source. */
export interface Subscriptions {
    readonly emit: (event: TokenEvent) => void;
    readonly subscribe: (listener: TokenEventListener) => () => void;
}

export function createSubscriptions(): Subscriptions {
    const subscriptions = new Set<{ listener: (event: TokenEvent) => unknown }>();
    const queue: TokenEvent[] = [];
    return {
        emit(event) {
            if (subscriptions.size === 0) return;
            // Who clears the source on hearing that it was cleared says nothing new.
            if (event.type === 'cleared' && queue.at(-1)?.type === 'cleared') return;
            // What a listener causes is told when all have heard of what caused it.
            if (queue.push(event) > 1) return;
            for (const next of queue) {
                const told = [...subscriptions]; // who subscribes meanwhile hears of the next one
                for (const { listener } of told) notify(listener, next);
            }
            queue.length = 0;
        },
        subscribe(listener) {
            const subscription = { listener };
            subscriptions.add(subscription);
            return () => void subscriptions.delete(subscription);
        },
    };
}

/** A listener watches: whether it throws, or is async and rejects, must not change what it watches. */
export function notify<T>(listener: (event: T) => unknown, event: T): void {
    new Promise((settle) => settle(listener(event))).catch(() => {});
}
