import { checkFields, hasMethods, optional, STRING, typeOf, type FieldCheck } from '../options.js';
import { randomGeneration } from '../shared/generations.js';
import type { TokenStore } from '../shared/token-store.js';
import { connectionOf, type RedisClient } from './client.js';
import { COMPARE_AND_SET, DELETE, GET, LOCK, RELEASE, RENEW, SET } from './scripts.js';
import { createSubscriptions } from './subscriptions.js';

/** Options of {@link createRedisStore}. */
export interface RedisStoreOptions {
    /**
     * What all keys and channels begin with.
     *
     * @default 'axios-token-creator:'
     */
    prefix?: string;
}

export const REDIS_CLIENT: FieldCheck = [
    'a connected client of the package redis or ioredis',
    hasMethods('eval', 'duplicate'),
];
export const PREFIX: FieldCheck = optional(STRING);

/**
 * A store in Redis, or Valkey. Entries are hashes, each operation is one script on the server; a second connection is open
 * while somebody waits for a change.
 *
 * @example
 * ```ts
 * const store = createRedisStore(await createClient({ url }).on('error', log).connect());
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function createRedisStore(client: RedisClient, options: RedisStoreOptions = {}): Required<TokenStore> {
    const caller = 'createRedisStore';
    const [expected, isClient] = REDIS_CLIENT;
    if (!isClient(client)) throw new TypeError(`${caller}: client must be ${expected}, not ${typeOf(client)}`);
    checkFields(caller, 'options', options, { prefix: PREFIX });
    return openRedisStore(client, options);
}

/** What {@link createRedisStore} gives, for arguments that were checked before. */
export function openRedisStore(
    client: RedisClient,
    { prefix = 'axios-token-creator:' }: RedisStoreOptions,
): Required<TokenStore> {
    const connection = connectionOf(client);
    const subscribe = createSubscriptions(connection);
    // In braces, which put an entry and its lock on the same node of a cluster.
    const keyOf = (name: string): string => `${prefix}{${name}}`;
    const channelOf = (name: string): string => `${keyOf(name)}:changed`;
    const run = (script: string, name: string, ...args: (string | number)[]): Promise<unknown> => {
        const key = keyOf(name);
        return connection.run(script, [key, `${key}:lock`], [channelOf(name), ...args.map(String)]);
    };
    // Clients can be told to give numbers as texts, and texts as bytes.
    const isDone = async (...asked: Parameters<typeof run>): Promise<boolean> => Number(await run(...asked)) === 1;

    return {
        async get(name) {
            const found = await run(GET, name);
            if (!found) return undefined;
            const [generation, value, timeToLive] = found as unknown[];
            return { generation: String(generation), value: String(value), timeToLive: Number(timeToLive) };
        },
        async set(name, { generation, value }, timeToLive) {
            await run(SET, name, generation, value, Math.ceil(timeToLive));
        },
        async compareAndSet(name, expected, { generation, value }, timeToLive) {
            const sign = expected === undefined ? '' : `=${expected}`;
            return isDone(COMPARE_AND_SET, name, generation, value, Math.ceil(timeToLive), sign);
        },
        async delete(name) {
            await run(DELETE, name);
        },
        async lock(name, duration) {
            const owner = randomGeneration();
            const milliseconds = Math.ceil(duration);
            if (!(await run(LOCK, name, owner, milliseconds))) return undefined;
            return {
                renew: () => isDone(RENEW, name, owner, milliseconds),
                async release() {
                    await run(RELEASE, name, owner);
                },
            };
        },
        subscribe: (name, listener) => subscribe(channelOf(name), listener),
    };
}
