import { setTimeout as delay } from 'node:timers/promises';
import { interleaveFor, spread, type Figure } from '../measure.js';
import type { Client } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH } from '../worlds/world.js';
import { paceOf, type Context } from './scenario.js';

/** Until all requests are where they wait, in milliseconds. */
const UNTIL_ALL_WAIT = 30;

/** Bytes that stay on the heap for each request under way that nothing answers. */
async function heapOfWaiting(client: Client, count: number): Promise<number> {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const waiting: Promise<number>[] = [];
    for (let sent = 0; sent < count; sent++) waiting.push(client.get(PATH));
    await delay(UNTIL_ALL_WAIT);
    globalThis.gc?.();
    const growth = process.memoryUsage().heapUsed - before;
    Promise.allSettled(waiting).catch(() => {}); // closing the client may reject them
    client.close?.();
    return growth / count;
}

/**
 * What a request adds to the heap while it waits for a token: beside one with a static header that waits for its
 * answer, so that what axios itself holds for a request does not count.
 */
export async function* waitingHeap(context: Context, count: number): AsyncGenerator<Figure> {
    const { subject } = context;
    const world = createFunctionWorld({ responseTime: 'never' });
    const openFloor = (): Client | Promise<Client> => subject.createFloor(world, STATIC_TOKEN);
    const loads = {
        alone: async () => heapOfWaiting(await openFloor(), count),
        again: async () => heapOfWaiting(await openFloor(), count),
        waiting: async () => heapOfWaiting(await subject.create(world), count),
    };
    const rounds = await interleaveFor(paceOf(context, { quick: 1, ours: 1_000, others: 1 }), loads);
    yield {
        name: `${count.toLocaleString('en')} waiting: heap of each, added`,
        key: `${count}.heap`,
        unit: 'B',
        measured: spread(rounds.map(({ waiting, alone }) => waiting - alone)),
        control: spread(rounds.map(({ again, alone }) => again - alone)),
        target: { atMost: 2_000 },
    };
}
