import { burst, type Burst } from '../burst.js';
import { spread, type Figure } from '../measure.js';
import type { Client } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { createMemoryWorld } from '../worlds/memory-world.js';
import { CONNECTIONS } from '../worlds/socket-world.js';
import { REVOKED_TOKEN, STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH, type MeasuredWorld } from '../worlds/world.js';
import {
    burstRounds,
    createAlone,
    isInMemory,
    NOT_RUN,
    openWorld,
    promises,
    RESPONSE_TIME,
    extentOf,
    STAGES,
    unended,
    watchedBurst,
    type CreatingBurst,
    type Extent,
    type Stage,
} from './at-once.js';
import { openGate } from './gate.js';
import { paceOf, type Context, type Finding, type Run } from './scenario.js';

// Many requests at the same time with a token that was revoked: each meets a 401, all wait for one creation, each is
// sent again. Their time is compared with the same requests alone, refused once (static header of a revoked token) and
// answered once (static header of a valid one), plus one creation alone; and with the least that can be thought of: one
// round alone, a creation, and one more round trip.
//
// With axios's own `validateStatus` a refused request of plain axios ends in an AxiosError for its caller, whose stack
// axios extends; a request that is healed below that never gets there. So that this gift decides nothing, there is a
// second lane for ours in which `validateStatus` accepts any status, and no request makes an error.
//
// A bare gate is an interceptor that heals, and does nothing else: what no client can be much faster than.

interface Round {
    readonly alone: Burst;
    readonly refused: Burst;
    readonly creation: Burst;
    readonly measured: CreatingBurst;
    /** For ours alone. */
    readonly aloneAgain: Burst;
    readonly refusedAgain: Burst;
    readonly gated: Burst;
    readonly copied: Burst;
}

interface Crowd extends Extent {
    readonly name: string;
    readonly key: string;
    readonly hasTargets?: boolean;
}

/** A client that has used its token, which then was revoked. */
async function openRevoked(world: MeasuredWorld, open: () => Client | Promise<Client>): Promise<Client> {
    const client = await open();
    await client.get(PATH).catch(() => {}); // one that fails here is seen to fail in the burst
    await world.revoke();
    return client;
}

async function measureRounds(context: Context, world: MeasuredWorld, crowd: Crowd): Promise<Round[]> {
    const { subject, isOurs } = context;
    const valid = await subject.createFloor(world, STATIC_TOKEN);
    const revoked = await subject.createFloor(world, REVOKED_TOKEN);
    const loadsOf = (count: number) => {
        const alone = (): Promise<Burst> => burst(count, () => valid.get(PATH));
        const refused = (): Promise<Burst> => burst(count, () => revoked.get(PATH));
        return {
            alone,
            refused,
            creation: createAlone(world),
            measured: () => watchedBurst(world, count, () => openRevoked(world, () => subject.create(world))),
            ...(isOurs && {
                aloneAgain: alone,
                refusedAgain: refused,
                gated: () => watchedBurst(world, count, () => openRevoked(world, () => openGate(world))),
                copied: () => watchedBurst(world, count, () => openRevoked(world, () => openGate(world, true))),
            }),
        };
    };
    const results = await burstRounds<Round>(crowd, loadsOf);
    valid.close?.();
    revoked.close?.();
    return results;
}

