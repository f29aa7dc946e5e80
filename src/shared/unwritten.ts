/** What could not be written to the store yet. */
export interface Unwritten {
    /** Tries again and again, and before anything else is done with that entry. */
    keep(entry: string, write: () => Promise<unknown>): void;
    /** Tries now; rejects when that fails. */
    flush(entry: string): Promise<void>;
    forget(): void;
}

interface Queue {
    readonly writes: (() => Promise<unknown>)[];
    running?: Promise<void> | undefined;
}

/** @param pause - milliseconds between two attempts */
export function createUnwritten(pause: number): Unwritten {
    const queues = new Map<string, Queue>();

    async function writeAll(entry: string, queue: Queue): Promise<void> {
        try {
            for (let write = queue.writes[0]; write; write = queue.writes[0]) {
                await write();
                queue.writes.shift();
            }
            if (queues.get(entry) === queue) queues.delete(entry);
        } finally {
            queue.running = undefined;
        }
    }

    /** One attempt at a time: what comes of a second one could undo what came after the first. */
    async function flush(entry: string): Promise<void> {
        const queue = queues.get(entry);
        if (queue) await (queue.running ??= writeAll(entry, queue));
    }

    function retry(entry: string, queue: Queue): void {
        const timer: unknown = setTimeout(() => {
            if (queues.get(entry) === queue) flush(entry).catch(() => retry(entry, queue));
        }, pause);
        // In Node, where it is an object, it must not keep the process running.
        (timer as { unref?: () => void }).unref?.();
    }

    return {
        keep(entry, write) {
            const queue = queues.get(entry);
            queue?.writes.push(write);
            if (queue) return;
            const opened: Queue = { writes: [write] };
            queues.set(entry, opened);
            retry(entry, opened);
        },
        flush,
        forget: () => queues.clear(),
    };
}
