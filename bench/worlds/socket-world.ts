import { once } from 'node:events';
import { Agent } from 'node:http';
import { Worker } from 'node:worker_threads';
import { AUTHORIZATION, CREDENTIALS, type AuthorizationOptions, type Counts, type MeasuredWorld } from './world.js';

/** What the thread of the server is told to do; it answers each with its counts. */
export type Order = 'count' | 'revoke' | 'fail' | 'work';

/** Connections of axios, and of other clients of Node's http. */
export const CONNECTIONS = 100;

/** A world at the other end of loopback sockets: server.ts in a thread. */
export async function startSocketWorld(options: Partial<AuthorizationOptions> = {}): Promise<MeasuredWorld> {
    const workerData = { ...AUTHORIZATION, ...options };
    const worker = new Worker(new URL('./server.mjs', import.meta.url), { workerData });
    const answer = async <T>(): Promise<T> => ((await once(worker, 'message')) as [T])[0];
    const tell = (order: Order): Promise<Counts> => {
        worker.postMessage(order, []);
        return answer<Counts>();
    };
    const { port } = await answer<{ port: number }>();
    const baseURL = `http://127.0.0.1:${port}`;
    const httpAgent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    return {
        ...CREDENTIALS,
        baseURL,
        tokenEndpoint: `${baseURL}/token`,
        lifetime: workerData.lifetime,
        axios: { httpAgent, proxy: false },
        responseTime: 0,
        counts: () => tell('count'),
        revoke: async () => void (await tell('revoke')),
        failTokens: async (fails) => void (await tell(fails ? 'fail' : 'work')),
        async close() {
            httpAgent.destroy();
            await worker.terminate();
        },
    };
}
