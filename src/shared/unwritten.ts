/** What could not be written to the store yet. */
export interface Unwritten {
    /** Tries again and again, and before anything else is done with that entry. */
    keep(entry: string, write: () => Promise<unknown>): void;
    /** Tries now; rejects when that fails. */
    flush(entry: string): Promise<void>;
    forget(): void;
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

export function createUnwritten(): Unwritten {
    const writes = new Map<string, () => Promise<unknown>>();

    async function flush(entry: string): Promise<void> {
        const write = writes.get(entry);
        if (!write) return;
        await write();
        if (writes.get(entry) === write) writes.delete(entry);
    }

    function retry(entry: string, pause: number): void {
        const timer: unknown = setTimeout(() => {
            flush(entry).catch(() => retry(entry, Math.min(pause * 2, LONGEST_PAUSE)));
        }, pause);
        // In Node, where it is an object, it must not keep the process running.
        (timer as { unref?: () => void }).unref?.();
    }

    return {
        keep(entry, write) {
            const earlier = writes.get(entry);
            writes.set(entry, earlier ? () => earlier().then(write) : write);
            if (!earlier) retry(entry, FIRST_PAUSE);
        },
        flush,
        forget: () => writes.clear(),
    };
}
