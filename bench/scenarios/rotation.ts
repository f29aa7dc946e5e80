import { Agent } from 'node:http';
import { quantile, type Figure } from '../measure.js';
import type { Client, World } from '../subject.js';
import { startSocketWorld } from '../worlds/socket-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH } from '../worlds/world.js';
import { paceOf, type Context, type Run } from './scenario.js';
import { createLoad, run, tailRatio, type Load } from './timetable.js';

// Tokens that live one second, under a steady load over loopback sockets, against a server that checks them. Beside
// them, at the same rate, a load with a static header, and another one for its control. They send in turns on one
// timetable, each over connections of its own, so that any disturbance of the machine falls on all alike. A latency
// runs from the call to its settling.

/** Milliseconds that pass from one request of a load to the next. */
const intervalOf = ({ isOurs }: Context): number => (isOurs ? 5 : 10);

/** Makes loads with connections of their own. */
function createOpener(world: World) {
    const closers: (() => void)[] = [];
    return {
        async open(create: (own: World) => Client | Promise<Client>): Promise<Client> {
            const httpAgent = new Agent({ keepAlive: true });
            const client = await create({ ...world, axios: { ...world.axios, httpAgent } });
            closers.push(() => {
                client.close?.();
                httpAgent.destroy();
            });
            return client;
        },
        close(): void {
            for (const close of closers) close();
        },
    };
}

/** A load that counts the requests that had to wait for a token, where the client can tell. */
function createWatched(client: Client): { readonly load: Load; readonly waited: () => number | undefined } {
    let waited = 0;
    const load = createLoad(() => {
        // What the transport asks in the same tick: without an answer the request waits for a token.
        if (client.hasToken?.() === false) waited += 1;
        return client.get(PATH);
    });
    return { load, waited: () => (client.hasToken ? waited : undefined) };
}

function latencyFigures({ latencies }: Load): Figure[] {
    const all = latencies.flat();
    return [
        { name: 'p50', key: 'p50', unit: 'ms', measured: quantile(all, 0.5) },
        { name: 'p99', key: 'p99', unit: 'ms', measured: quantile(all, 0.99) },
        { name: 'longest', key: 'max', unit: 'ms', measured: Math.max(...all) },
    ];
}

export const rotation: Run = async function* (context) {
    const { subject, isOurs } = context;
    const world = await startSocketWorld({ lifetime: 1 });
    const connections = createOpener(world);
    const openFloor = async (): Promise<Load> => {
        const floor = await connections.open((own) => subject.createFloor(own, STATIC_TOKEN));
        return createLoad(() => floor.get(PATH));
    };
    const header = await openFloor();
    const control = isOurs ? await openFloor() : undefined;
    const { load, waited } = createWatched(await connections.open((own) => subject.create(own)));
    const loads = control ? [header, load, control] : [header, load];

    // The first token, the connections and the JIT compiler; the requests of the first run are not measured.
    await run(loads, intervalOf(context), 700);
    const waitedAtFirst = waited();
    for (const each of loads) {
        each.latencies.length = 0;
        each.failed = 0;
    }
    const before = await world.counts();
    await run(loads, intervalOf(context), paceOf(context, { quick: 2_000, ours: 6_000, others: 1_500 }));
    const after = await world.counts();
    connections.close();
    await world.close();

    yield { name: 'failed', key: 'failed', unit: '', measured: load.failed, target: { exactly: 0 } };
    if (waitedAtFirst !== undefined) {
        yield {
            name: 'waited after the first',
            key: 'waited',
            unit: '',
            measured: (waited() ?? 0) - waitedAtFirst,
            target: { exactly: 0 },
        };
    }
    yield {
        name: 'sent without a token',
        key: 'withoutToken',
        unit: '',
        measured: after.withoutToken - before.withoutToken,
        target: { exactly: 0 },
    };
    yield {
        name: 'p99 / p99 of the static header',
        key: 'p99.ratio',
        unit: 'x',
        measured: tailRatio(load, header),
        ...(control && { control: tailRatio(control, header) }),
        target: { atMost: 1.05 },
    };
    yield* latencyFigures(load);
    yield { name: 'requests', key: 'requests', unit: '', measured: load.latencies.flat().length };
    yield { name: 'tokens created', key: 'creations', unit: '', measured: after.creations - before.creations };
    yield {
        name: 'refused by the server',
        key: 'refused',
        unit: '',
        measured: after.refused - before.refused,
    };
};
