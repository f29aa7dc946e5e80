import { createTokenSource, type AccessToken, type TokenCreator, type TokenSource } from '../../src/index.js';
import { createMemoryStore, withSharedToken, type SharedTokenEvent } from '../../src/shared/index.js';
import { createAuthorizationServer, type AuthorizationServer } from './authorization-server.js';
import { createDistantStore } from './distant-store.js';
import { createRandom, exponential } from './random.js';
import { startVirtualTime, type Stream, type VirtualTime } from './virtual-time.js';

// A fleet of nodes behind one client id, each with a token source of its own, in virtual time: the code that runs is the
// package's own. A node asks its source as the transport does; what is left out is the sending.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Milliseconds, all of them. */
export interface Scenario {
    readonly nodes: number;
    readonly duration: number;
    readonly isShared: boolean;
    /** All nodes start within that time, 0: at the same moment. Each sends its first request as it starts. */
    readonly startsWithin: number;
    /** When all tokens issued so far are revoked. */
    readonly revokedAt?: number;
    /** When the store is down. */
    readonly storeDown?: Outage;
    /** When the token endpoint answers 503. */
    readonly endpointDown?: Outage;
}

interface Outage {
    readonly from: number;
    readonly until: number;
}

/** A request that had no token to go with. */
export interface Wait {
    readonly ms: number;
    /** `start`: its node had none yet; `refused`: that was refused; `old`: nobody had renewed that. */
    readonly cause: 'start' | 'refused' | 'old';
}

/** What a fleet did. Times are milliseconds since its start. */
export interface Course {
    readonly requests: number;
    readonly failed: number;
    /** Answers 401, after each of which the request was sent again. */
    readonly refused: number;
    readonly waits: readonly Wait[];
    /** When the token endpoint was called. */
    readonly calls: readonly number[];
    /** When an operation of the store began. */
    readonly operations: readonly number[];
    /** How often each kind was told. */
    readonly events: Readonly<Partial<Record<SharedTokenEvent['type'], number>>>;
}

/** Of one node, on average. */
const BETWEEN_REQUESTS = 20_000;
const API_LATENCY = 20;
const SEED = 20_261_123;

/** Requests of all nodes: the sum of their Poisson processes is one, whose events are of any node alike. */
function createTraffic(nodes: number, random: () => number, send: (node: number) => boolean): Stream {
    const gap = (): number => exponential(random, BETWEEN_REQUESTS / nodes);
    let at = gap();
    return {
        nextAt: () => at,
        next() {
            at += gap();
            return send(Math.floor(random() * nodes));
        },
    };
}

/** Sends requests, and counts what becomes of them. */
function createClients(server: AuthorizationServer, time: VirtualTime) {
    const waits: Wait[] = [];
    const counts = { requests: 0, failed: 0, refused: 0 };
    const causes = new WeakMap<TokenSource, Wait['cause']>();

    async function waitForToken(source: TokenSource): Promise<AccessToken> {
        const start = time.now();
        const cause = causes.get(source) ?? 'start';
        const token = await source.getToken();
        causes.set(source, 'old');
        if (time.now() > start) waits.push({ ms: time.now() - start, cause });
        return token;
    }

    async function sendAgain(source: TokenSource, refused: AccessToken): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, API_LATENCY));
        counts.refused += 1;
        const replay = source.reject(refused, { status: 401 });
        if (!replay) throw new Error('refused');
        if (!source.current()) causes.set(source, 'refused');
        const token = await waitForToken(source);
        if (!server.isGood(token.value)) throw new Error('refused again');
        replay.succeeded(200);
    }

    /** @returns whether the request was answered at once */
    function send(source: TokenSource): boolean {
        counts.requests += 1;
        const token = source.current();
        if (token && server.isGood(token.value)) return true;
        const sent = async (): Promise<void> => {
            const first = token ?? (await waitForToken(source));
            if (!server.isGood(first.value)) await sendAgain(source, first);
        };
        sent().catch(() => (counts.failed += 1));
        return false;
    }

    return { send, waits, counts };
}

export async function simulate(scenario: Scenario): Promise<Course> {
    const { nodes, duration, isShared, startsWithin, revokedAt, storeDown, endpointDown } = scenario;
    const time = startVirtualTime(SEED);
    try {
        const random = createRandom(SEED + 1);
        const drawn = createRandom(SEED + 2);
        // 100 ms on average, and one in twenty answers takes more than 200.
        const server = createAuthorizationServer(time.now, () => 50 + exponential(drawn, 50));
        const distant = createDistantStore(createMemoryStore(), time.now, () => 0.5 + exponential(drawn, 0.5));
        const { store } = distant;
        const clients = createClients(server, time);
        const events: Partial<Record<SharedTokenEvent['type'], number>> = {};
        const onEvent = ({ type }: SharedTokenEvent): number => (events[type] = (events[type] ?? 0) + 1);
        let creations = 0;

        const sources = Array.from({ length: nodes }, () => {
            const creator: TokenCreator = isShared
                ? withSharedToken(server.create, { store, key: 'https://login.example.com my-client', onEvent })
                : server.create;
            return createTokenSource((context) => {
                creations += 1;
                return creator(context);
            });
        });
        const starts = sources.map(() => random() * startsWithin);
        const sendFrom = (node: number): boolean => {
            const source = sources[node];
            if (!source || time.now() < (starts[node] ?? 0)) return false;
            const before = creations;
            const isAnswered = clients.send(source);
            return !isAnswered || creations > before;
        };
        for (const [node, start] of starts.entries()) setTimeout(() => sendFrom(node), start);
        if (revokedAt !== undefined) setTimeout(() => server.revoke(), revokedAt);
        if (storeDown) {
            setTimeout(() => (distant.isDown = true), storeDown.from);
            setTimeout(() => (distant.isDown = false), storeDown.until);
        }
        if (endpointDown) {
            setTimeout(() => (server.isDown = true), endpointDown.from);
            setTimeout(() => (server.isDown = false), endpointDown.until);
        }
        await time.run(duration, createTraffic(nodes, random, sendFrom));
        const { waits, counts } = clients;
        return { ...counts, waits, calls: server.calls, operations: distant.operations, events };
    } finally {
        time.restore();
    }
}
