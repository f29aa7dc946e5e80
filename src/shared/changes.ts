import { startTimer } from '../clock.js';
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
    let end: (() => void) | undefined;
    let isSubscribed = false;
    let polls = 0;
    let isTold = false;
    let wake: (() => void) | undefined;

    const listener = (): void => {
        isTold = true;
        wake?.();
    };

    function begin(): () => void {
        let isOver = false;
        let unsubscribe: (() => void) | undefined;
        const begun = (ending: (() => void) | undefined): void => {
            unsubscribe = ending;
            if (isOver) return ending?.();
            isSubscribed = ending !== undefined;
            // Nobody told what happened until now.
            if (isSubscribed) listener();
        };
        subscribe(listener)
            .then(begun)
            .catch(() => {});
        return () => {
            isOver = true;
            isSubscribed = false;
            unsubscribe?.();
        };
    }

    /** With jitter, that those who wait do not come all at once. */
    function interval(): number {
        const most = isSubscribed ? LONGEST_POLL : Math.min(LONGEST_POLL, FIRST_POLL * 2 ** polls++);
        return most * (0.5 + Math.random() / 2);
    }

    return {
        async next(atMost, signal) {
            end ??= begin();
            let stopTimer: (() => void) | undefined;
            const change = new Promise<void>((resolve) => {
                wake = resolve;
                stopTimer = startTimer(Math.min(atMost, interval()), resolve);
                if (isTold) resolve();
            });
            try {
                await untilDeparture(change, signal ? { signal } : {});
            } finally {
                stopTimer?.();
                isTold = false;
            }
        },
        end() {
            end?.();
            end = undefined;
        },
    };
}
