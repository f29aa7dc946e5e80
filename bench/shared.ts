import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import http from 'node:http';
import { createClient } from 'redis';
import { redisServerIsMissing, startRedisServer } from '../__tests__/support/redis-server.js';
import { attachTokenCreator, createClientTokenCreator, type TokenCreator } from '../src/index.js';
import { createRedisStore } from '../src/redis/index.js';
import { createMemoryStore, withSharedToken, type TokenStore } from '../src/shared/index.js';
import { answerAtOnce, InMemoryAgent } from './in-process.js';
import { BASE_URL, GRANT, heapInTurn, loadsOf, sendInTurn, timeInTurn } from './in-turn.js';
import { startServer } from './loopback.js';
import { interleave, spread, timed, type Benchmark, type Figure } from './measure.js';

// A token that is shared through a real Redis beside the same creator by itself: on the hot path, where nothing asks Redis, and
// for the first request of a process. Without a Redis server the store is in memory, and the figures say so.

/** Milliseconds. */
const CREATION_TIME = 50;

interface OpenStore {
    readonly name: string;
    readonly store: TokenStore;
    close(): Promise<void>;
}

async function openStore(): Promise<OpenStore> {
    if (redisServerIsMissing()) {
        return { name: 'in memory, for want of Redis', store: createMemoryStore(), close: async () => {} };
    }
    const server = await startRedisServer();
    const client = createClient({ url: server.url });
    await client.connect();
    return {
        name: 'through Redis',
        store: createRedisStore(client),
        async close() {
            client.destroy();
            await server.close();
        },
    };
}

async function withStore<T>(work: (opened: OpenStore) => Promise<T>): Promise<T> {
    const opened = await openStore();
    try {
        return await work(opened);
    } finally {
        await opened.close();
    }
}

interface Lane {
    readonly name: string;
    readonly config: CreateAxiosDefaults;
    /** Requests per slice. */
    readonly slice: number;
    /** Absent where two instances of the same differ by more. */
    readonly mostBytes?: number;
}

const LANES: readonly Lane[] = [
    { name: 'named adapter (http)', config: {}, slice: 200 },
    { name: 'function adapter', config: { adapter: answerAtOnce }, slice: 800, mostBytes: 32 },
];

function attached(config: CreateAxiosDefaults, creator: TokenCreator): AxiosInstance {
    const client = axios.create({ ...config, baseURL: BASE_URL });
    attachTokenCreator(client, creator);
    return client;
}

const create: TokenCreator = () => Promise.resolve(GRANT);

async function warmClients({ config, slice }: Lane, store: TokenStore) {
    const agent = new InMemoryAgent();
    http.globalAgent = agent;
    const key = `hot path of ${String(config.adapter)}`;
    await withSharedToken(create, { store, key })(); // so that the one that is measured adopts
    const clients = {
        alone: attached(config, create),
        control: attached(config, create),
        shared: attached(
            config,
            withSharedToken(() => Promise.reject(new Error('not adopted')), { store, key }),
        ),
    };
    await interleave(
        6,
        loadsOf(clients, (client) => sendInTurn(client, slice)),
    );
    if (agent.seen.withoutToken > 0) throw new Error('sent without a token');
    return clients;
}

/** Time of a request with a token that was adopted, beside that of one with a token that was created here. */
export const sharedTime: Benchmark = ({ quick }) =>
    withStore(async ({ name, store }) => {
        const figures: Figure[] = [];
        for (const lane of LANES) {
            const clients = await warmClients(lane, store);
            const rounds = await interleave(quick ? 20 : 150, loadsOf(clients, timeInTurn(lane.slice)));
            figures.push({
                name: `${lane.name}: token adopted ${name} / created`,
                unit: 'x',
                measured: spread(rounds.map(({ shared, alone }) => shared / alone)),
                control: spread(rounds.map(({ control, alone }) => control / alone)),
                target: { atMost: 1.02 },
            });
        }
        return figures;
    });

export const sharedHeap: Benchmark = ({ quick }) =>
    withStore(async ({ name, store }) => {
        const figures: Figure[] = [];
        for (const lane of LANES) {
            const clients = await warmClients(lane, store);
            const rounds = await interleave(quick ? 4 : 20, loadsOf(clients, heapInTurn(10 * lane.slice)));
            figures.push({
                name: `${lane.name}: heap per request, added by a token adopted ${name}`,
                unit: 'B',
                measured: spread(rounds.map(({ shared, alone }) => shared - alone)),
                control: spread(rounds.map(({ control, alone }) => control - alone)),
                ...(lane.mostBytes !== undefined && { target: { atMost: lane.mostBytes } }),
            });
        }
        return figures;
    });

/** The first request of a process: what others created is adopted, beside a token endpoint that takes 50 ms. */
export const sharedFirst: Benchmark = ({ quick }) =>
    withStore(async ({ name, store }) => {
        const server = await startServer({ lifetime: 3_600, creationTime: CREATION_TIME });
        try {
            const { baseURL } = server;
            const createAtEndpoint = createClientTokenCreator(
                { id: 'bench', secret: 'secret' },
                { client: { baseURL, proxy: false } },
            );
            const first = (creator: TokenCreator): Promise<number> => {
                const client = attached({ adapter: answerAtOnce }, creator);
                return timed(() => client.get('/things/1'));
            };
            let keys = 0;
            const key = 'first request';
            await withSharedToken(createAtEndpoint, { store, key })();
            const loads = {
                adopted: () => first(withSharedToken(createAtEndpoint, { store, key })),
                alone: () => first(createAtEndpoint),
                shared: () => first(withSharedToken(createAtEndpoint, { store, key: `${key} ${keys++}` })),
            };
            await interleave(3, loads);
            const rounds = await interleave(quick ? 10 : 60, loads);
            return [
                {
                    name: `adopted ${name} / created alone`,
                    unit: 'x',
                    measured: spread(rounds.map(({ adopted, alone }) => adopted / alone)),
                    target: { atMost: 0.1 },
                },
                { name: `adopted ${name}`, unit: 'ms', measured: spread(rounds.map(({ adopted }) => adopted)) },
                {
                    name: `created alone, endpoint of ${CREATION_TIME} ms`,
                    unit: 'ms',
                    measured: spread(rounds.map(({ alone }) => alone)),
                },
                {
                    name: `created, and shared ${name}, the same endpoint`,
                    unit: 'ms',
                    measured: spread(rounds.map(({ shared }) => shared)),
                },
                { name: 'added by sharing it', unit: 'ms', measured: spread(rounds.map((r) => r.shared - r.alone)) },
            ];
        } finally {
            await server.stop();
        }
    });
