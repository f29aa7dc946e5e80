import axios, { type AxiosInstance } from 'axios';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { attachTokenCreator, createClientTokenCreator } from '../src/index.js';
import { startServer } from './loopback.js';
import { quantile, spread, type Benchmark, type Spread } from './measure.js';

// Tokens that live one second, under 200 requests a second over loopback sockets, against a server that checks them.
// Beside them, at the same rate, two loads with a static header: the one to compare with and its control. The three
// send in turns on one timetable, a third of an interval apart, whatever became of the requests before (an open loop:
// a slow answer delays no other request), each over connections of its own. A latency runs from the call to its
// settling. Any disturbance of the machine thus falls on all three alike.

const INTERVAL = 5;
const SLICE = 1_000;

interface Load {
    readonly send: () => Promise<unknown>;
    /** Latencies in milliseconds, by the second in which the request was sent. */
    readonly latencies: number[][];
    failed: number;
}

const createLoad = (send: Load['send']): Load => ({ send, latencies: [], failed: 0 });

async function sendOne(load: Load, slice: number): Promise<void> {
    const start = performance.now();
    try {
        await load.send();
    } catch {
        load.failed += 1;
    }
    (load.latencies[slice] ??= []).push(performance.now() - start);
}

/** Sends each load every {@link INTERVAL} milliseconds. A timer that fires late catches up at once. */
async function run(loads: readonly Load[], duration: number): Promise<void> {
    const pending: Promise<void>[] = [];
    const start = performance.now();
    const turn = INTERVAL / loads.length;
    let sent = 0;
    for (let elapsed = 0; elapsed < duration; elapsed = performance.now() - start) {
        for (; sent * turn <= elapsed; sent++) {
            // The loads take turns in being the first of an interval.
            const interval = Math.floor(sent / loads.length);
            const load = loads[(sent + interval) % loads.length];
            if (load) pending.push(sendOne(load, Math.floor(elapsed / SLICE)));
        }
        await delay(1);
    }
    await Promise.all(pending);
}

/**
 * The ratio of the 99th percentiles of two loads over the whole run. A second alone holds too few requests for a 99th
 * percentile, so the quartiles come from drawing whole seconds again, the same for both, which keeps the pairs
 * (a block bootstrap).
 */
function tailRatio(load: Load, base: Load): Spread {
    const ratioOver = (slices: readonly number[]): number => {
        const tail = ({ latencies }: Load): number =>
            quantile(
                slices.flatMap((slice) => latencies[slice] ?? []),
                0.99,
            );
        return tail(load) / tail(base);
    };
    const slices = [...base.latencies.keys()];
    const draw = (): number[] => slices.map(() => Math.floor(Math.random() * slices.length));
    const { lower, upper } = spread(Array.from({ length: 400 }, () => ratioOver(draw())));
    return { median: ratioOver(slices), lower, upper, rounds: slices.length };
}

export const shortLived: Benchmark = async ({ quick }) => {
    const server = await startServer({ lifetime: 1, creationTime: 5 });
    const { baseURL } = server;
    const agents: Agent[] = [];
    const createClient = (headers: Record<string, string> = {}): AxiosInstance => {
        const httpAgent = new Agent({ keepAlive: true });
        agents.push(httpAgent);
        return axios.create({ baseURL, headers, httpAgent, proxy: false });
    };
    const client = createClient();
    const create = createClientTokenCreator({ id: 'bench', secret: 'secret' }, { client: { baseURL, proxy: false } });
    const events: Record<string, number> = {};
    const { source } = attachTokenCreator(client, create, {
        onEvent: ({ type }) => (events[type] = (events[type] ?? 0) + 1),
    });
    let waited = 0;
    const attached = createLoad(() => {
        // What the transport asks in the same tick: without an answer the request waits for a token.
        if (!source.current()) waited += 1;
        return client.get('/things/1');
    });
    const withHeader = (): Load => {
        const plain = createClient({ Authorization: 'Bearer static' });
        return createLoad(() => plain.get('/things/1'));
    };
    const header = withHeader();
    const control = withHeader();
    const loads = [header, attached, control];

    try {
        // The first token, the connections and the JIT compiler; the requests of the first run are not measured.
        await run(loads, 1_000);
        const waitedAtFirst = waited;
        for (const each of loads) each.latencies.length = 0;
        const before = { ...events };
        await run(loads, quick ? 4_000 : 10_000);
        const count = (type: string): number => (events[type] ?? 0) - (before[type] ?? 0);
        const p99 = ({ latencies }: Load): number => quantile(latencies.flat(), 0.99);
        const { refused, withoutToken } = await server.counts();
        return [
            { name: 'failed', unit: '', measured: attached.failed, target: { exactly: 0 } },
            { name: 'waited after the first', unit: '', measured: waited - waitedAtFirst, target: { exactly: 0 } },
            { name: 'sent without a token', unit: '', measured: withoutToken, target: { exactly: 0 } },
            {
                name: 'p99 / p99 of the static header',
                unit: 'x',
                measured: tailRatio(attached, header),
                control: tailRatio(control, header),
                target: { atMost: 1.1 },
            },
            { name: 'p99 of the static header', unit: 'ms', measured: p99(header) },
            { name: 'p99', unit: 'ms', measured: p99(attached) },
            { name: 'requests', unit: '', measured: attached.latencies.flat().length },
            { name: 'tokens created', unit: '', measured: count('created') },
            { name: 'refused by the server, and sent again', unit: '', measured: refused },
        ];
    } finally {
        for (const agent of agents) agent.destroy();
        await server.stop();
    }
};
