import { stopwatch, type Clock } from './clock.js';

const SIZE = 10;
const REFILL_EVERY = 5_000;

/** How many creations may still be caused by a 401. */
export interface RejectionBudget {
    /** Takes one; the function it returns gives it back, once. `undefined`: nothing is left. */
    take(): (() => void) | undefined;
}

/**
 * A retry quota as in the AWS SDKs: an endpoint that says 401 to every token cannot make a client hammer the
 * authorization server, and a real revocation is healed at once.
 */
export function createRejectionBudget(clock: Clock): RejectionBudget {
    let left = SIZE;
    let sinceRefill = stopwatch(clock);

    return {
        take() {
            const refill = sinceRefill() / REFILL_EVERY;
            sinceRefill = stopwatch(clock);
            left = Math.min(SIZE, left + refill);
            if (left < 1) return undefined;
            left -= 1;
            let given = false;
            return () => {
                if (given) return;
                given = true;
                left = Math.min(SIZE, left + 1);
            };
        },
    };
}
