import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import axios, { type AxiosRequestConfig } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    type TokenCreator,
    type TokenEndpointError,
    type TokenEvent,
} from '../../src/index.js';
import type { Assignment, Failure, Totals } from './messages.js';
import { CREATION_TIMEOUT, LIFETIMES, REATTACH_EVERY, TOKEN_TIMEOUT, type SourceName } from './settings.js';

/** Sends requests, one at a call. */
export interface Client {
    readonly send: () => Promise<unknown>;
    /** That are open, at work or idle. */
    readonly sockets: () => number;
    /** What is known at this moment, for the case that a request fails. */
    readonly knows: () => Pick<Failure, 'source' | 'token' | 'heldBackUntil'>;
}

// As many idle sockets after a burst as without one.
const createAgent = () => new Agent({ keepAlive: true, maxSockets: 16, maxFreeSockets: 2, scheduling: 'fifo' });

function socketsOf(agents: readonly Agent[]): number {
    const lists = agents.flatMap(({ sockets, freeSockets }) => [sockets, freeSockets]);
    return lists.flatMap((list) => Object.values(list).flat()).length;
}

// One for all requests of the process: whoever listens to it and does not stop, stays.
const lasting = new AbortController();
setMaxListeners(Infinity, lasting.signal);

const CREATORS: Readonly<Record<SourceName, (client: AxiosRequestConfig) => TokenCreator>> = {
    rotating: (client) => createUserTokenCreator({ name: 'admin', password: 'start123' }, { client }),
    credentials: (client) => createClientTokenCreator({ id: 'soak', secret: 'start123' }, { client }),
};

function createManaged(name: SourceName, baseURL: string, totals: Totals): Client {
    const lifetime = LIFETIMES[name] * 1_000;
    const [httpAgent, tokenAgent] = [createAgent(), createAgent()];
    const create = CREATORS[name]({ baseURL, timeout: TOKEN_TIMEOUT, httpAgent: tokenAgent });
    let token = { from: 0, until: 0 };
    let heldBackUntil = 0;
    let sent = 0;

    // What arrives is written down here, beside the source and not by it.
    const watched: TokenCreator = async (context) => {
        const from = Date.now();
        const grant = await create(context);
        const { expires_in: told = Infinity } = grant;
        const until = from + Math.min(told * 1_000, lifetime) * 0.9;
        if (from >= token.from) token = { from, until };
        return grant;
    };
    const onEvent = (event: TokenEvent): void => {
        if (event.type === 'created') totals.created += 1;
        if (event.type === 'replayed' && event.recovered) totals.healed += 1;
        if (event.type !== 'failed') return;
        totals.failedCreations += 1;
        // What failed in the background holds no request back, but for the time that the server asked for.
        const { retryAfter = 0 } = event.error as TokenEndpointError;
        heldBackUntil = event.reason === 'ahead' ? Date.now() + retryAfter : (event.nextAttemptAt ?? 0);
    };
    const source = createTokenSource(watched, { creationTimeout: CREATION_TIMEOUT, onEvent });
    const client = axios.create({ baseURL, httpAgent });
    let attachment = attachTokenCreator(client, source);

    function reattach(): void {
        attachment.detach();
        attachment = attachTokenCreator(client, source);
        totals.reattached += 1;
    }

    /** One that comes, sends a request, and goes. */
    async function sendInPassing(): Promise<void> {
        const passing = axios.create({ baseURL, httpAgent });
        const attachedInPassing = attachTokenCreator(passing, source);
        await passing.get('/api/passing', { signal: lasting.signal }).finally(() => attachedInPassing.detach());
    }

    return {
        send() {
            sent += 1;
            if (sent % REATTACH_EVERY === 0) {
                reattach();
                return sendInPassing();
            }
            const config = { signal: lasting.signal };
            return sent % 2 ? client.get('/api/orders', config) : client.post('/api/orders', { number: sent }, config);
        },
        sockets: () => socketsOf([httpAgent, tokenAgent]),
        knows: () => ({ source: name, token, heldBackUntil }),
    };
}

/** The same requests without this package. */
function createPlain({ url, authorization }: NonNullable<Assignment['plain']>): Client {
    const httpAgent = createAgent();
    const client = axios.create({ baseURL: url, httpAgent, headers: { authorization } });
    let sent = 0;
    return {
        send() {
            sent += 1;
            const config = { signal: lasting.signal };
            return sent % 2 ? client.get('/api/orders', config) : client.post('/api/orders', { number: sent }, config);
        },
        sockets: () => socketsOf([httpAgent]),
        knows: () => ({ source: 'plain', token: { from: 0, until: Infinity }, heldBackUntil: 0 }),
    };
}

export function createClients({ urls, plain }: Assignment, totals: Totals): Client[] {
    const managed = Object.entries(urls).map(([name, url]) => createManaged(name as SourceName, url, totals));
    return plain ? [...managed, createPlain(plain), createPlain(plain)] : managed;
}
