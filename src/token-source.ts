import { reasonOf } from './abort.js';
import { createBoundedMap } from './bounded-map.js';
import { systemClock, type Clock } from './clock.js';
import type { TokenCreator, TokenCreatorContext } from './creator.js';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { announce } from './follow.js';
import { createSubscriptions, type TokenEvent, type TokenEventListener } from './events.js';
import {
    checkFields,
    FUNCTION,
    hasMethods,
    optional,
    SCHEME,
    typeOf,
    type FieldCheck,
    type FieldChecks,
} from './options.js';
import { nameOf, readParameters, type TokenParameters } from './parameters.js';
import { createRejectionBudget, type RejectionBudget } from './rejection-budget.js';
import type { AuthorizationScheme } from './scheme.js';
import { isTokenGood, stepUpOf } from './step-up.js';
import { createTokenSlot, type Replay, type TokenRefusal, type TokenSlot } from './token-slot.js';
import type { AccessToken, TokenGrantResponse } from './token.js';

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
    /**
     * How many tokens of different parameters are kept; above that, the one used longest ago is forgotten, but never one
     * that is being created.
     *
     * @default 1_000
     */
    maxTokens?: number;
    /**
     * How the tokens are sent, `dpop()` for example.
     *
     * @default `Authorization: Bearer`
     */
    scheme?: AuthorizationScheme;
    /**
     * Revokes a grant at the authorization server; `clear({ revoke: true })` calls it for each that the source holds.
     *
     * @example
     * ```ts
     * revoke: ({ refresh_token, access_token }) => revokeToken(refresh_token ?? access_token, { client }),
     * ```
     */
    revoke?: (grant: TokenGrantResponse) => Promise<unknown>;
    /** Is told of everything that happens, as by {@link TokenSource.subscribe}. */
    onEvent?: TokenEventListener;
    /** Where the time is read. By default the system's wall and monotonic clocks. */
    clock?: Clock;
}

/**
 * Holds the one current token of a creator, or one for each of the {@link TokenParameters} that are asked for: lazy,
 * single-flight, aware of expiry. It knows nothing of axios.
 */
export interface TokenSource {
    /**
     * Gives the current token, or creates one; all who ask for it meanwhile share that one creation.
     *
     * @throws the creator's own error, {@link TokenError} `timeout` or `cleared`, the reason of the signal, or TypeError
     * for wrong parameters
     */
    getToken(options?: { signal?: AbortSignal; parameters?: TokenParameters }): Promise<AccessToken>;
    /**
     * The current token if it can be used right now. Starts a renewal in the background when it is aging.
     *
     * @throws TypeError for wrong parameters
     */
    current(parameters?: TokenParameters): AccessToken | undefined;
    /**
     * Reports that the resource server refused a token. When it asks for a stronger one (RFC 9470), the token stays, and
     * the `parameters` of the permission tell what to ask for instead.
     *
     * @returns permission to get another one and try once more; `undefined` when the refusal is the answer: the token
     * is of another source or was cleared, its scope does not suffice, or too many tokens were refused lately
     */
    reject(token: AccessToken, why: TokenRefusal): Replay | undefined;
    /** Forgets the tokens and everything known of them (log out). Who waits gets a {@link TokenError} `cleared`. */
    clear(): void;
    /**
     * Forgets them at once, too, and revokes them by the option `revoke`.
     *
     * @returns settles when the authorization server has answered to all; rejects with the first failure, or a TypeError
     * without the option `revoke`, which changes nothing here: all is forgotten
     */
    clear(options: { revoke: boolean }): Promise<void>;
    /** How its tokens are sent; by default as `Bearer`. */
    readonly scheme?: AuthorizationScheme | undefined;
    /** Calls the listener on each event; the function it returns ends that. A listener that throws disturbs nobody. */
    subscribe(listener: TokenEventListener): () => void;
}

/** Whether the creator is being called at this very moment: a request made now is made by the creator itself. */
export const CALLING_CREATOR: unique symbol = Symbol.for('axios-token-creator.calling-creator') as never;

/** How often the source was cleared. */
export const EPOCH: unique symbol = Symbol.for('axios-token-creator.epoch') as never;

function milliseconds(least: number): FieldCheck {
    const check = (value: unknown): boolean => typeof value === 'number' && value >= least;
    return optional([`a number of milliseconds, at least ${least}`, check]);
}

export const SOURCE_OPTIONS: FieldChecks = {
    refreshAhead: milliseconds(0),
    expiryLeeway: milliseconds(0),
    creationTimeout: milliseconds(1),
    maxTokens: optional(['a whole number, at least 1', (value) => Number.isInteger(value) && Number(value) > 0]),
    scheme: SCHEME,
    revoke: FUNCTION,
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
    return openTokenSource(creator, checkFields('createTokenSource', 'options', options, SOURCE_OPTIONS));
}

