import { stopwatch, systemClock } from '../clock.js';
import type { Claim } from './family-record.js';
import { StoreFailure, within } from './store-failure.js';
import type { Lease, TokenLock } from './token-store.js';

/** Somebody's turn to create a token: with the lock or, where that cannot be had, without. */
export interface Turn {
    readonly lease: Lease | undefined;
    readonly end: () => void;
}

export interface LockSettings {
    readonly lock: TokenLock;
    /** Milliseconds that it is held without being renewed. */
    readonly duration: number;
    /** Milliseconds that one operation may take. */
    readonly timeout: number;
}

/** Tries to get the turn, again and again. */
export interface Queue {
    /** @param claim - that of somebody who creates, or has been creating for too long, if there is one */
    take(claim: Claim | undefined): Promise<Turn | undefined>;
}

/**
 * Queues for the turn. A lock spares the others the competition; who may create is decided by the claim, and so a lock that
 * fails, or is not given back, holds nobody up for longer than its duration.
 */
export function queueFor(
    name: string,
    { lock, duration, timeout }: LockSettings,
    onUnlocked: (why: StoreFailure) => void,
): Queue {
    let waited = stopwatch(systemClock);
    let isFutile = false;

    function without(why: StoreFailure): Turn {
        onUnlocked(why);
        return { lease: undefined, end() {} };
    }

    return {
        async take(claim) {
            const isAlive = claim !== undefined && claim.age < duration;
            if (isAlive) waited = stopwatch(systemClock);
            else isFutile = false;
            // The lock says nothing about a claim that was made without it, or outlived it.
            if (isAlive && (isFutile || !claim.isUnderLock)) return undefined;
            let lease: Lease | undefined;
            try {
                lease = await within(timeout, async () => lock(name, duration), release);
            } catch (error) {
                return without(error as StoreFailure);
            }
            if (lease && isAlive && !lease.endsWithHolder) {
                isFutile = true;
                release(lease);
                return undefined;
            }
            if (lease) return { lease, end: () => release(lease) };
            const isOverdue = claim !== undefined && !isAlive;
            if (!isOverdue && waited() < duration) return undefined;
            return without(new StoreFailure(`has a lock that was not given within ${duration} ms`));
        },
    };

    function release(held: Lease | undefined): void {
        within(timeout, async () => held?.release()).catch(() => {}); // it ends by itself then
    }
}
