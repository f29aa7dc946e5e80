import { systemClock, type Clock } from './clock.js';
import type { TokenCreator, TokenCreatorContext } from './creator.js';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { createSubscriptions, type TokenEventListener } from './events.js';
import { checkFields, FUNCTION, hasMethods, optional, typeOf, type FieldCheck, type FieldChecks } from './options.js';
import { createRejectionBudget } from './rejection-budget.js';
import { createTokenSlot, type Replay, type TokenRefusal } from './token-slot.js';
import type { AccessToken } from './token.js';

/** Options of {@link createTokenSource}, all optional. Durations are milliseconds; timers wait 2³¹ - 1 at most. */
export interface TokenSourceOptions {
    /**
     * How long before its expiry a token is renewed in the background; never more than a fifth of its lifetime. 0, or
     * less than `expiryLeeway`, switches this off.
     *
     * @default 300_000
     */
    refreshAhead?: number;
    /**
     * How long before its expiry a token is no longer served; never more than a tenth of its lifetime.
     *
     * @default 10_000
     */
    expiryLeeway?: number;
    /**
     * How long those who wait for a token wait. The creator's work is not ended by it: a grant that comes late is
     * adopted. `Infinity` switches it off.
     *
     * @default 30_000
     */
    creationTimeout?: number;
    /** Is told of everything that happens, as by {@link TokenSource.subscribe}. */
    onEvent?: TokenEventListener;
    /** Where the time is read. By default the system's wall and monotonic clocks. */
    clock?: Clock;
}

/** Holds the one current token of a creator: lazy, single-flight, aware of expiry. It knows nothing of axios. */
export interface TokenSource {
    /**
     * Gives the current token, or creates one; all who ask meanwhile share that one creation.
     *
     * @throws the creator's own error, {@link TokenError} `timeout` or `cleared`, or the reason of the signal
     */
    getToken(options?: { signal?: AbortSignal }): Promise<AccessToken>;
    /** The current token if it can be used right now. Starts a renewal in the background when it is aging. */
    current(): AccessToken | undefined;
    /**
     * Reports that the resource server refused a token.
     *
     * @returns permission to get another one and try once more; `undefined` when the refusal is the answer: the token
     * is of another source or was cleared, or too many tokens were refused lately
     */
    reject(token: AccessToken, why: TokenRefusal): Replay | undefined;
    /** Forgets the token and everything known of it (log out). Who waits gets a {@link TokenError} `cleared`. */
    clear(): void;
    /** Calls the listener on each event; the function it returns ends that. A listener that throws disturbs nobody. */
    subscribe(listener: TokenEventListener): () => void;
}

/** Whether the creator is being called at this very moment: a request made now is made by the creator itself. */
export const CALLING_CREATOR: unique symbol = Symbol.for('axios-token-creator.calling-creator') as never;

function milliseconds(least: number): FieldCheck {
    const check = (value: unknown): boolean => typeof value === 'number' && value >= least;
    return optional([`a number of milliseconds, at least ${least}`, check]);
}

export const SOURCE_OPTIONS: FieldChecks = {
    refreshAhead: milliseconds(0),
    expiryLeeway: milliseconds(0),
    creationTimeout: milliseconds(1),
    onEvent: FUNCTION,
    clock: optional(['an object with the functions now and monotonic', hasMethods('now', 'monotonic')]),
};

/**
 * Creates the source of a creator's tokens. One source may serve any number of axios instances.
 *
 * @example
 * ```ts
 * const source = createTokenSource(createClientTokenCreator({ id, secret }, { client: { baseURL } }));
 * attachTokenCreator(users, source);
 * attachTokenCreator(invoices, source);
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function createTokenSource(creator: TokenCreator, options: TokenSourceOptions = {}): TokenSource {
    if (typeof creator !== 'function') {
        throw new TypeError(`createTokenSource: creator must be a function, not ${typeOf(creator)}`);
    }
    checkFields('createTokenSource', 'options', options, SOURCE_OPTIONS);
    return openTokenSource(creator, options);
}

/** A source whose creator and options were checked before. */
export function openTokenSource(creator: TokenCreator, options: TokenSourceOptions): TokenSource {
    const { refreshAhead = 300_000, expiryLeeway = 10_000, creationTimeout = 30_000, clock = systemClock } = options;
    const { emit, subscribe } = createSubscriptions();
    if (options.onEvent) subscribe(options.onEvent);
    let calls = 0;

    const callCreator = (context?: TokenCreatorContext): ReturnType<TokenCreator> => {
        calls += 1;
        try {
            return creator(context);
        } finally {
            calls -= 1;
        }
    };
    const clear = (): void => {
        const cleared = slot;
        slot = openSlot();
        cleared.end(new TokenError('cleared', 'the token source was cleared'));
        emit({ type: 'cleared' });
    };
    const budget = createRejectionBudget(clock);
    const openSlot = () =>
        createTokenSlot({
            clock,
            refreshAhead,
            expiryLeeway,
            creationTimeout,
            budget,
            source: { clear, subscribe },
            emit,
            callCreator,
        });
    let slot = openSlot();

    const source = {
        getToken({ signal }: { signal?: AbortSignal } = {}): Promise<AccessToken> {
            if (signal?.aborted) return Promise.reject(signal.reason);
            const token = slot.current();
            const pending = token ? Promise.resolve(token) : slot.join();
            return signal ? untilDeparture(pending, { signal, aborted: () => signal.reason as unknown }) : pending;
        },
        current: () => slot.current(),
        reject: (token: AccessToken, why: TokenRefusal) => slot.reject(token, why),
        clear,
        subscribe,
        get [CALLING_CREATOR]() {
            return calls > 0;
        },
    };
    return source;
}

/** Whether a value has the shape of a source. */
export const isTokenSource: (value: unknown) => value is TokenSource = hasMethods(
    'getToken',
    'current',
    'reject',
    'clear',
    'subscribe',
) as never;