/** A source whose creator and options were checked before. */
export function openTokenSource(creator: TokenCreator, options: TokenSourceOptions): TokenSource {
    const { refreshAhead = 300_000, expiryLeeway = 10_000, creationTimeout = 30_000, clock = systemClock } = options;
    const { maxTokens = 1_000, scheme, revoke, onEvent } = options;
    const { emit: tell, subscribe } = createSubscriptions();
    // Decorators have forgotten the grants of a source before anybody can ask for another one.
    const decorators = createSubscriptions();
    const emit = (event: TokenEvent): void => {
        decorators.emit(event);
        tell(event);
    };
    if (onEvent) subscribe(onEvent);
    let calls = 0;
    let epoch = 0;

    const callCreator = (context?: TokenCreatorContext): ReturnType<TokenCreator> => {
        calls += 1;
        try {
            return creator(context);
        } finally {
            calls -= 1;
        }
    };

    const openSlot = (parameters: TokenParameters | undefined, budget: RejectionBudget) => {
        const slot = createTokenSlot({
            parameters,
            tokenType: scheme?.type ?? 'Bearer',
            clock,
            refreshAhead,
            expiryLeeway,
            creationTimeout,
            budget,
            source: view,
            emit,
            callCreator,
            onToken: (token) => owners.set(token, slot),
        });
        return slot;
    };

    function slotOf(parameters: TokenParameters | undefined): TokenSlot {
        if (parameters === undefined) return main;
        const read = readParameters(parameters);
        const name = nameOf(read);
        if (!name) return main;
        return others.open(name, () =>
            openSlot(
                read,
                budgets.open(name, () => createRejectionBudget(clock)),
            ),
        );
    }

    function knownSlot(parameters: TokenParameters | undefined): TokenSlot | undefined {
        const name = nameOf(parameters);
        return name ? others.peek(name) : main;
    }

    function clear(): void;
    function clear(how: { revoke: boolean }): Promise<void>;
    function clear(how?: { revoke: boolean }): Promise<void> | void {
        epoch += 1;
        const cleared = [main, ...others.clear()];
        main = openSlot(undefined, mainBudget);
        owners = new WeakMap();
        const revocations: Promise<unknown>[] = [];
        const drop = (grant: TokenGrantResponse): void => {
            if (!how?.revoke || !revoke) return;
            const revocation = Promise.resolve(grant).then(revoke);
            revocation.catch(() => {}); // that of a grant which comes later is told to nobody
            revocations.push(revocation);
        };
        for (const slot of cleared) slot.end(new TokenError('cleared', 'the token source was cleared'), drop);
        emit({ type: 'cleared' });
        return how && whenRevoked(how.revoke && !revoke ? [Promise.reject(new TypeError(NO_REVOKE))] : revocations);
    }

    const view = { clear, subscribe: decorators.subscribe };
    const mainBudget = createRejectionBudget(clock);
    const budgets = createBoundedMap<RejectionBudget>(maxTokens, () => false);
    const others = createBoundedMap<TokenSlot>(maxTokens, (slot) => slot.isBusy());
    let owners = new WeakMap<AccessToken, TokenSlot>();
    let main = openSlot(undefined, mainBudget);
    announce(view, creator);

    const source = {
        scheme,
        getToken({ signal, parameters }: { signal?: AbortSignal; parameters?: TokenParameters } = {}) {
            if (signal?.aborted) return Promise.reject(reasonOf(signal));
            let slot: TokenSlot;
            try {
                slot = slotOf(parameters);
            } catch (error) {
                return Promise.reject(error);
            }
            const token = slot.current();
            const pending = token ? Promise.resolve(token) : slot.join();
            return signal ? untilDeparture(pending, { signal }) : pending;
        },
        current: (parameters?: TokenParameters) => knownSlot(parameters)?.current(),
        reject(token: AccessToken, why: TokenRefusal): Replay | undefined {
            const owner = owners.get(token);
            const { challenges } = why;
            if (!owner || isTokenGood(challenges, token.type)) return undefined;
            const challenge = stepUpOf(challenges);
            const wanted = challenge && { ...owner.parameters, challenge };
            const known = wanted && knownSlot(wanted);
            return !wanted || known === owner ? owner.reject(token, why) : owner.permit(why, wanted, known);
        },
        clear,
        subscribe,
        get [CALLING_CREATOR]() {
            return calls > 0;
        },
        get [EPOCH]() {
            return epoch;
        },
    };
    return source;
}

const NO_REVOKE = 'clear: to revoke, the source needs options.revoke';

/** Nobody need wait for it: the failure is not unhandled then. */
function whenRevoked(revocations: Promise<unknown>[]): Promise<void> {
    const done = Promise.allSettled(revocations).then((outcomes) => {
        const failure = outcomes.find((outcome) => outcome.status === 'rejected');
        if (failure) throw failure.reason;
    });
    done.catch(() => {});
    return done;
}

/** Whether a value has the shape of a source. */
export const isTokenSource: (value: unknown) => value is TokenSource = hasMethods(
    'getToken',
    'current',
    'reject',
    'clear',
    'subscribe',
) as never;
