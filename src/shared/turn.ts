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

/**
 * Milliseconds for which an overdue claim is looked at before it is replaced: after an outage of the store, its holder may
 * be about to write what came of it.
 */
export function graceOf({ duration }: LockSettings): number {
    return duration / 5;
}

/** Whether somebody creates, as far as can be known. */
export function isAlive(claim: Claim | undefined, settings: LockSettings): boolean {
    return claim !== undefined && claim.age < settings.duration - graceOf(settings);
}

/** Tries to get the turn, again and again. */
export interface Queue {
    /** @param claim - that of somebody who creates, or has been creating for too long, if there is one */
    take(claim: Claim | undefined): Promise<Turn | undefined>;
    /** Milliseconds after which it is worth trying again, though nothing was heard. */
    patience(claim: Claim | undefined): number;
}

/**
 * Queues for the turn. A lock spares the others the competition; who may create is decided by the claim, and so a lock that
 * fails, or is not given back, holds nobody up for longer than its duration.
 */
export function queueFor(name: string, settings: LockSettings, onUnlocked: (why: StoreFailure) => void): Queue {
    const { lock, duration, timeout } = settings;
    let waited = stopwatch(systemClock);
    let isFutile = false;
    let overdue: { readonly id: string; readonly seenFor: () => number } | undefined;

    /** Whether a claim was seen to be overdue for so long that its holder would have been heard of. */
    function isGone({ id }: Claim): boolean {
        if (overdue?.id !== id) overdue = { id, seenFor: stopwatch(systemClock) };
        return overdue.seenFor() >= graceOf(settings);
    }

    function without(why: StoreFailure): Turn {
        onUnlocked(why);
        return { lease: undefined, end() {} };
    }

    return {
        async take(claim) {
            const isClaimed = isAlive(claim, settings);
            if (isClaimed) waited = stopwatch(systemClock);
            else isFutile = false;
            // The lock says nothing about a claim that was made without it, or outlived it.
            if (isClaimed && (isFutile || !claim?.isUnderLock)) return undefined;
            if (claim && !isClaimed && !isGone(claim)) return undefined;
            let lease: Lease | undefined;
            try {
                lease = await within(timeout, async () => lock(name, duration), release);
            } catch (error) {
                return without(error as StoreFailure);
            }
            if (lease && isClaimed && !lease.endsWithHolder) {
                isFutile = true;
                release(lease);
                return undefined;
            }
            if (lease) return { lease, end: () => release(lease) };
            const isOverdue = claim !== undefined && !isClaimed;
            if (!isOverdue && waited() < duration) return undefined;
            return without(new StoreFailure(`has a lock that was not given within ${duration} ms`));
        },
        patience(claim) {
            const left =
                claim && isAlive(claim, settings) ? duration - graceOf(settings) - claim.age : graceOf(settings);
            return Math.max(left, 1);
        },
    };

    function release(held: Lease | undefined): void {
        within(timeout, async () => held?.release()).catch(() => {}); // it ends by itself then
    }
}
