import { createClient } from 'redis';
import type { RedisServer } from './redis-server.js';

/** Commands as they are typed at Redis, with answers as RESP 2 gives them. */
export interface RedisCommands {
    send(...command: string[]): Promise<unknown>;
    close(): void;
}

export async function openCommands(redis: RedisServer): Promise<RedisCommands> {
    const client = createClient({ url: redis.url, RESP: 2 });
    client.on('error', () => undefined);
    await client.connect();
    return { send: (...command) => client.sendCommand(command), close: () => client.destroy() };
}
