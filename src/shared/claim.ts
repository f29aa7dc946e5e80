import { startTimer } from '../clock.js';
import { newRecord, type FoundRecord, type RecordStore } from './record-store.js';
import { within } from './store-failure.js';
import type { LockSettings, Turn } from './turn.js';

/** The right to create a token, as it stands in the store. */
export interface HeldClaim {
    /** Renews it no more; the record as it was written last. */
    end(): Promise<FoundRecord>;
}

// Who creates without a context has no signal that ends it.
const LONGEST_WORK = 120_000;

/** Keeps a claim, and the lock, from running out, until it is ended or the signal fires: who hangs must not hold others up. */
export function keepClaim(
    entry: string,
    id: string,
    claim: FoundRecord,
    { lease }: Turn,
    { duration, timeout }: LockSettings,
    records: RecordStore,
    signal: AbortSignal | undefined,
): HeldClaim {
    let current = claim;
    // A write that was not answered may have been done, and others may write beside a claim.
    let isDoubtful = false;
    let last = Promise.resolve();
    let isOver = false;

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
        async end() {
            stop();
            await last;
            await stands().catch(() => {}); // then the next write will tell
            return current;
        },
    };
}
