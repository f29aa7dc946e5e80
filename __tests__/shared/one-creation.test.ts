import { createMemoryStore } from '../../src/shared/index.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';
import {
    interceptedStore,
    LOCK_DURATION,
    openNode,
    openNodes,
    passTime,
    SharedIssuer,
    tokensOf,
    type Operation,
} from '../support/sharing.js';

failOnUnhandledRejections();

describe('one creation for all nodes', () => {
    it('a cold start of many nodes creates one token', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(20, createMemoryStore(), issuer.creator);

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
        expect(issuer.created).toBe(1);
        expect(nodes.filter(({ told }) => told().includes('shared'))).toHaveLength(1);
        expect(nodes.filter(({ told }) => told().includes('adopted'))).toHaveLength(19);
    });

    it('who has no subscription polls, and adopts all the same', async () => {
        const issuer = new SharedIssuer();
        issuer.delay = 100;
        const { subscribe: _, ...store } = createMemoryStore();

        expect(new Set(await tokensOf(openNodes(5, store, issuer.creator)))).toEqual(new Set(['token-1']));
        expect(issuer.created).toBe(1);
    });

    it('a node that starts later adopts without the lock, and without a creation', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        await openNode(store, issuer.creator).token();
        const done: Operation[] = [];
        const node = openNode(
            interceptedStore(store, (operation, proceed) => {
                done.push(operation);
                return proceed();
            }),
            issuer.creator,
        );

        expect(await node.token()).toBe('token-1');
        expect(done).toEqual(['get']);
    });

    it('the first look, the lock, the second look, the claim, the token, the release', async () => {
        const done: Operation[] = [];
        const store = interceptedStore(createMemoryStore(), (operation, proceed) => {
            done.push(operation);
            return proceed();
        });
        await openNode(store, new SharedIssuer().creator).token();

        expect(done).toEqual(['get', 'lock', 'get', 'compareAndSet', 'compareAndSet', 'release']);
    });

    it('a token that has expired is created anew once', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(8, createMemoryStore(), issuer.creator);
        await tokensOf(nodes);
        passTime(issuer.lifetime! * 1_000);

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-2']));
        expect(issuer.created).toBe(2);
        expect(issuer.contexts[1]?.reason).toBe('expired');
    });

    it('ahead of expiry one node renews, and the others adopt', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(8, createMemoryStore(), issuer.creator);
        await tokensOf(nodes);
        passTime(issuer.lifetime! * 1_000 - 60_000);

        // The token is still served while it is renewed.
        for (const { source } of nodes) expect(source.current()?.value).toBe('token-1');
        await until(() => nodes.every(({ source }) => source.current()?.value === 'token-2'));
        expect(issuer.created).toBe(2);
        expect(issuer.contexts[1]?.reason).toBe('ahead');
    });

    it('who waits does not load the store while the lock is free and somebody creates without it', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const release = issuer.hold();
        const refusing = interceptedStore(store, async (operation, proceed) => {
            if (operation === 'lock') throw new Error('no lock');
            return proceed();
        });
        const first = openNode(refusing, issuer.creator).token();
        await until(() => issuer.created === 1);
        let operations = 0;
        const counting = interceptedStore(store, async (_, proceed) => {
            operations += 1;
            await wait(0);
            return proceed();
        });
        const others = tokensOf(openNodes(3, counting, issuer.creator));
        await wait(LOCK_DURATION);
        release();

        await Promise.all([first, others]);
        expect(issuer.created).toBe(1);
        expect(operations).toBeLessThan(80);
    });
});

describe('a token that was refused', () => {
    it('is replaced once, however many nodes it was refused to', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(8, createMemoryStore(), issuer.creator);
        await tokensOf(nodes);
        await Promise.all(nodes.map(({ refuse }) => refuse()));

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-2']));
        expect(issuer.created).toBe(2);
    });

    it('is not adopted by a node that starts while another one is created', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        const [node] = openNodes(1, store, issuer.creator);
        await node!.token();
        await node!.refuse();
        const release = issuer.hold();
        const replaced = node!.token();
        await until(() => issuer.created === 2);
        const late = openNode(store, issuer.creator).token();
        await wait(20);
        release();

        expect(await Promise.all([replaced, late])).toEqual(['token-2', 'token-2']);
        expect(issuer.created).toBe(2);
    });

    it('is not adopted by a node that starts after the creation of another one failed', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        const node = openNode(store, issuer.creator);
        await node.token();
        await node.refuse();
        issuer.error = new Error('no connection');
        await expect(node.token()).rejects.toThrow('no connection');
        issuer.error = undefined;

        expect(await openNode(store, issuer.creator).token()).toBe('token-3');
    });

    it('gives way to a newer one in the store, without a creation', async () => {
        const issuer = new SharedIssuer();
        const [one, other] = openNodes(2, createMemoryStore(), issuer.creator);
        await tokensOf([one!, other!]);
        await one!.refuse();
        await one!.token();
        await other!.refuse();

        expect(await other!.token()).toBe('token-2');
        expect(issuer.created).toBe(2);
    });

    it('costs nothing when it was replaced before its refusal came', async () => {
        const issuer = new SharedIssuer();
        const [node] = openNodes(1, createMemoryStore(), issuer.creator);
        const refused = await node!.source.getToken();
        await node!.refuse();
        await node!.token();

        expect(node!.source.reject(refused, { status: 401 })).toBeDefined();
        expect(await node!.token()).toBe('token-2');
        expect(issuer.created).toBe(2);
    });

    it('that a server gives out again is a token like any other', async () => {
        let created = 0;
        const same = async () => ({ access_token: 'same', token_type: 'Bearer', expires_in: 100 + created++ });
        const nodes = openNodes(3, createMemoryStore(), same);
        await tokensOf(nodes);
        await Promise.all(nodes.map(({ refuse }) => refuse()));

        expect(await tokensOf(nodes)).toEqual(['same', 'same', 'same']);
        expect(created).toBe(2);
    });
});
