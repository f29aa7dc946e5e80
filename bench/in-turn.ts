import type { AxiosInstance } from 'axios';
import { timed } from './measure.js';

// Clients that live in one process and take turns in slices of some 20 ms, one request after the other, so that a
// disturbance of the machine falls on all of them, and the JIT compiler optimises axios for all of them together.

export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.'.padEnd(800, 'x'); // as long as the usual JWT
export const GRANT = { access_token: TOKEN, token_type: 'Bearer', expires_in: 3_600 };
export const BASE_URL = 'http://api.localhost';

/** One load for each client, to be interleaved. */
export function loadsOf<Name extends string, Result>(
    clients: Readonly<Record<Name, AxiosInstance>>,
    load: (client: AxiosInstance) => Promise<Result>,
): Record<Name, () => Promise<Result>> {
    const loads = {} as Record<Name, () => Promise<Result>>;
    for (const name of Object.keys(clients) as Name[]) loads[name] = () => load(clients[name]);
    return loads;
}

export async function sendInTurn(client: AxiosInstance, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) await client.get('/things/1');
}

/** Milliseconds; the garbage collector runs as it likes, since its work is part of the price. */
export const timeInTurn =
    (count: number) =>
    (client: AxiosInstance): Promise<number> =>
        timed(() => sendInTurn(client, count));

/**
 * Bytes allocated on the heap for each request. To be run with a young generation so large that nothing is collected
 * within a slice: then the growth of the used heap is what was allocated.
 */
export const heapInTurn =
    (count: number) =>
    async (client: AxiosInstance): Promise<number> => {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        await sendInTurn(client, count);
        return (process.memoryUsage().heapUsed - before) / count;
    };
