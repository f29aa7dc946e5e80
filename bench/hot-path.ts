import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import http from 'node:http';
import { attachTokenCreator } from '../src/index.js';
import { answerAtOnce, InMemoryAgent } from './in-process.js';
import { BASE_URL, GRANT, heapInTurn, loadsOf, sendInTurn, timeInTurn, TOKEN } from './in-turn.js';
import { interleave, spread, type Benchmark, type BenchmarkOptions, type Figure } from './measure.js';

// A request with a valid token in hand, beside the same request with a static Authorization header.

const withHeader = (config: CreateAxiosDefaults): AxiosInstance =>
    axios.create({ ...config, baseURL: BASE_URL, headers: { Authorization: `Bearer ${TOKEN}` } });

function withCreator(config: CreateAxiosDefaults): AxiosInstance {
    const client = axios.create({ ...config, baseURL: BASE_URL });
    attachTokenCreator(client, () => Promise.resolve(GRANT));
    return client;
}

interface Lane {
    readonly name: string;
    readonly config: CreateAxiosDefaults;
    /** Requests per slice. */
    readonly slice: number;
    readonly mostTime?: number;
    readonly mostBytes?: number;
}

const LANES: readonly Lane[] = [
    {
        name: 'named adapter (http)',
        config: {},
        slice: 200,
        mostTime: 1.02,
        mostBytes: 800,
    },
    {
        name: 'function adapter',
        config: { adapter: answerAtOnce },
        slice: 800,
        mostTime: 1.06,
        mostBytes: 2_600,
    },
];

/** An instance whose config has so many keys that the one we add (`beforeRedirect`) makes its hash table grow. */
const CROWDED: Lane = {
    name: 'named adapter, two more options',
    config: { proxy: false, maxRedirects: 5 },
    slice: 200,
};

const atMost = (most: number | undefined): Pick<Figure, 'target'> =>
    most === undefined ? {} : { target: { atMost: most } };

async function warmClients({ config, slice }: Lane) {
    // As the agent of the process, so that the instances need no option beyond those of everyday: axios keeps a config
    // in a hash table, and whether one more key makes that table grow (by 1.6 kB) depends on how many there are.
    const agent = new InMemoryAgent();
    http.globalAgent = agent;
    const clients = {
        header: withHeader(config),
        control: withHeader(config),
        attached: withCreator(config),
    };
    await interleave(
        6,
        loadsOf(clients, (client) => sendInTurn(client, slice)),
    );
    if (agent.seen.withoutToken > 0) throw new Error('sent without a token');
    return clients;
}

export const hotPathTime: Benchmark = async ({ quick }: BenchmarkOptions) => {
    const figures: Figure[] = [];
    for (const lane of LANES) {
        const clients = await warmClients(lane);
        const rounds = await interleave(quick ? 20 : 150, loadsOf(clients, timeInTurn(lane.slice)));
        figures.push({
            name: `${lane.name}: time`,
            unit: 'x',
            measured: spread(rounds.map(({ attached, header }) => attached / header)),
            control: spread(rounds.map(({ control, header }) => control / header)),
            ...atMost(lane.mostTime),
        });
        const perRequest = (ms: number): number => (ms * 1_000) / lane.slice;
        figures.push({
            name: `${lane.name}: microseconds of the static header`,
            unit: '',
            measured: spread(rounds.map(({ header }) => perRequest(header))),
        });
    }
    return figures;
};

export const hotPathHeap: Benchmark = async ({ quick }: BenchmarkOptions) => {
    const figures: Figure[] = [];
    for (const lane of quick ? LANES : [...LANES, CROWDED]) {
        const clients = await warmClients(lane);
        const rounds = await interleave(quick ? 4 : 20, loadsOf(clients, heapInTurn(4 * lane.slice)));
        figures.push({
            name: `${lane.name}: heap per request, added`,
            unit: 'B',
            measured: spread(rounds.map(({ attached, header }) => attached - header)),
            control: spread(rounds.map(({ control, header }) => control - header)),
            ...atMost(lane.mostBytes),
        });
        figures.push({
            name: `${lane.name}: heap per request of the static header`,
            unit: 'B',
            measured: spread(rounds.map(({ header }) => header)),
        });
    }
    return figures;
};
