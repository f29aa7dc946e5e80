import { burst, type Burst } from '../burst.js';
import { spread, type Figure } from '../measure.js';
import { createMemoryWorld } from '../worlds/memory-world.js';
import { CONNECTIONS } from '../worlds/socket-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH, type MeasuredWorld } from '../worlds/world.js';
import {
    burstRounds,
    createAlone,
    isInMemory,
    NOT_RUN,
    openWorld,
    promises,
    extentOf,
    STAGES,
    unended,
    watchedBurst,
    type CreatingBurst,
    type Extent,
} from './at-once.js';
import { openGate } from './gate.js';
import { paceOf, type Context, type Finding, type Run } from './scenario.js';
import { waitingHeap } from './waiting-heap.js';

// Many requests at the same time on a client that has no token yet: all wait for one creation. Their time is compared
// with what one would expect: the same requests alone, with a static header, plus one creation alone. The two overlap
// (requests are prepared while the token is created), so a ratio below 1 is possible; the processor time, which
// nothing hides, is given beside it. So is what a bare gate costs, an interceptor that does nothing but wait for one
// promise that all share, and one that gives the adapter a copy of the config besides. Over sockets the processor time is
// that of the server as well.

interface Round {
    readonly alone: Burst;
    readonly creation: Burst;
    readonly measured: CreatingBurst;
    /** For ours alone. */
    readonly again: Burst;
    readonly gated: Burst;
    readonly copied: Burst;
}

interface Crowd extends Extent {
    readonly name: string;
    readonly key: string;
    readonly most?: number;
}

async function measureRounds(context: Context, world: MeasuredWorld, crowd: Crowd): Promise<Round[]> {
    const { subject, isOurs } = context;
    const floor = await subject.createFloor(world, STATIC_TOKEN);
    const loadsOf = (count: number) => {
        const sendAlone = (): Promise<Burst> => burst(count, () => floor.get(PATH));
        return {
            alone: sendAlone,
            creation: createAlone(world),
            measured: () => watchedBurst(world, count, () => subject.create(world)),
            ...(isOurs && {
                again: sendAlone,
                gated: () => watchedBurst(world, count, () => openGate(world)),
                copied: () => watchedBurst(world, count, () => openGate(world, true)),
            }),
        };
    };
    const results = await burstRounds<Round>(crowd, loadsOf);
    floor.close?.();
    return results;
}

function figuresOf({ isOurs }: Context, { name, key, most }: Crowd, rounds: readonly Round[]): Finding[] {
    const all = (figure: (round: Round) => number) => spread(rounds.map(figure));
    const expected = ({ alone, creation }: Round): number => alone.ms + creation.ms;
    const bursts = rounds.map(({ measured }) => measured);
    const ratio: Figure = {
        name: `${name}: time / (alone + creation)`,
        key: `${key}.ratio`,
        unit: 'x',
        measured: all((round) => round.measured.ms / expected(round)),
        ...(isOurs && { control: all((round) => (round.again.ms + round.creation.ms) / expected(round)) }),
        ...(most !== undefined && { target: { atMost: most } }),
    };
    const beside: Figure[] = [
        {
            name: `${name}: the same of a bare gate`,
            key: `${key}.gate`,
            unit: 'x',
            measured: all((round) => round.gated?.ms / expected(round)),
        },
        {
            name: `${name}: the same of a gate that copies`,
            key: `${key}.gate.copies`,
            unit: 'x',
            measured: all((round) => round.copied?.ms / expected(round)),
        },
        {
            name: `${name}: processor time / alone`,
            key: `${key}.processor`,
            unit: 'x',
            measured: all(({ measured, alone }) => measured.cpuMs / alone.cpuMs),
            ...(isOurs && { control: all(({ again, alone }) => again.cpuMs / alone.cpuMs) }),
        },
    ];
    return [ratio, ...promises(name, key, bursts), ...(isOurs ? beside : []), ...unended(name, bursts)];
}

async function findingsOf(context: Context, world: MeasuredWorld, crowd: Crowd): Promise<Finding[]> {
    try {
        return figuresOf(context, crowd, await measureRounds(context, world, crowd));
    } finally {
        await world.close();
    }
}

/** The http adapter, over 100 connections in memory that answer at once. */
function throughHttp(context: Context): Promise<Finding[]> {
    const count = context.quick ? 300 : 1_000;
    const name = `${count.toLocaleString('en')}, http adapter in memory`;
    const ms = paceOf(context, { quick: 1, ours: 2_000, others: 0 });
    const crowd = { count, name, key: `http.${count}`, ms, leastRounds: 1, warmUp: 300 };
    return findingsOf(context, createMemoryWorld({ maxSockets: CONNECTIONS }), crowd);
}

const LEAST_WITH_TARGET = 1_000;

export const coldStart: Run = async function* (context) {
    for (const stage of STAGES) {
        const { count } = stage;
        if (isInMemory(stage) && context.subject.http === 'own') {
            yield { why: NOT_RUN };
            break;
        }
        const name = `${count.toLocaleString('en')} waiting`;
        const most = count >= LEAST_WITH_TARGET ? { most: 0.9 } : {};
        yield* await findingsOf(context, await openWorld(stage), {
            name,
            key: String(count),
            ...extentOf(context, stage),
            ...most,
        });
        if (context.isOurs && count >= LEAST_WITH_TARGET) yield* waitingHeap(context, count);
    }
    if (context.isOurs) yield* await throughHttp(context);
};
