import axios from 'axios';
import { attachTokenCreator, type TokenCreator } from '../../src/index.js';
import { withSharedToken, type TokenStore } from '../../src/shared/index.js';
import { interleave, interleaveFor, spread, type Figure } from '../measure.js';
import type { Client, World } from '../subject.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { createMemoryWorld } from '../worlds/memory-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import { heapInTurn, loadsOf, sendInTurn, timeInTurn } from './in-turn.js';
import { withStore } from './open-store.js';
import { paceOf, type Run } from './scenario.js';

// A request with a token that was adopted from the store, beside one with a token that was created here: on the hot
// path nothing asks the store.

interface Lane {
    readonly key: string;
    readonly name: string;
    readonly open: () => World;
    /** Requests per slice. */
    readonly slice: number;
    /** Absent where two instances of the same differ by more. */
    readonly mostBytes?: number;
}

const LANES: readonly Lane[] = [
    { key: 'http', name: 'named adapter (http)', open: createMemoryWorld, slice: 200 },
    {
        key: 'function',
        name: 'function adapter',
        open: () => createFunctionWorld({ responseTime: 'at once' }),
        slice: 800,
        mostBytes: 32,
    },
];

const create: TokenCreator = () =>
    Promise.resolve({ access_token: STATIC_TOKEN, token_type: 'Bearer', expires_in: 3_600 });

function attached({ axios: defaults, baseURL }: World, creator: TokenCreator): Client {
    const client = axios.create({ ...defaults, baseURL });
    attachTokenCreator(client, creator);
    return { get: async (path) => (await client.get(path)).status };
}

async function warmClients({ key: lane, open, slice }: Lane, store: TokenStore) {
    const world = open();
    const key = `hot path of ${lane}`;
    await withSharedToken(create, { store, key })(); // so that the one that is measured adopts
    const clients = {
        alone: attached(world, create),
        control: attached(world, create),
        shared: attached(
            world,
            withSharedToken(() => Promise.reject(new Error('not adopted')), { store, key }),
        ),
    };
    await interleave(
        6,
        loadsOf(clients, (client) => sendInTurn(client, slice)),
    );
    return clients;
}

export const sharedTime: Run = (context) =>
    withStore(async function* ({ name, store }): AsyncGenerator<Figure> {
        for (const lane of LANES) {
            const clients = await warmClients(lane, store);
            const pace = paceOf(context, { quick: 500, ours: 700, others: 0 });
            const rounds = await interleaveFor(pace, loadsOf(clients, timeInTurn(lane.slice)));
            yield {
                name: `${lane.name}: token adopted ${name} / created`,
                key: `${lane.key}.time`,
                unit: 'x',
                measured: spread(rounds.map(({ shared, alone }) => shared / alone)),
                control: spread(rounds.map(({ control, alone }) => control / alone)),
                target: { atMost: 1.02 },
            };
        }
    });

export const sharedHeap: Run = (context) =>
    withStore(async function* ({ name, store }): AsyncGenerator<Figure> {
        for (const lane of LANES) {
            const clients = await warmClients(lane, store);
            const pace = paceOf(context, { quick: 500, ours: 500, others: 0 });
            const rounds = await interleaveFor(pace, loadsOf(clients, heapInTurn(5 * lane.slice)));
            yield {
                name: `${lane.name}: heap per request, added by a token adopted ${name}`,
                key: `${lane.key}.heap`,
                unit: 'B',
                measured: spread(rounds.map(({ shared, alone }) => shared - alone)),
                control: spread(rounds.map(({ control, alone }) => control - alone)),
                ...(lane.mostBytes !== undefined && { target: { atMost: lane.mostBytes } }),
            };
        }
    });
