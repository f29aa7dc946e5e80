import { burst, type Burst } from '../burst.js';
import type { Figure } from '../measure.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { startSocketWorld } from '../worlds/socket-world.js';
import { PATH, type MeasuredWorld } from '../worlds/world.js';
import { unended } from './at-once.js';
import type { Context, Finding, Run } from './scenario.js';

// Requests that wait for a token while the token endpoint answers 503: each should be told soon, by an error that is
// no longer for those who waited with it.

const MANY = 1_000;
const MORE = 4_000;

interface Failure extends Burst {
    readonly creations: number;
    /** Of the longest stack, in bytes. */
    readonly stack: number;
}

async function fail({ subject }: Context, world: MeasuredWorld, count: number): Promise<Failure> {
    const client = await subject.create(world);
    await world.failTokens(true);
    const { creations } = await world.counts();
    let stack = 0;
    const measureStack = (error: unknown): void => {
        if (error instanceof Error) stack = Math.max(stack, Buffer.byteLength(String(error.stack)));
    };
    const sent = await burst(count, () => client.get(PATH), measureStack);
    const after = await world.counts();
    client.close?.();
    await world.failTokens(false);
    return { ...sent, creations: after.creations - creations, stack };
}

function figuresOf(key: string, count: number, failure: Failure): Figure[] {
    const name = count.toLocaleString('en');
    const { ms, failed, pending, creations, stack } = failure;
    return [
        {
            name: `${name} waiting: rejected`,
            key: `${key}rejected`,
            unit: '',
            measured: failed - pending,
            target: { exactly: count },
        },
        {
            name: `${name} waiting: until all were`,
            key: `${key}ms`,
            unit: 'ms',
            measured: ms,
            target: { atMost: 1_000 },
        },
        { name: `${name} waiting: longest stack`, key: `${key}stack`, unit: 'B', measured: stack },
        { name: `${name} waiting: creations`, key: `${key}creations`, unit: '', measured: creations },
    ];
}

async function* failOurs(context: Context, world: MeasuredWorld): AsyncGenerator<Finding> {
    const one = await fail(context, world, 1);
    const more = await fail(context, world, MORE);
    yield* figuresOf(`${MORE}.`, MORE, more);
    yield {
        name: 'longest stack of 4,000 / of one that waits alone',
        key: 'stack.growth',
        unit: 'x',
        measured: more.stack / one.stack,
        target: { atMost: 1.05 },
    };
}

export const failing: Run = async function* (context) {
    const { subject, isOurs } = context;
    const hasOwnHttp = subject.http === 'own';
    if (hasOwnHttp) yield { why: 'over sockets, the others in memory' };
    const world = hasOwnHttp ? await startSocketWorld() : createFunctionWorld({ responseTime: 10 });
    await fail(context, world, 10);
    const failure = await fail(context, world, MANY);
    yield* figuresOf('', MANY, failure);
    yield* unended(`${MANY.toLocaleString('en')} waiting`, [failure]);
    if (isOurs) yield* failOurs(context, world);
    await world.close();
};
