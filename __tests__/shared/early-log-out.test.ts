import { createMemoryStore } from '../../src/shared/index.js';
import { failOnUnhandledRejections, wait } from '../support/servers.js';
import {
    interceptedStore,
    openNode,
    SharedIssuer,
    STORE_TIMEOUT,
    switchedStore,
    type Operation,
} from '../support/sharing.js';

failOnUnhandledRejections();

const parameters = { key: 'ann' };

it.each(['get, clear', 'get, clear, get'])(
    'a log-out in the tick in which a key was asked for first deletes what is shared of it: %s',
    async (order) => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        await openNode(store, issuer.creator).token(parameters);
        const restarted = openNode(store, issuer.creator);
        for (const step of order.split(', ')) {
            if (step === 'get') restarted.token(parameters).catch(() => {});
            else restarted.source.clear();
        }
        await wait(30);

        expect(await openNode(store, issuer.creator).token(parameters)).toBe('token-2');
    },
);

it('a second log-out, while the store is down, does not forget what the first one was to delete', async () => {
    const store = switchedStore();
    const issuer = new SharedIssuer();
    const node = openNode(store, issuer.creator);
    await node.token(parameters);
    store.isDown = true;
    node.source.clear();
    await wait(5);
    node.source.clear();
    await wait(5);
    store.isDown = false;
    await wait(4 * STORE_TIMEOUT);

    expect(await openNode(store, issuer.creator).token(parameters)).toBe('token-2');
});

const BEFORE_A_CREATION: Operation[] = ['get', 'lock', 'get', 'compareAndSet'];

describe.each(['begins', 'ends'])('a log-out as an operation of the store %s', (moment) => {
    it.each(BEFORE_A_CREATION.map((operation, index) => [index, operation] as const))(
        'before anything is created: nothing is (%d, %s)',
        async (index, operation) => {
            const operations: Operation[] = [];
            const issuer = new SharedIssuer();
            const inner = createMemoryStore();
            const store = interceptedStore(inner, async (now, proceed) => {
                const isTheOne = operations.push(now) === index + 1;
                if (isTheOne && moment === 'begins') node.source.clear();
                const result = await proceed();
                if (isTheOne && moment === 'ends') node.source.clear();
                return result;
            });
            const node = openNode(store, issuer.creator);
            await expect(node.token()).rejects.toMatchObject({ code: 'cleared' });
            await wait(50);

            expect(operations[index]).toBe(operation);
            expect(issuer.created).toBe(0);
            expect(await openNode(inner, issuer.creator).token()).toBe('token-1');
        },
    );
});

it('a log-out while the store fails: nothing is created without it either', async () => {
    const issuer = new SharedIssuer();
    const node = openNode(
        interceptedStore(createMemoryStore(), async () => {
            await wait(20);
            throw new Error('connection refused');
        }),
        issuer.creator,
    );
    const token = node.token();
    await wait(5);
    node.source.clear();

    await expect(token).rejects.toMatchObject({ code: 'cleared' });
    await wait(STORE_TIMEOUT);
    expect(issuer.created).toBe(0);
    expect(node.told()).toEqual([]);
});
