import { stopwatch, type Clock } from './clock.js';
import { TokenError } from './errors.js';
import { retryAfterOf } from './retry-after.js';

const BASE = 1_000;
const CAP = 60_000;
const LONGEST_RETRY_AFTER = 3_600_000;
const FREE_FAILURES = 2;

/** What a source remembers of creations that failed in a row. */
export interface Backoff {
    /** @returns the milliseconds for which creations of that kind are held back */
    failed(error: unknown, inBackground: boolean): number;
    succeeded(): void;
    /** The last error, while a creation of that kind must not be tried yet. */
    barring(inBackground: boolean): { readonly error: unknown } | undefined;
}

/** No server was asked, and the next log-in is not announced to anybody: it must not be met by a delay. */
function isLoggedOut(error: unknown): boolean {
    try {
        return error instanceof TokenError && error.code === 'cleared';
    } catch {
        return false; // a revoked proxy
    }
}

/**
 * Exponential backoff with full jitter. Nobody waits for a creation in the background, so it is held back from the
 * first failure on; a request is held back from the third on that a request met, and by `Retry-After` always.
 */
export function createBackoff(clock: Clock): Backoff {
    let failures = 0;
    let failuresMet = 0;
    let last: { error: unknown; elapsed: () => number; background: number; foreground: number } | undefined;

    return {
        failed(error, inBackground) {
            if (!inBackground && isLoggedOut(error)) return 0;
            failures += 1;
            if (!inBackground) failuresMet += 1;
            const jittered = Math.random() * Math.min(CAP, BASE * 2 ** (failures - 1));
            const retryAfter = Math.min(retryAfterOf(error, clock.now()) ?? 0, LONGEST_RETRY_AFTER);
            last = {
                error,
                elapsed: stopwatch(clock),
                background: Math.max(retryAfter, jittered),
                foreground: failuresMet > FREE_FAILURES ? Math.max(retryAfter, jittered) : retryAfter,
            };
            return inBackground ? last.background : last.foreground;
        },
        succeeded() {
            failures = failuresMet = 0;
            last = undefined;
        },
        barring(inBackground) {
            if (!last) return undefined;
            return last.elapsed() < (inBackground ? last.background : last.foreground) ? last : undefined;
        },
    };
}
