import { createTokenSource, type TokenCreator } from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { contextFor } from '../support/refreshing.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';
import {
    grantsToAll,
    interceptedStore,
    LOCK_DURATION,
    openNode,
    passTime,
    SharedIssuer,
    STORE_TIMEOUT,
    switchedStore,
    type Node,
} from '../support/sharing.js';
import { stopwatch, systemClock } from '../../src/clock.js';

failOnUnhandledRejections();

/** Notes which refresh token it could have used. */
function sessionCreator(): { creator: TokenCreator; used: (string | undefined)[] } {
    const used: (string | undefined)[] = [];
    return {
        used,
        creator: async (context) => {
            const { sharing, previous } = context ?? {};
            used.push(sharing?.refreshToken ?? previous?.refresh_token);
            const number = used.length;
            return { access_token: `access-${number}`, token_type: 'Bearer', refresh_token: `refresh-${number}` };
        },
    };
}

describe('a log-out', () => {
    it('deletes what is shared', async () => {
        const store = createMemoryStore();
        const { creator, used } = sessionCreator();
        const node = openNode(store, creator);
        await node.token();
        node.source.clear();

        expect(await openNode(store, creator).token()).toBe('access-2');
        expect(used).toStrictEqual([undefined, undefined]);
    });

    it('deletes what nobody has asked for in this process', async () => {
        const store = createMemoryStore();
        const { creator, used } = sessionCreator();
        await openNode(store, creator).token();
        const restarted = openNode(store, creator);
        restarted.source.clear();

        expect(await restarted.token()).toBe('access-2');
        expect(used).toEqual([undefined, undefined]);
    });

    it('deletes it for all keys that were asked for', async () => {
        const store = createMemoryStore();
        const { creator, used } = sessionCreator();
        const node = openNode(store, creator);
        for (const key of ['ann', 'bob']) await node.token({ key });
        node.source.clear();
        for (const key of ['ann', 'bob']) await openNode(store, creator).token({ key });

        expect(used).toStrictEqual([undefined, undefined, undefined, undefined]);
    });

    for (const down of [0, 10]) {
        it(`deletes what another node renewed, which nobody here has seen, after ${down} ms without the store`, async () => {
            const store = switchedStore();
            const { creator, used } = sessionCreator();
            const [node, other] = [openNode(store, creator), openNode(store, creator)];
            await node.token();
            await other.token();
            await other.refuse();
            await other.token();
            store.isDown = down > 0;
            node.source.clear();
            await wait(down);
            store.isDown = false;
            await node.token();

            expect(used).toStrictEqual([undefined, 'refresh-1', undefined]);
        });
    }

    it('is not undone by a request that follows at once, however slowly the store deletes', async () => {
        const base = createMemoryStore();
        const store = interceptedStore(base, async (operation, proceed) => {
            if (operation === 'delete') await wait(STORE_TIMEOUT / 3);
            return proceed();
        });
        const { creator, used } = sessionCreator();
        const node = openNode(store, creator);
        await node.token();
        node.source.clear();
        await node.token();
        await wait(STORE_TIMEOUT);

        expect(used).toStrictEqual([undefined, undefined]);
        expect(await openNode(base, creator).token()).toBe('access-2');
    });

    it('holds when the store was down: the refresh token from before is not used once it is back', async () => {
        const store = switchedStore();
        const { creator, used } = sessionCreator();
        const node = openNode(store, creator);
        await node.token();
        store.isDown = true;
        node.source.clear();
        await wait(5);
        store.isDown = false;
        await node.token();

        expect(used).toStrictEqual([undefined, undefined]);
    });

    it('reaches the store once that is back, though nobody asks for a token', async () => {
        const store = switchedStore();
        const { creator } = sessionCreator();
        const node = openNode(store, creator);
        await node.token();
        store.isDown = true;
        node.source.clear();
        await wait(5);
        store.isDown = false;
        const { operations } = store;
        await until(() => store.operations > operations);

        expect(await openNode(store, creator).token()).toBe('access-2');
    });

    it('drops a token that is being created, for all', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const release = issuer.hold();
        const node = openNode(store, issuer.creator);
        const pending = node.token();
        pending.catch(() => {});
        await until(() => issuer.created === 1);
        node.source.clear();
        release();

        await expect(pending).rejects.toMatchObject({ code: 'cleared' });
        expect(await openNode(store, issuer.creator).token()).toBe('token-2');
    });

    it('drops a token that the store did not get yet', async () => {
        const store = switchedStore();
        const issuer = new SharedIssuer();
        const release = issuer.hold();
        const node = openNode(store, issuer.creator);
        const token = node.token();
        await until(() => issuer.created === 1);
        store.isDown = true;
        release();
        await token;
        node.source.clear();
        store.isDown = false;
        await wait(2 * LOCK_DURATION);

        expect(await openNode(store, issuer.creator).token()).toBe('token-2');
    });

    it('that comes while the creation is claimed holds nobody up', async () => {
        const base = createMemoryStore();
        const issuer = new SharedIssuer();
        let isLeaving = true;
        const store = interceptedStore(base, async (operation, proceed) => {
            if (operation === 'compareAndSet' && isLeaving) node.source.clear();
            return proceed();
        });
        const node: Node = openNode(store, issuer.creator, { lockDuration: 20 * LOCK_DURATION });
        await expect(node.token()).rejects.toMatchObject({ code: 'cleared' });
        isLeaving = false;
        const took = stopwatch(systemClock);

        expect(await openNode(base, issuer.creator, { lockDuration: 20 * LOCK_DURATION }).token()).toBeDefined();
        expect(took()).toBeLessThan(10 * LOCK_DURATION);
    });

    it('of one source ends what another source of the same creator could have built on', async () => {
        const { creator, used } = sessionCreator();
        const node = openNode(createMemoryStore(), creator);
        const second = createTokenSource(node.creator);
        await node.token();
        const token = await second.getToken();
        node.source.clear();
        second.reject(token, { status: 401 });
        await second.getToken();
        second.clear();

        expect(used).toStrictEqual([undefined, undefined]);
    });

    it('ends its own claim alone', async () => {
        const store = createMemoryStore();
        const answers: ((token: { access_token: string; token_type: string }) => void)[] = [];
        const node = openNode(store, () => new Promise((resolve) => answers.push(resolve)));
        const abort = new AbortController();
        const late = node.creator({ ...contextFor({ scope: 'a' }), signal: abort.signal });
        late.catch(() => {});
        await until(() => answers.length === 1);
        abort.abort(new Error('given up'));
        // Somebody takes its place, for another scope.
        const issuer = new SharedIssuer();
        const release = issuer.hold();
        const pending = openNode(store, issuer.creator).token({ scope: 'b' });
        await until(() => issuer.created === 1);
        let isLooking = false;
        const get = store.get;
        store.get = async (name) => {
            const found = await get(name);
            if (isLooking) {
                isLooking = false;
                store.delete = async () => {}; // it has not come to that yet
                cleared.clear();
            }
            return found;
        };
        const cleared = createTokenSource(node.creator);
        await node
            .creator({ ...contextFor({ key: 'other' }), source: cleared, signal: AbortSignal.abort() })
            .catch(() => {});
        isLooking = true;
        answers[0]?.({ access_token: 'late', token_type: 'Bearer' });
        await late;
        const third = openNode(store, issuer.creator, { lock: grantsToAll }).token({ scope: 'c' });
        await wait(LOCK_DURATION / 4);
        const { created } = issuer;
        release();

        await Promise.all([pending, third]);
        expect(created).toBe(1);
    });

    it('of one source leaves a request of another one, which has just begun, neither hanging nor busy', async () => {
        const base = createMemoryStore();
        const issuer = new SharedIssuer();
        let operations = 0;
        const store = interceptedStore(base, async (operation, proceed) => {
            operations += 1;
            // Without end, nothing else would have its turn: not even the timers that would end it.
            if (operations > 200) throw new Error('busy');
            if (operation === 'lock' && operations < 10) node.source.clear();
            return proceed();
        });
        const node: Node = openNode(store, issuer.creator);
        await node.source.getToken({ parameters: { key: 'other' } }).catch(() => {}); // it follows that source now
        const second = createTokenSource(node.creator, { creationTimeout: 2_000 });
        operations = 0;

        expect((await second.getToken()).value).toMatch(/^token-/);
        expect(operations).toBeLessThan(50);
        second.clear();
    });

    it('of one node leaves the others the token that they have', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const [node, other] = [openNode(store, issuer.creator), openNode(store, issuer.creator)];
        await node.token();
        await other.token();
        node.source.clear();

        expect(other.source.current()?.value).toBe('token-1');
        passTime(issuer.lifetime! * 1_000);
        expect(await other.token()).toBe('token-2');
    });

    it('revokes the grant with the refresh token, where it is asked to', async () => {
        const { creator } = sessionCreator();
        const revoked: unknown[] = [];
        const node = openNode(createMemoryStore(), creator, {
            source: { revoke: async ({ refresh_token }) => revoked.push(refresh_token) },
        });
        await node.token();
        await node.source.clear({ revoke: true });

        expect(revoked).toEqual(['refresh-1']);
    });

    it('leaves no failure behind', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        issuer.error = new Error('no connection');
        const node = openNode(store, issuer.creator);
        await expect(node.token()).rejects.toThrow('no connection');
        node.source.clear();
        issuer.error = undefined;

        expect(await node.token()).toBe('token-2');
    });
});
