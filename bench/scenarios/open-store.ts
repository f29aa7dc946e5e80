import { createClient } from 'redis';
import { redisServerIsMissing, startRedisServer } from '../../__tests__/support/redis-server.js';
import { createRedisStore } from '../../src/redis/index.js';
import { createMemoryStore, type TokenStore } from '../../src/shared/index.js';

interface OpenStore {
    readonly name: string;
    readonly store: TokenStore;
    close(): Promise<void>;
}

async function openStore(): Promise<OpenStore> {
    if (redisServerIsMissing()) {
        return { name: 'in memory, for want of Redis', store: createMemoryStore(), close: async () => {} };
    }
    const server = await startRedisServer();
    const client = createClient({ url: server.url });
    await client.connect();
    return {
        name: 'through Redis',
        store: createRedisStore(client),
        async close() {
            client.destroy();
            await server.close();
        },
    };
}

/** The store of a fleet: a real Redis or, where there is none, one in memory, which its name says. */
export async function* withStore<T>(
    work: (store: Omit<OpenStore, 'close'>) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
    const opened = await openStore();
    try {
        yield* work(opened);
    } finally {
        await opened.close();
    }
}
