import { interleave, interleaveFor, spread, type Figure, type Target } from '../measure.js';
import type { Client } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { createMemoryWorld } from '../worlds/memory-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import type { MeasuredWorld } from '../worlds/world.js';
import { openLender } from './gate.js';
import { heapInTurn, loadsOf, sendInTurn, timeInTurn } from './in-turn.js';
import { paceOf, type Context, type Run } from './scenario.js';

// A request with a valid token in hand, beside the same request with a static Authorization header. With a named adapter
// beside what does nothing but put the token on and take it off again, and what hides it from logs besides: the least that
// there can be.

interface Lane {
    readonly key: string;
    readonly name: string;
    readonly open: () => MeasuredWorld;
    /** Requests per slice. */
    readonly slice: number;
    readonly targets: Readonly<Partial<Record<'time' | 'added' | 'heap', Target>>>;
}

const HTTP: Lane = {
    key: 'http',
    name: 'named adapter (http)',
    open: createMemoryWorld,
    slice: 200,
    targets: { added: { atMost: 0.6 }, heap: { atMost: 600 } },
};

const FUNCTION: Lane = {
    key: 'function',
    name: 'function adapter',
    open: () => createFunctionWorld({ responseTime: 'at once' }),
    slice: 800,
    targets: { time: { atMost: 1.05 }, heap: { atMost: 2_000 } },
};

/** An instance whose config has so many keys that the one we add (`beforeRedirect`) makes its hash table grow. */
const CROWDED: Lane = {
    key: 'crowded',
    name: 'named adapter, two more options',
    open: () => createMemoryWorld({ axios: { proxy: false, maxRedirects: 5 } }),
    slice: 200,
    targets: {},
};

/** All but the first two are there for ours alone, the last two with a named adapter alone. */
type Name = 'header' | 'subject' | 'control' | 'lender' | 'hider';

/** What each client took in each round. */
type Rounds = readonly Record<Name, number>[];

async function openClients(
    { subject, isOurs }: Context,
    world: MeasuredWorld,
    isNamed: boolean,
): Promise<Record<Name, Client>> {
    const header = await subject.createFloor(world, STATIC_TOKEN);
    const measured = { header, subject: await subject.create(world) };
    const control = isOurs && { control: await subject.createFloor(world, STATIC_TOKEN) };
    const least = isOurs && isNamed && { lender: openLender(world, false), hider: openLender(world, true) };
    return { ...measured, ...control, ...least } as Record<Name, Client>;
}

async function measureLane(
    context: Context,
    { key, open, slice }: Lane,
    ms: number,
    load: (client: Client) => Promise<number>,
): Promise<Rounds> {
    const world = open();
    const clients = await openClients(context, world, key === HTTP.key);
    await interleave(
        paceOf(context, { quick: 3, ours: 6, others: 3 }),
        loadsOf(clients, (client) => sendInTurn(client, slice)),
    );
    const { withoutToken } = await world.counts();
    const results = await interleaveFor(ms, loadsOf(clients, load));
    if ((await world.counts()).withoutToken > withoutToken) throw new Error('sent without a token');
    for (const client of Object.values(clients)) client.close?.();
    await world.close();
    return results;
}

/** A figure from each round, and for ours the same of the control. */
function compared({ isOurs }: Context, rounds: Rounds, compare: (measured: number, header: number) => number) {
    return {
        measured: spread(rounds.map(({ subject, header }) => compare(subject, header))),
        ...(isOurs && { control: spread(rounds.map(({ control, header }) => compare(control, header))) }),
    };
}

function leastOf(rounds: Rounds, microseconds: (ms: number) => number): Figure[] {
    const added = (name: Name) => spread(rounds.map((round) => microseconds(round[name] - round.header)));
    const { key, name } = HTTP;
    return [
        { name: `${name}: the least`, key: `${key}.least`, unit: 'us', measured: added('lender') },
        { name: `${name}: the least that hides it`, key: `${key}.hiding`, unit: 'us', measured: added('hider') },
    ];
}

const aimed = (target: Target | undefined): Pick<Figure, 'target'> => (target ? { target } : {});

export const hotPathTime: Run = async function* (context) {
    for (const lane of [HTTP, FUNCTION]) {
        const { key, name, slice, targets } = lane;
        const microseconds = (ms: number): number => (ms * 1_000) / slice;
        const pace = paceOf(context, { quick: 500, ours: 2_500, others: 500 });
        const rounds = await measureLane(context, lane, pace, timeInTurn(slice));
        yield {
            name: `${name}: time`,
            key: `${key}.time`,
            unit: 'x',
            ...compared(context, rounds, (measured, header) => measured / header),
            ...aimed(targets.time),
        };
        yield {
            name: `${name}: time added`,
            key: `${key}.added`,
            unit: 'us',
            ...compared(context, rounds, (measured, header) => microseconds(measured - header)),
            ...aimed(targets.added),
        };
        if (context.isOurs && lane === HTTP) yield* leastOf(rounds, microseconds);
        yield {
            name: `${name}: time of the static header`,
            key: `${key}.alone`,
            unit: 'us',
            measured: spread(rounds.map(({ header }) => microseconds(header))),
        };
    }
};

export const hotPathHeap: Run = async function* (context) {
    for (const lane of context.isOurs ? [HTTP, FUNCTION, CROWDED] : [HTTP, FUNCTION]) {
        const { key, name, slice, targets } = lane;
        const pace = paceOf(context, { quick: 500, ours: 900, others: 300 });
        const rounds = await measureLane(context, lane, pace, heapInTurn(2 * slice));
        yield {
            name: `${name}: heap added`,
            key: `${key}.heap`,
            unit: 'B',
            ...compared(context, rounds, (measured, header) => measured - header),
            ...aimed(targets.heap),
        };
    }
};
