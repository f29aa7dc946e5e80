import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface ServerOptions {
    /** Of its tokens, in seconds. */
    readonly lifetime: number;
    /** What issuing a token takes, in milliseconds. */
    readonly creationTime: number;
}

/** What a server has seen. */
export interface Counts {
    readonly issued: number;
    /** Requests with a token that is not, or no longer, valid. */
    readonly refused: number;
    readonly withoutToken: number;
}

export interface Server {
    readonly baseURL: string;
    counts(): Promise<Counts>;
    /** Makes all tokens issued so far invalid. The token `static` always is valid. */
    revoke(): Promise<Counts>;
    stop(): Promise<void>;
}

/** Starts server.ts in a thread. */
export async function startServer(options: ServerOptions): Promise<Server> {
    const worker = new Worker(new URL('./server.mjs', import.meta.url), { workerData: options });
    const answer = async <T>(): Promise<T> => ((await once(worker, 'message')) as [T])[0];
    const ask = (order: 'counts' | 'revoke'): Promise<Counts> => {
        worker.postMessage(order, []);
        return answer<Counts>();
    };
    const { port } = await answer<{ port: number }>();
    return {
        baseURL: `http://127.0.0.1:${port}`,
        counts: () => ask('counts'),
        revoke: () => ask('revoke'),
        stop: async () => void (await worker.terminate()),
    };
}
