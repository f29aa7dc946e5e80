/** A piece of work that is due at a time. */
export interface Timer {
    readonly at: number;
    readonly order: number;
    work: (() => void) | undefined;
}

/** Timers in the order in which they are due; of those due together, the one that was set first comes first. */
export interface Timers {
    add(at: number, work: () => void): Timer;
    /** When the next one is due. */
    nextAt(): number;
    take(): Timer | undefined;
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap. */
export function createTimers(): Timers {
    const heap: Timer[] = [];
    let count = 0;

    const swap = (one: number, other: number): void => {
        [heap[one], heap[other]] = [heap[other] as Timer, heap[one] as Timer];
    };
    const isUnordered = (parent: number, child: number): boolean =>
        child < heap.length && isBefore(heap[child] as Timer, heap[parent] as Timer);
    const pop = (): Timer | undefined => {
        const [first] = heap;
        const last = heap.pop();
        if (!first || !last || first === last) return first;
        heap[0] = last;
        for (let parent = 0; ; ) {
            let least = parent;
            for (const child of [2 * parent + 1, 2 * parent + 2]) if (isUnordered(least, child)) least = child;
            if (least === parent) return first;
            swap(parent, least);
            parent = least;
        }
    };
    const dropCancelled = (): void => {
        while (heap[0] && !heap[0].work) pop();
    };

    return {
        add(at, work) {
            const timer: Timer = { at, order: count++, work };
            let child = heap.push(timer) - 1;
            for (let parent = (child - 1) >> 1; child > 0 && isUnordered(parent, child); parent = (child - 1) >> 1) {
                swap(parent, child);
                child = parent;
            }
            return timer;
        },
        nextAt() {
            dropCancelled();
            return heap[0]?.at ?? Infinity;
        },
        take() {
            dropCancelled();
            return pop();
        },
    };
}
