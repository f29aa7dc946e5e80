import axios from 'axios';
import { attachTokenCreator, createClientTokenCreator, type TokenCreator } from '../../src/index.js';
import { withSharedToken, type TokenStore } from '../../src/shared/index.js';
import { interleave, interleaveFor, spread, timed, type Figure } from '../measure.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { startSocketWorld } from '../worlds/socket-world.js';
import { CREATION_TIME, PATH, type MeasuredWorld } from '../worlds/world.js';
import { withStore } from './open-store.js';
import { paceOf, type Context, type Run } from './scenario.js';

// What the store of a fleet costs: the first request of a process, which adopts what others created, beside one that
// creates; and a renewal, which takes the lock and writes what it got, beside the same without a store.

function createAtEndpoint({ tokenEndpoint, axios: defaults, clientId: id, clientSecret: secret }: MeasuredWorld) {
    return createClientTokenCreator({ id, secret }, { tokenEndpoint, client: axios.create(defaults) });
}

/** The time of the first request of a client. */
function firstRequest(creator: TokenCreator): Promise<number> {
    const { axios: defaults, baseURL } = createFunctionWorld({ responseTime: 'at once' });
    const client = axios.create({ ...defaults, baseURL });
    attachTokenCreator(client, creator);
    return timed(() => client.get(PATH));
}

/** Renews the token of one creator again and again, as a source does ahead of its expiry. */
function renewalOf(creator: TokenCreator): () => Promise<number> {
    let previous: Awaited<ReturnType<TokenCreator>> | undefined;
    return async () => {
        previous ??= await creator();
        const { signal } = new AbortController();
        const context = { reason: 'ahead', previous, signal } as const;
        return timed(async () => (previous = await creator(context)));
    };
}

function loadsOver(world: MeasuredWorld, store: TokenStore) {
    const create = createAtEndpoint(world);
    const key = 'first request';
    let keys = 0;
    return {
        adopted: () => firstRequest(withSharedToken(create, { store, key })),
        alone: () => firstRequest(create),
        shared: () => firstRequest(withSharedToken(create, { store, key: `${key} ${keys++}` })),
        renewed: renewalOf(create),
        renewedShared: renewalOf(withSharedToken(create, { store, key: 'renewal' })),
        share: () => timed(() => withSharedToken(create, { store, key })()),
    };
}

type Round = Record<Exclude<keyof ReturnType<typeof loadsOver>, 'share'>, number>;

function figuresOf(name: string, rounds: readonly Round[]): Figure[] {
    const all = (figure: (round: Round) => number) => spread(rounds.map(figure));
    const time = (title: string, key: string, figure: (round: Round) => number): Figure => ({
        name: title,
        key,
        unit: 'ms',
        measured: all(figure),
    });
    return [
        {
            name: `first request, token adopted ${name} / created alone`,
            key: 'first.ratio',
            unit: 'x',
            measured: all(({ adopted, alone }) => adopted / alone),
            target: { atMost: 0.1 },
        },
        time(`first request, token adopted ${name}`, 'first.adopted', ({ adopted }) => adopted),
        time(`first request, created alone, endpoint of ${CREATION_TIME} ms`, 'first.alone', ({ alone }) => alone),
        time(`first request, created and shared ${name}`, 'first.shared', ({ shared }) => shared),
        time('renewal alone', 'alone', ({ renewed }) => renewed),
        time(`renewal shared ${name}`, 'shared', ({ renewedShared }) => renewedShared),
        time('renewal: added by sharing', 'added', ({ renewedShared, renewed }) => renewedShared - renewed),
    ];
}

async function measure(context: Context, store: TokenStore): Promise<Round[]> {
    const world = await startSocketWorld();
    try {
        const { share, ...loads } = loadsOver(world, store);
        await share(); // what is adopted in all rounds
        await interleave(2, loads);
        return await interleaveFor(paceOf(context, { quick: 1_500, ours: 2_000, others: 0 }), loads);
    } finally {
        await world.close();
    }
}

export const renewal: Run = (context) =>
    withStore(async function* ({ name, store }): AsyncGenerator<Figure> {
        yield* figuresOf(name, await measure(context, store));
    });
