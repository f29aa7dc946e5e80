export type { IoredisClient, IoredisSubscriber, NodeRedisClient, NodeRedisSubscriber, RedisClient } from './client.js';
export { createRedisStore, type RedisStoreOptions } from './redis-store.js';
export { withRedisToken, type RedisTokenOptions } from './with-redis-token.js';
