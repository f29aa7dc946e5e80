import { startTimer } from '../clock.js';
import { newRecord, type FoundRecord, type RecordStore } from './record-store.js';
import { within } from './store-failure.js';
import type { Lease } from './token-store.js';
import type { LockSettings } from './turn.js';

/** A claim, and what keeps it. */
export interface ClaimSettings {
    readonly entry: string;
    readonly id: string;
    /** The record that holds it. */
    readonly next: FoundRecord;
    readonly lease: Lease | undefined;
    readonly lock: LockSettings;
    readonly records: RecordStore;
    readonly signal: AbortSignal | undefined;
}

/** The right to create a token, as it stands in the store. */
export interface HeldClaim {
    /** Work that must not be done twice at a time: the claim is kept until it has ended, even if the signal fires. */
    readonly keepDuring: (work: Promise<unknown>) => void;
    /** Renews it no more; the record as it was written last. */
    end(): Promise<FoundRecord>;
}

// Who creates without a context has no signal that ends it.
const LONGEST_WORK = 120_000;

/** Keeps a claim, and the lock, from running out, until it is ended or the signal fires: who hangs must not hold others up. */
export function keepClaim({ entry, id, next, lease, lock, records, signal }: ClaimSettings): HeldClaim {
    const { duration, timeout } = lock;
    let current = next;
    // A write that was not answered may have been done, and others may write beside a claim.
    let isDoubtful = false;
    let last = Promise.resolve();
    let isOver = false;
    let isGivenUp = false;
    let atWork = 0;

    async function stands(): Promise<boolean> {
        if (!isDoubtful) return true;
        const found = await records.read(entry);
        if (found.now().claim?.id !== id) return false;
        current = found;
        isDoubtful = false;
        return true;
    }

    async function renew(): Promise<void> {
        await within(timeout, async () => lease?.renew()).catch(() => {}); // the claim is what counts
        if (!(await stands())) return stop();
        const record = current.now();
        const renewed = newRecord({ ...record, claim: record.claim && { ...record.claim, age: 0 } });
        isDoubtful = true;
        if (!(await records.write(entry, current, renewed))) return;
        current = renewed;
        isDoubtful = false;
    }

    /** Who is waited for no longer does not keep the lock for longer than the claim counts. */
    function giveUp(): void {
        isGivenUp = true;
        if (atWork > 0 || isOver) return;
        stop();
        stopTimer = startTimer(duration, () => void within(timeout, async () => lease?.release()).catch(() => {}));
    }

    function stop(): void {
        isOver = true;
        clearInterval(interval);
        stopTimer();
        signal?.removeEventListener('abort', giveUp);
    }

    const interval = setInterval(() => {
        last = last.then(() => (isOver ? undefined : renew())).catch(() => {});
    }, duration / 3);
    let stopTimer = startTimer(signal ? Infinity : LONGEST_WORK, giveUp);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp);
    return {
        keepDuring(work) {
            atWork += 1;
            const ended = (): void => {
                atWork -= 1;
                if (isGivenUp) giveUp();
            };
            work.then(ended, ended);
        },
        async end() {
            stop();
            // Otherwise the next write will tell.
            await within(timeout, () => last.then(stands)).catch(() => {});
            return current;
        },
    };
}
