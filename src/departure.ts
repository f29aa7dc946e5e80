import type { GenericAbortSignal } from 'axios';
import { reasonOf } from './abort.js';
import { startTimer } from './clock.js';

/** The ways in which a caller may stop waiting. */
export interface Departure {
    readonly signal?: GenericAbortSignal | undefined;
    /** The error of a caller whose signal fires; by default the signal's own reason. */
    readonly aborted?: () => unknown;
    /** Milliseconds; `Infinity` waits without end. */
    readonly timeout?: number;
    /** The error of a caller whose time is up. */
    readonly expired?: () => unknown;
}

/**
 * Follows `pending`, unless the caller leaves before it settles. Leaving ends the wait of that caller alone: what it
 * waited for goes on.
 *
 * @param subscribe - one more way to leave; returns what takes it off again
 */
export function untilDeparture<T>(
    pending: Promise<T>,
    { signal, aborted = () => reasonOf(signal), timeout = Infinity, expired }: Departure,
    subscribe?: (leave: (reason: unknown) => void) => () => void,
): Promise<T> {
    let disarm!: () => void;
    const followed = new Promise<T>((resolve, reject) => {
        pending.then(resolve, reject);
        const abort = (): void => reject(aborted());
        if (signal?.aborted) abort();
        const stopTimer = startTimer(timeout, () => reject(expired?.()));
        const unsubscribe = subscribe?.(reject);
        signal?.addEventListener?.('abort', abort);
        disarm = () => {
            stopTimer();
            unsubscribe?.();
            signal?.removeEventListener?.('abort', abort);
        };
    });
    followed.then(disarm, disarm);
    return followed;
}
