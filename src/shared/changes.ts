import { untilDeparture } from '../departure.js';

/** The changes of an entry, as somebody waits for them. */
export interface Changes {
    /**
     * Resolves when it is time to look again: after a change, or a while, or `atMost` milliseconds.
     *
     * @throws the reason of the signal
     */
    next(atMost: number, signal: AbortSignal | undefined): Promise<void>;
    end(): void;
}

type Subscribe = (listener: () => void) => Promise<(() => void) | undefined>;

const FIRST_POLL = 25;
const LONGEST_POLL = 1_000;

/** @param subscribe - is called when the first one waits; where it gives nothing, or fails, the others poll */
export function watchChanges(subscribe: Subscribe): Changes {
    let subscription: Promise<(() => void) | undefined> | undefined;
    let polls = 0;
    let isTold = false;
    let wake: (() => void) | undefined;

    const listener = (): void => {
        isTold = true;
        wake?.();
    };

    /** With jitter, that those who wait do not come all at once. */
    const interval = (isSubscribed: boolean): number => {
        const most = isSubscribed ? LONGEST_POLL : Math.min(LONGEST_POLL, FIRST_POLL * 2 ** polls++);
        return most * (0.5 + Math.random() / 2);
    };

    return {
        async next(atMost, signal) {
            const isNew = !subscription;
            subscription ??= subscribe(listener).catch(() => undefined);
            const isSubscribed = (await subscription) !== undefined;
            // Nobody told what happened until now.
            if (isNew && isSubscribed) return;
            const told = isTold ? Promise.resolve() : new Promise<void>((resolve) => (wake = resolve));
            let isOver!: () => void;
            const over = new Promise<void>((resolve) => (isOver = resolve));
            const timer = setTimeout(isOver, Math.min(atMost, interval(isSubscribed)));
            try {
                await untilDeparture(Promise.race([told, over]), signal ? { signal } : {});
            } finally {
                clearTimeout(timer);
                isTold = false;
            }
        },
        end() {
            subscription?.then((unsubscribe) => unsubscribe?.()).catch(() => {});
        },
    };
}
