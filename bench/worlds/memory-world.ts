import type { CreateAxiosDefaults } from 'axios';
import http from 'node:http';
import { Authorization } from './authorization.js';
import { BASE_URL } from './function-world.js';
import { InMemoryAgent } from './in-memory-agent.js';
import { AUTHORIZATION, CREDENTIALS, type MeasuredWorld } from './world.js';

interface MemoryWorldOptions {
    /**
     * How many connections there may be. Without it the agent becomes that of the process, so that the instances need no
     * option beyond those of everyday: axios keeps a config in a hash table, and whether one more key makes that table
     * grow (by 1.6 kB) depends on how many there are.
     */
    readonly maxSockets?: number;
    /** More of what the clients of axios are made with. */
    readonly axios?: CreateAxiosDefaults;
}

/** A world at the other end of connections in memory, for the http adapter of axios. */
export function createMemoryWorld({ maxSockets, axios }: MemoryWorldOptions = {}): MeasuredWorld {
    const authorization = new Authorization(AUTHORIZATION);
    const httpAgent = new InMemoryAgent(authorization, maxSockets === undefined ? {} : { maxSockets });
    if (maxSockets === undefined) http.globalAgent = httpAgent;
    return {
        ...CREDENTIALS,
        baseURL: BASE_URL,
        tokenEndpoint: `${BASE_URL}/token`,
        lifetime: AUTHORIZATION.lifetime,
        axios: maxSockets === undefined ? { ...axios } : { ...axios, httpAgent },
        responseTime: 0,
        counts: () => Promise.resolve(authorization.counts),
        revoke: async () => {
            httpAgent.isTrusting = false;
            authorization.revoke();
        },
        failTokens: async (fails) => void (authorization.fails = fails),
        close: async () => httpAgent.destroy(),
    };
}
