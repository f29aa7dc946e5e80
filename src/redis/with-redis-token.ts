import type { TokenCreator } from '../creator.js';
import { checkFields } from '../options.js';
import { KEY, SHARING_OPTIONS, type SharingOptions } from '../shared/options.js';
import { checkCreator, withSharedToken } from '../shared/with-shared-token.js';
import type { RedisClient } from './client.js';
import { openRedisStore, PREFIX, REDIS_CLIENT, type RedisStoreOptions } from './redis-store.js';

/** Options of {@link withRedisToken}. */
export interface RedisTokenOptions extends SharingOptions, RedisStoreOptions {
    /** A connected client of the package `redis` or `ioredis`. It stays yours: it is never closed. */
    client: RedisClient;
    /**
     * Names what the token is for: all creators of one key get one token. It must tell apart whatever tells tokens apart,
     * the authorization server, the client and its scope, say. Redis gets its hash.
     */
    key: string;
}

/**
 * Gives all processes that use one Redis, or Valkey, one token, as `withSharedToken` does.
 *
 * @example
 * ```ts
 * const client = await createClient({ url: 'redis://localhost:6379' }).on('error', log).connect();
 * const creator = withRedisToken(createClientTokenCreator({ id, secret }, { client: { baseURL } }), { client, key: id });
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function withRedisToken(creator: TokenCreator, options: RedisTokenOptions): TokenCreator {
    const caller = 'withRedisToken';
    checkCreator(caller, creator);
    const checks = { client: REDIS_CLIENT, key: KEY, prefix: PREFIX, ...SHARING_OPTIONS };
    const { client, prefix, ...sharing } = checkFields(caller, 'options', options, checks);
    return withSharedToken(creator, {
        ...sharing,
        store: openRedisStore(client, prefix === undefined ? {} : { prefix }),
    });
}
