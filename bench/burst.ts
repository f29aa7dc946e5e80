import { timed } from './measure.js';

/** What many requests sent at the same time took. */
export interface Burst {
    readonly ms: number;
    readonly cpuMs: number;
    /** Requests that did not end with status 200. */
    readonly failed: number;
    /** Those of them that had not ended at all when the time was over. */
    readonly pending: number;
}

/** After so many milliseconds, requests under way count as failed. */
export const PATIENCE = 3_000;

/** Ends with the work, or without it when the time is over. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
    clearTimeout(timer);
}

/**
 * Sends requests all at once. The heap is collected before, so that no load pays for the garbage of another.
 *
 * @param onError - is called for each that rejects
 */
export async function burst(
    count: number,
    send: () => Promise<number>,
    onError: (error: unknown) => void = () => {},
): Promise<Burst> {
    globalThis.gc?.();
    const cpu = process.cpuUsage();
    let settled = 0;
    let served = 0;
    const take = (status: number): void => {
        settled += 1;
        if (status === 200) served += 1;
    };
    const reject = (error: unknown): void => {
        settled += 1;
        onError(error);
    };
    const ms = await timed(() =>
        atMost(PATIENCE, Promise.all(Array.from({ length: count }, () => send().then(take, reject)))),
    );
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1_000, failed: count - served, pending: count - settled };
}
