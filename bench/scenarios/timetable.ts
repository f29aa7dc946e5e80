import { setTimeout as delay } from 'node:timers/promises';
import { quantile, spread, type Spread } from '../measure.js';

const SLICE = 1_000;

/** Requests of one kind, sent at a steady rate. */
export interface Load {
    readonly send: () => Promise<number>;
    /** Latencies in milliseconds, by the second in which the request was sent. */
    readonly latencies: number[][];
    failed: number;
}

export const createLoad = (send: Load['send']): Load => ({ send, latencies: [], failed: 0 });

async function sendOne(load: Load, slice: number): Promise<void> {
    const start = performance.now();
    const status = await load.send().catch(() => 0);
    if (status !== 200) load.failed += 1;
    (load.latencies[slice] ??= []).push(performance.now() - start);
}

/**
 * Sends each load once per interval, in turns, whatever became of the requests before (an open loop: a slow answer
 * delays no other request). A timer that fires late catches up at once.
 */
export async function run(loads: readonly Load[], interval: number, duration: number): Promise<void> {
    const pending: Promise<void>[] = [];
    const start = performance.now();
    const turn = interval / loads.length;
    let sent = 0;
    for (let elapsed = 0; elapsed < duration; elapsed = performance.now() - start) {
        for (; sent * turn <= elapsed; sent++) {
            // The loads take turns in being the first of an interval.
            const round = Math.floor(sent / loads.length);
            const load = loads[(sent + round) % loads.length];
            if (load) pending.push(sendOne(load, Math.floor(elapsed / SLICE)));
        }
        await delay(1);
    }
    await Promise.all(pending);
}

/**
 * The ratio of the 99th percentiles of two loads over the whole run. A second alone holds too few requests for a 99th
 * percentile, so the quartiles come from drawing whole seconds again, the same for both, which keeps the pairs
 * (a block bootstrap).
 */
export function tailRatio(load: Load, base: Load): Spread {
    const ratioOver = (slices: readonly number[]): number => {
        const tail = ({ latencies }: Load): number =>
            quantile(
                slices.flatMap((slice) => latencies[slice] ?? []),
                0.99,
            );
        return tail(load) / tail(base);
    };
    const slices = [...base.latencies.keys()];
    const draw = (): number[] => slices.map(() => Math.floor(Math.random() * slices.length));
    const { lower, upper } = spread(Array.from({ length: 400 }, () => ratioOver(draw())));
    return { median: ratioOver(slices), lower, upper, rounds: slices.length };
}
