import { createBackoff } from './backoff.js';
import type { Challenge } from './challenge.js';
import { startTimer, stopwatch, type Clock } from './clock.js';
import type { TokenCreator, TokenCreatorContext } from './creator.js';
import { TokenError } from './errors.js';
import type { EventOfToken, TokenEvent } from './events.js';
import { onOlderGrant } from './follow.js';
import { freshnessAt, freshnessWindows, type Freshness } from './freshness.js';
import { fieldOf } from './own.js';
import type { RejectionBudget } from './rejection-budget.js';
import type { TokenParameters } from './parameters.js';
import { stepUpOf } from './step-up.js';
import { createAccessToken, readGrant, type AccessToken, type TokenGrantResponse } from './token.js';

/** Allows one request to be sent again with another token; it is told how that went. */
export interface Replay {
    /** The second answer, of that HTTP status, shows that the other token was accepted. */
    succeeded(status?: number): void;
    /**
     * The second answer does not show that, or there was none.
     *
     * @param isInVain - it refused a token that had been asked for because of the first refusal
     */
    failed?(status?: number, isInVain?: boolean): void;
    /** What to ask the source for instead, when the resource server wants more than the refused token gives. */
    readonly parameters?: TokenParameters;
    /**
     * The other token had been asked for before this refusal, and may have been revoked along with the refused one: where it
     * is refused as well, the request may be sent once more. To be asked when that token is there.
     */
    mayRecur?(): boolean;
}

/** The refusal of a token by a resource server. */
export interface TokenRefusal {
    /** The HTTP status of the refusal. */
    status?: number | undefined;
    /** What its `WWW-Authenticate` said; the creator gets them. */
    challenges?: readonly Challenge[] | undefined;
}

export interface TokenSlotSettings {
    readonly parameters: TokenParameters | undefined;
    readonly tokenType: string;
    readonly clock: Clock;
    readonly refreshAhead: number;
    readonly expiryLeeway: number;
    readonly creationTimeout: number;
    readonly budget: RejectionBudget;
    readonly source: Required<TokenCreatorContext>['source'];
    readonly emit: (event: TokenEvent) => void;
    readonly callCreator: TokenCreator;
    readonly onToken: (token: AccessToken) => void;
}

/**
 * The life of one token: none, held, or being created. A slot ends when its source is cleared; whatever arrives for it
 * afterwards is dropped with it.
 */
export interface TokenSlot {
    readonly parameters: TokenParameters | undefined;
    current(): AccessToken | undefined;
    join(): Promise<AccessToken>;
    reject(token: AccessToken, refusal: TokenRefusal): Replay | undefined;
    /** Allows another token beside the refused one, which is as good as it was: that of a slot, where there is one. */
    permit(refusal: TokenRefusal, parameters: TokenParameters, other: TokenSlot | undefined): Replay | undefined;
    /** @returns whether the token that is the newest later had been asked for by now */
    lookBack(): () => boolean;
    /** Whether a creator is at work, be it only for an answer that comes too late to be waited for. */
    isBusy(): boolean;
    /** @param drop - gets the grant that was held, and any that comes later */
    end(error: TokenError, drop: (grant: TokenGrantResponse) => void): void;
}

const LATE =
    'the token creator did not answer in time. Does it wait for itself? What it sends through a client that it is attached to needs { tokenCreator: false }. Milliseconds waited: ';

/**
 * For so long a source takes the refusal of a token that had been asked for because of another refusal for that of an
 * endpoint that refuses every token. Such a one must not cost a fleet one creation for each of its sources, again and again.
 */
const DISTRUST = 60_000;

interface Flight {
    readonly promise: Promise<AccessToken>;
    end(error: TokenError): void;
}

