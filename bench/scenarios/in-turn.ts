import { timed } from '../measure.js';
import type { Client } from '../subject.js';
import { PATH } from '../worlds/world.js';

// Clients that live in one process and take turns in slices of some 20 ms, one request after the other, so that a
// disturbance of the machine falls on all of them, and the JIT compiler optimises axios for all of them together.

/** One load for each client, to be interleaved. */
export function loadsOf<Name extends string, Result>(
    clients: Readonly<Record<Name, Client>>,
    load: (client: Client) => Promise<Result>,
): Record<Name, () => Promise<Result>> {
    const loads = {} as Record<Name, () => Promise<Result>>;
    for (const name of Object.keys(clients) as Name[]) loads[name] = () => load(clients[name]);
    return loads;
}

/** @throws Error when any request fails: its time would be compared with that of another thing */
export async function sendInTurn(client: Client, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
        const status = await client.get(PATH);
        if (status !== 200) throw new Error(`a request that nothing stood in the way of was answered with ${status}`);
    }
}

/** Milliseconds; the garbage collector runs as it likes, since its work is part of the price. */
export const timeInTurn =
    (count: number) =>
    (client: Client): Promise<number> =>
        timed(() => sendInTurn(client, count));

/**
 * Bytes allocated on the heap for each request. To be run with a young generation so large that nothing is collected
 * within a slice: then the growth of the used heap is what was allocated.
 */
export const heapInTurn =
    (count: number) =>
    async (client: Client): Promise<number> => {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        await sendInTurn(client, count);
        return (process.memoryUsage().heapUsed - before) / count;
    };
