import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { createRedisStore } from '../../src/redis/index.js';
import { lockContract, storeContract, type TokenLock } from '../../src/testing/index.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { expectToHold, rowsOf } from './failures.js';

const closing: (() => unknown)[] = [];
let server: RedisServer;

async function connectRedis() {
    const client = createClient({ url: server.url });
    closing.push(() => client.destroy());
    return client.connect();
}

async function connectIoredis() {
    const client = new Redis(server.url);
    closing.push(() => client.disconnect());
    return client;
}

async function connectLock(): Promise<TokenLock> {
    const store = createRedisStore(await connectRedis());
    return (name, duration) => store.lock(name, duration);
}

describeWithRedis('the store in Redis', () => {
    beforeAll(async () => {
        server = await startRedisServer();
    });
    afterAll(async () => {
        for (const close of closing.reverse()) await close();
        await server.close();
    });

    describe('with the client redis', () => {
        it.each(rowsOf(storeContract(async () => createRedisStore(await connectRedis()))))('%s', (_, run) =>
            expectToHold(run),
        );
    });

    describe('with the client ioredis', () => {
        it.each(rowsOf(storeContract(async () => createRedisStore(await connectIoredis()))))('%s', (_, run) =>
            expectToHold(run),
        );
    });

    describe('its lock alone', () => {
        it.each(rowsOf(lockContract(connectLock)))('%s', (_, run) => expectToHold(run));
    });
});
