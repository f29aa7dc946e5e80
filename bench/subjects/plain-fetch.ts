import type { Agent } from 'node:http';
import type { World } from '../subject.js';

// Node's fetch opens a connection for each request under way: 10,000 at once would need more files than a process may
// have open, and would be compared with clients that share a hundred. undici, of which it is made, says how to limit
// them for all of a process (README, `setGlobalDispatcher`); this is the same without a copy of undici of one's own.

const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

interface Dispatcher {
    readonly constructor: new (options: { connections: number }) => Dispatcher;
}

let limit: number | undefined;

/** As many connections as the world's agent may have, shared by all clients, as those of axios share the agent. */
export function limitConnections({ axios }: World): void {
    const { maxSockets } = (axios.httpAgent as Agent | undefined) ?? {};
    if (maxSockets === undefined || maxSockets === Infinity || maxSockets === limit || !globalThis.Request) return;
    // It is there since `Request` was asked for, not before.
    const dispatchers = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
    const current = dispatchers[DISPATCHER];
    if (!current) return;
    dispatchers[DISPATCHER] = new current.constructor({ connections: maxSockets });
    limit = maxSockets;
}
