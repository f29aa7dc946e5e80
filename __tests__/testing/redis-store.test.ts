import { Redis, type RedisOptions } from 'ioredis';
import { createClient, RESP_TYPES } from 'redis';
import { createRedisStore, type RedisClient } from '../../src/redis/index.js';
import { lockContract, storeContract, type TokenLock } from '../../src/testing/index.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { expectToHold, rowsOf } from './failures.js';

const closing: (() => unknown)[] = [];
let server: RedisServer;

async function connectRedis(keyPrefix = '') {
    const client = createClient({ url: server.url, ...(keyPrefix && { keyPrefix }) });
    closing.push(() => client.destroy());
    return client.connect();
}

async function connectIoredis(options: RedisOptions = {}) {
    const client = new Redis(server.url, options);
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
        it.concurrent.each(rowsOf(storeContract(async () => createRedisStore(await connectRedis()))))('%s', (_, run) =>
            expectToHold(run),
        );
    });

    describe('with the client ioredis', () => {
        it.concurrent.each(rowsOf(storeContract(async () => createRedisStore(await connectIoredis()))))(
            '%s',
            (_, run) => expectToHold(run),
        );
    });

    /** What a client can be told to do otherwise changes nothing. */
    const clients: Record<string, () => Promise<RedisClient>> = {
        'redis that gives numbers as texts': async () =>
            (await connectRedis()).withTypeMapping({ [RESP_TYPES.NUMBER]: String }),
        'redis that gives texts as bytes': async () =>
            (await connectRedis()).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }),
        'redis that puts something before each key': () => connectRedis('app:'),
        'ioredis that gives numbers as texts': () => connectIoredis({ stringNumbers: true }),
        'ioredis that puts something before each key': () => connectIoredis({ keyPrefix: 'app:' }),
    };

    describe.each(Object.entries(clients))('with the client %s', (_, connect) => {
        it.concurrent.each(rowsOf(storeContract(async () => createRedisStore(await connect()))))('%s', (_rule, run) =>
            expectToHold(run),
        );
    });

    describe('its lock alone', () => {
        it.concurrent.each(rowsOf(lockContract(connectLock)))('%s', (_, run) => expectToHold(run));
    });
});
