import { inspect } from 'node:util';
import { createTokenSource, TokenEndpointError, type TokenCreator } from '../../src/index.js';
import { createMemoryStore, withSharedToken, type SharedTokenEvent } from '../../src/shared/index.js';
import { expectNoSecretIn } from '../support/no-secret.js';
import { failOnUnhandledRejections, until } from '../support/servers.js';
import { interceptedStore, openNode, type Interception, type Operation, type Store } from '../support/sharing.js';

failOnUnhandledRejections();

const SECRETS = ['canary-access', 'canary-refresh', 'canary-key', 'canary-user', 'canary-command'];

const creator: TokenCreator = async () => ({
    access_token: 'canary-access',
    token_type: 'Bearer',
    expires_in: 3_600,
    refresh_token: 'canary-refresh',
});

/** An error that repeats what was to be stored, as those of clients do. */
function tellingError(...given: unknown[]): Error {
    const text = `${JSON.stringify(given)} canary-command`;
    return Object.assign(new Error(`ERR wrong arguments: ${text}`, { cause: new Error(text) }), {
        name: 'ReplyError',
        command: { name: 'EVAL', args: given, text },
    });
}

function failing(text: string): never {
    throw tellingError(text);
}

/** A store whose operations of that name fail so. */
function tellingStore(operation: Operation, isFailing: () => boolean = () => true): Store {
    const store = createMemoryStore();
    const intercept: Interception = (each, proceed) => {
        if (each !== operation || !isFailing()) return proceed();
        return Promise.reject(tellingError('canary-access', 'canary-refresh', 'canary-key'));
    };
    return {
        ...interceptedStore(store, intercept),
        ...(operation === 'compareAndSet' && {
            compareAndSet: async (name, expected, entry, timeToLive) => {
                if (isFailing()) throw tellingError(name, entry, timeToLive);
                return store.compareAndSet(name, expected, entry, timeToLive);
            },
        }),
    };
}

function expectNoSecretInEvents(events: readonly SharedTokenEvent[]): void {
    for (const event of events) {
        const shown = [inspect(event, { depth: Infinity, showHidden: true }), JSON.stringify(event)].join();
        expect(SECRETS.slice(0, 3).filter((secret) => shown.includes(secret))).toEqual([]);
        expect(shown).not.toContain('canary-command');
        if ('error' in event) expectNoSecretIn(event.error, SECRETS);
    }
}

describe('no secret is told', () => {
    it('by the events of what goes well', async () => {
        const store = createMemoryStore();
        const nodes = [1, 2].map(() => openNode(store, creator, { key: 'canary-key' }));
        for (const { token, refuse } of nodes) {
            await token();
            await refuse();
            await token();
        }

        expect(nodes.flatMap(({ events }) => events).length).toBeGreaterThan(2);
        for (const { events } of nodes) expectNoSecretInEvents(events);
    });

    it.each<[Operation, SharedTokenEvent['type']]>([
        ['get', 'uncoordinated'],
        ['lock', 'unlocked'],
        ['compareAndSet', 'uncoordinated'],
    ])('when %s fails', async (operation, type) => {
        const { token, events, told } = openNode(tellingStore(operation), creator, { key: 'canary-key' });
        await token();

        expect(told()).toContain(type);
        expectNoSecretInEvents(events);
    });

    it('when the token cannot be written', async () => {
        let isFailing = false;
        const node = openNode(
            tellingStore('compareAndSet', () => isFailing),
            async () => {
                isFailing = true;
                return creator();
            },
        );
        await node.token();

        expect(node.told()).toEqual(['unwritten']);
        expectNoSecretInEvents(node.events);
    });

    it('when the codec fails, or what is stored cannot be read', async () => {
        const store = createMemoryStore();
        await openNode(store, creator).token();
        const reading = openNode(store, creator, { codec: { encode: (text) => text, decode: failing } });
        const writing = openNode(createMemoryStore(), creator, { codec: { encode: failing, decode: failing } });
        const garbled = openNode({ ...store, get: async () => 'canary-access' as never }, creator);
        for (const { token } of [reading, writing, garbled]) await token();

        expect(reading.told()).toContain('unreadable');
        expect(writing.told()).toContain('uncoordinated');
        expect(garbled.told()).toContain('unreadable');
        for (const { events } of [reading, writing, garbled]) expectNoSecretInEvents(events);
    });

    it('by the error of who must not use its refresh token', async () => {
        const shared = withSharedToken(
            async ({ sharing } = {} as never) => {
                if (!sharing?.isExclusive) throw new TokenEndpointError('not now', { status: 503 } as never);
                return creator();
            },
            { store: tellingStore('get'), key: 'canary-key' },
        );
        const source = createTokenSource(shared);

        expectNoSecretIn(await source.getToken().catch((error: unknown) => error), SECRETS);
    });

    it('by the names in the store: neither the key nor the user', async () => {
        const names: string[] = [];
        const store = createMemoryStore();
        const noting: Store = { ...store, get: (name) => store.get((names.push(name), name)) };
        const node = openNode(noting, creator, { key: 'canary-key' });
        await node.token();
        await node.token({ key: 'canary-user' });

        expect(new Set(names).size).toBe(2);
        for (const name of names) expect(name).toMatch(/^[\w-]{43}$/);
    });

    it.each<[what: string, error: unknown]>([
        ['null', null],
        ['undefined', undefined],
        ['a text', 'canary-access'],
        ['a message that cannot be read', { message: Object.create(null) as unknown }],
        ['a code that is a number', Object.assign(new Error('canary-access'), { code: 5 })],
        [
            'a name that throws',
            Object.defineProperty(new Error('canary-access'), 'name', {
                get() {
                    throw new Error('canary-access');
                },
            }),
        ],
    ])('nor is a request lost by a store that rejects with %s', async (_, error) => {
        const node = openNode({ ...createMemoryStore(), get: async () => Promise.reject(error) }, creator);

        expect(await node.token()).toBe('canary-access');
        await until(() => node.events.length > 0);
        expectNoSecretInEvents(node.events);
    });
});