function figuresOf(
    { isOurs }: Context,
    { name, key, hasTargets }: Crowd,
    rounds: readonly Round[],
    roundTrip: number,
): Finding[] {
    const all = (figure: (round: Round) => number) => spread(rounds.map(figure));
    const expected = ({ alone, refused, creation }: Round): number => alone.ms + refused.ms + creation.ms;
    const least = ({ alone, creation }: Round): number => alone.ms + creation.ms + roundTrip;
    const again = ({ aloneAgain, refusedAgain, creation }: Round): number =>
        aloneAgain.ms + refusedAgain.ms + creation.ms;
    const bursts = rounds.map(({ measured }) => measured);
    const times: Figure[] = [
        {
            name: `${name}: time / (refused + alone + creation)`,
            key: `${key}.ratio`,
            unit: 'x',
            measured: all((round) => round.measured.ms / expected(round)),
            ...(isOurs && { control: all((round) => again(round) / expected(round)) }),
            ...(hasTargets && { target: { atMost: 0.6 } }),
        },
        {
            name: `${name}: time / (alone + creation + one round trip)`,
            key: `${key}.floor`,
            unit: 'x',
            measured: all((round) => round.measured.ms / least(round)),
            ...(isOurs && {
                control: all((round) => (round.aloneAgain.ms + round.creation.ms + roundTrip) / least(round)),
            }),
            ...(hasTargets && { target: { atMost: 1.3 } }),
        },
    ];
    const beside: Figure[] = [
        {
            name: `${name}: the first ratio of a bare gate`,
            key: `${key}.gate`,
            unit: 'x',
            measured: all((round) => round.gated?.ms / expected(round)),
        },
        {
            name: `${name}: the second ratio of a bare gate`,
            key: `${key}.gate.floor`,
            unit: 'x',
            measured: all((round) => round.gated?.ms / least(round)),
        },
        {
            name: `${name}: the second ratio of a gate that copies`,
            key: `${key}.gate.copies`,
            unit: 'x',
            measured: all((round) => round.copied?.ms / least(round)),
        },
        {
            name: `${name}: processor time / (refused + alone)`,
            key: `${key}.processor`,
            unit: 'x',
            measured: all(({ measured, alone, refused }) => measured.cpuMs / (alone.cpuMs + refused.cpuMs)),
        },
    ];
    return [...times, ...promises(name, key, bursts), ...(isOurs ? beside : []), ...unended(name, bursts)];
}

async function findingsOf(context: Context, world: MeasuredWorld, crowd: Crowd): Promise<Finding[]> {
    try {
        return figuresOf(context, crowd, await measureRounds(context, world, crowd), world.responseTime);
    } finally {
        await world.close();
    }
}

function crowdOf(context: Context, stage: Stage): Crowd {
    const name = `${stage.count.toLocaleString('en')} refused`;
    return { name, key: String(stage.count), ...extentOf(context, stage), hasTargets: isInMemory(stage) };
}

/** In memory, for ours alone. */
const crowdOfOurs = (context: Context, key: string, what: string): Crowd => {
    const count = context.quick ? 300 : 1_000;
    return {
        name: `${count.toLocaleString('en')} refused, ${what}`,
        key: `${key}.${count}`,
        count,
        ms: paceOf(context, { quick: 1, ours: 1_500, others: 0 }),
        leastRounds: 1,
        warmUp: 300,
    };
};

async function* acceptingAnyStatus(context: Context): AsyncGenerator<Finding> {
    const world = createFunctionWorld({ responseTime: RESPONSE_TIME, axios: { validateStatus: () => true } });
    yield* await findingsOf(context, world, crowdOfOurs(context, 'anyStatus', 'any status accepted'));
}

/** The http adapter, over 100 connections in memory that answer at once: what a service has, but for the network. */
async function* throughHttp(context: Context): AsyncGenerator<Finding> {
    const world = createMemoryWorld({ maxSockets: CONNECTIONS });
    yield* await findingsOf(context, world, crowdOfOurs(context, 'http', 'http adapter in memory'));
}

export const storm: Run = async function* (context) {
    for (const stage of STAGES) {
        if (isInMemory(stage) && context.subject.http === 'own') {
            yield { why: NOT_RUN };
            break;
        }
        yield* await findingsOf(context, await openWorld(stage), crowdOf(context, stage));
    }
    if (context.isOurs) yield* acceptingAnyStatus(context);
    if (context.isOurs) yield* throughHttp(context);
};
