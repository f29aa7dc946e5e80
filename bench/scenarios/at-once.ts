import axios from 'axios';
import { burst, PATIENCE, type Burst } from '../burst.js';
import { interleave, interleaveFor, timed, type Figure } from '../measure.js';
import type { Client } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { startSocketWorld } from '../worlds/socket-world.js';
import { PATH, type MeasuredWorld } from '../worlds/world.js';
import { paceOf, type Context, type Paces } from './scenario.js';

// What is common to the scenarios in which many requests are sent at the same time.

/** What the API takes where no sockets do, in milliseconds. */
export const RESPONSE_TIME = 10;

/** Where so many requests are sent, and for how long. */
export interface Stage {
    readonly count: number;
    readonly paces: Paces;
}

/** Over sockets, except for the last one, where clients that limit no connections would open 10,000. */
export const STAGES: readonly Stage[] = [
    { count: 1, paces: { quick: 200, ours: 800, others: 100 } },
    { count: 100, paces: { quick: 200, ours: 1_000, others: 100 } },
    { count: 1_000, paces: { quick: 300, ours: 2_000, others: 200 } },
    { count: 10_000, paces: { quick: 1, ours: 1, others: 1 } },
];

export const isInMemory = ({ count }: Stage): boolean => count >= 10_000;

export function openWorld(stage: Stage): Promise<MeasuredWorld> {
    return isInMemory(stage)
        ? Promise.resolve(createFunctionWorld({ responseTime: RESPONSE_TIME }))
        : startSocketWorld();
}

export const NOT_RUN = '10,000 were not run: over sockets of its own client each would open a connection';

/** How many requests at the same time, and how long that is measured. */
export interface Extent {
    readonly count: number;
    readonly ms: number;
    readonly leastRounds: number;
    /** How many requests a round before those has at most. */
    readonly warmUp: number;
}

export const extentOf = (context: Context, { count, paces }: Stage): Extent => ({
    count,
    ms: paceOf(context, paces),
    leastRounds: context.isOurs && !context.quick && count >= 10_000 ? 3 * context.times : 1,
    warmUp: context.isOurs ? 1_000 : 250,
});

/** A burst that a token has to be created for. */
export interface CreatingBurst extends Burst {
    readonly creations: number;
    readonly withoutToken: number;
}

/** Sends on a client, watches the token endpoint and the API meanwhile, and closes the client. */
export async function watchedBurst(
    world: MeasuredWorld,
    count: number,
    open: () => Client | Promise<Client>,
): Promise<CreatingBurst> {
    const client = await open();
    const before = await world.counts();
    const sent = await burst(count, () => client.get(PATH));
    const after = await world.counts();
    client.close?.();
    return {
        ...sent,
        creations: after.creations - before.creations,
        withoutToken: after.withoutToken - before.withoutToken,
    };
}

const isLost = (round: Readonly<Record<string, Burst>>): boolean => (round['measured']?.pending ?? 0) > 0;

/**
 * Measures in rounds, after one that is not measured; requests of the subject that do not end are waited for once.
 */
export async function burstRounds<Round>(
    { count, ms, leastRounds, warmUp }: Extent,
    loadsOf: (count: number) => Readonly<Record<string, () => Promise<Burst>>>,
): Promise<Round[]> {
    await interleave<string, Burst>(1, loadsOf(Math.min(count, warmUp)));
    const results = await interleaveFor<string, Burst>(ms, loadsOf(count), { isLost, leastRounds });
    return results as unknown as Round[];
}

/** One token request by itself, as a load. */
export function createAlone({ axios: defaults, tokenEndpoint, clientId, clientSecret }: MeasuredWorld) {
    const client = axios.create(defaults);
    const body = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    return async (): Promise<Burst> => ({
        ms: await timed(() => client.post(tokenEndpoint, new URLSearchParams(body))),
        cpuMs: 0,
        failed: 0,
        pending: 0,
    });
}

const farthestFromOne = (values: readonly number[]): number =>
    values.reduce((farthest, value) => (Math.abs(value - 1) > Math.abs(farthest - 1) ? value : farthest), 1);

/** What must hold in each of several bursts, whatever the machine does meanwhile: the worst of them is told. */
export function promises(name: string, key: string, bursts: readonly CreatingBurst[]): Figure[] {
    const most = (count: (burst: CreatingBurst) => number): number => Math.max(...bursts.map(count));
    return [
        {
            name: `${name}: creations`,
            key: `${key}.creations`,
            unit: '',
            measured: farthestFromOne(bursts.map(({ creations }) => creations)),
            target: { exactly: 1 },
        },
        {
            name: `${name}: failed`,
            key: `${key}.failed`,
            unit: '',
            measured: most(({ failed }) => failed),
            target: { exactly: 0 },
        },
        {
            name: `${name}: sent without a token`,
            key: `${key}.withoutToken`,
            unit: '',
            measured: most(({ withoutToken }) => withoutToken),
            target: { exactly: 0 },
        },
    ];
}

/** Of requests that had not ended when the patience was over. */
export function unended(name: string, bursts: readonly Burst[]): { readonly why: string }[] {
    const pending = Math.max(...bursts.map((each) => each.pending));
    return pending > 0 ? [{ why: `${name}: ${pending} had not ended after ${PATIENCE / 1_000} s` }] : [];
}
