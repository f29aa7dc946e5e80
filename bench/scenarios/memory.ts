import axios from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import { interleave, interleaveFor, spread, type Figure } from '../measure.js';
import type { Client } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { createToken, STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH, type MeasuredWorld } from '../worlds/world.js';
import { paceOf, type Context, type Run } from './scenario.js';

// What stays on the heap: 10,000 clients that hold a token each, beside as many with one static header; and one client
// that holds tokens of 10,000 parameters, beside one that holds a single one.

/** Those of the others tell as much from fewer. */
const countOf = ({ isOurs, quick }: Context): number => (quick ? 1_000 : isOurs ? 10_000 : 3_000);

/** Bytes that stay for each of what is made, after each has sent a request. */
async function heapOf(count: number, make: () => Client | Promise<Client>): Promise<number> {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const clients: Client[] = [];
    for (let made = 0; made < count; made++) {
        const client = await make();
        await client.get(PATH);
        clients.push(client);
    }
    globalThis.gc?.();
    const growth = process.memoryUsage().heapUsed - before;
    for (const client of clients) client.close?.();
    return growth / count;
}

/** One client with a token for each of many parameters. */
async function heapOfParameters(count: number, { baseURL, axios: defaults }: MeasuredWorld): Promise<number> {
    const client = axios.create({ ...defaults, baseURL });
    let created = 0;
    const create = () =>
        Promise.resolve({
            access_token: createToken(String(created++), 4_000_000_000),
            token_type: 'Bearer',
            expires_in: 3_600,
        });
    const { source } = attachTokenCreator(client, create, { maxTokens: count + 1 });
    await client.get(PATH);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let key = 0; key < count; key++) await client.get(PATH, { tokenCreator: { key: `tenant-${key}` } });
    globalThis.gc?.();
    const growth = process.memoryUsage().heapUsed - before;
    if (created !== count + 1 || !source.current()) throw new Error('not one token for each of the parameters');
    return growth / count;
}

async function* parametersOf(context: Context, world: MeasuredWorld): AsyncGenerator<Figure> {
    const count = countOf(context);
    const load = { parameters: () => heapOfParameters(count, world) };
    const rounds = await interleave(1, load);
    yield {
        name: `${count.toLocaleString('en')} parameters: heap of each`,
        key: 'parameters',
        unit: 'B',
        measured: spread(rounds.map(({ parameters }) => parameters)),
    };
}

export const memory: Run = async function* (context) {
    const { subject, isOurs } = context;
    const count = countOf(context);
    const world = createFunctionWorld({ responseTime: 'at once', creationTime: 0 });
    const heapOfFloors = (): Promise<number> => heapOf(count, () => subject.createFloor(world, STATIC_TOKEN));
    const loads = {
        floors: heapOfFloors,
        sources: () => heapOf(count, () => subject.create(world)),
        ...(isOurs && { again: heapOfFloors }),
    };
    const rounds = await interleaveFor(paceOf(context, { quick: 1, ours: 1, others: 1 }), loads);
    yield {
        name: `${count.toLocaleString('en')} sources: heap of each, added`,
        key: 'sources',
        unit: 'B',
        measured: spread(rounds.map(({ sources, floors }) => sources - floors)),
        ...(isOurs && { control: spread(rounds.map(({ again, floors }) => again - floors)) }),
    };
    if (isOurs) yield* parametersOf(context, world);
};