export function createTokenSlot(settings: TokenSlotSettings): TokenSlot {
    const { clock, budget, creationTimeout, parameters } = settings;
    const emit = (event: EventOfToken): void => settings.emit(parameters ? { ...event, parameters } : event);
    const backoff = createBackoff(clock);
    const replays = new WeakMap<AccessToken, Replay>();
    let latest: AccessToken | undefined;
    let held: { token: AccessToken; freshness: () => Freshness } | undefined;
    let previous: TokenGrantResponse | undefined;
    let refusal: TokenRefusal | undefined;
    let flight: Flight | undefined;
    let started = 0;
    let adopted = 0;
    let newestSince = 0;
    let sinceInVain: (() => number) | undefined;
    let atWork = 0;
    let ended: ((grant: TokenGrantResponse) => void) | undefined;

    function hold(grant: TokenGrantResponse, age: () => number): AccessToken {
        const seconds = fieldOf(grant, 'expires_in');
        const lifetime = seconds === undefined ? undefined : seconds * 1_000;
        const expiresAt = lifetime === undefined ? undefined : Math.round(clock.now() - age() + lifetime);
        const token = createAccessToken(grant, expiresAt, settings.tokenType);
        const windows = freshnessWindows(lifetime, settings.refreshAhead, settings.expiryLeeway, Math.random());
        held = { token, freshness: () => freshnessAt(windows, age()) };
        latest = token;
        settings.onToken(token);
        previous = grant;
        refusal = undefined;
        return token;
    }

    function create(reason: TokenCreatorContext['reason']): Flight {
        const generation = ++started;
        const age = stopwatch(clock);
        let isOlderGrant = false;
        const abort = new AbortController();
        let serve!: (token: AccessToken) => void;
        let disappoint!: (error: unknown) => void;
        const promise = new Promise<AccessToken>((...settle) => ([serve, disappoint] = settle));
        promise.catch(() => {}); // a creation in the background has nobody waiting for it

        const land = (): void => {
            stopTimer();
            if (flight === mine) flight = undefined;
        };
        const fail = (error: unknown): void => {
            const isAwaited = flight === mine;
            land();
            // An earlier creation may have answered late meanwhile.
            if (held && held.freshness() !== 'stale') serve(held.token);
            else disappoint(error);
            if (ended || !isAwaited) return;
            const wait = backoff.failed(error, reason === 'ahead');
            emit({ type: 'failed', reason, error, ...(wait > 0 && { nextAttemptAt: Math.ceil(clock.now() + wait) }) });
        };
        // A grant that comes after the timeout is adopted all the same: with it the server may have rotated the
        // refresh token, and the one before is worth nothing any more.
        const adopt = (answer: unknown): void => {
            const grant = readGrant(answer);
            ended?.(grant);
            if (ended || generation < adopted) return land();
            const token = hold(grant, age);
            adopted = generation;
            newestSince = isOlderGrant ? 0 : generation;
            backoff.succeeded();
            emit({ type: 'created', reason, durationMs: age(), expiresAt: token.expiresAt });
            land();
            serve(token);
        };
        const end = (error: TokenError): void => {
            fail(error);
            abort.abort(error);
        };
        const stopTimer = startTimer(creationTimeout, () => end(new TokenError('timeout', LATE + creationTimeout)));
        const mine: Flight = { promise, end };
        flight = mine;
        const context: TokenCreatorContext = {
            reason,
            ...(previous && { previous: { ...previous } }),
            ...challengesToAnswer(),
            ...(parameters && { parameters: { ...parameters } }),
            signal: abort.signal,
            source: settings.source,
        };
        onOlderGrant(context, () => (isOlderGrant = true));
        emit({ type: 'creating', reason });
        if (ended) return mine; // whoever heard of it may have cleared the source
        // In a promise, for creators that throw synchronously or return no promise as well.
        atWork += 1;
        new Promise((settle) => settle(settings.callCreator(context)))
            .then(adopt)
            .catch(fail)
            .finally(() => (atWork -= 1));
        return mine;
    }

    function challengesToAnswer(): Pick<TokenCreatorContext, 'challenges'> | undefined {
        const answered = refusal?.challenges;
        const wanted = parameters?.challenge;
        const challenges = wanted && !stepUpOf(answered) ? [wanted, ...(answered ?? [])] : answered && [...answered];
        return challenges && { challenges };
    }

    function current(): AccessToken | undefined {
        const freshness = held?.freshness();
        if (!held || freshness === 'stale') return undefined;
        const { token } = held;
        if (freshness === 'aging' && !flight && !backoff.barring(true)) create('ahead');
        return token;
    }

    function join(): Promise<AccessToken> {
        if (flight) return flight.promise;
        const bar = backoff.barring(false);
        if (bar) return Promise.reject(bar.error);
        return create(refusal ? 'rejected' : previous ? 'expired' : 'missing').promise;
    }

    function lookBack(): () => boolean {
        const startedByNow = started;
        return () => newestSince <= startedByNow;
    }

    function replay(giveBack: () => void, isOlder = lookBack(), wanted?: TokenParameters): Replay {
        return {
            ...(wanted && { parameters: wanted }),
            mayRecur: () => isOlder() && (wanted !== undefined || !sinceInVain || sinceInVain() >= DISTRUST),
            succeeded(status) {
                sinceInVain = undefined;
                giveBack();
                emit({ type: 'replayed', status, recovered: true });
            },
            failed(status, isInVain = false) {
                if (isInVain && !wanted) sinceInVain = stopwatch(clock);
                emit({ type: 'replayed', status, recovered: false });
            },
        };
    }

    function reject(token: AccessToken, why: TokenRefusal): Replay | undefined {
        const straggling = replays.get(token);
        if (straggling) return straggling;
        if (token !== latest) return replay(() => {});
        const giveBack = flight ? () => {} : budget.take();
        const allowed = giveBack && replay(giveBack);
        if (allowed) {
            held = undefined;
            refusal = { challenges: why.challenges };
            replays.set(token, allowed);
        }
        emit({ type: 'rejected', status: why.status });
        return ended ? undefined : allowed; // whoever heard of it may have cleared the source
    }

    return {
        parameters,
        current,
        join,
        reject,
        permit({ status }, wanted, other) {
            const giveBack = other ? () => {} : budget.take();
            emit({ type: 'rejected', status });
            if (ended || !giveBack) return undefined;
            return replay(giveBack, other?.current() ? other.lookBack() : () => false, wanted);
        },
        lookBack,
        isBusy: () => atWork > 0 || flight !== undefined,
        end(error, drop) {
            ended = drop;
            held = undefined;
            if (previous) drop(previous);
            flight?.end(error);
        },
    };
}
