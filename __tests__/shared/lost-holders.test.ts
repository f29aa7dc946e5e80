import { stopwatch, systemClock } from '../../src/clock.js';
import { createMemoryStore, type TokenLock } from '../../src/shared/index.js';
import type { TokenGrantResponse } from '../../src/index.js';
import { contextFor } from '../support/refreshing.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';
import {
    grantsToAll,
    interceptedStore,
    LOCK_DURATION,
    never,
    openNode,
    SharedIssuer,
    STORE_TIMEOUT,
    SLACK,
} from '../support/sharing.js';

failOnUnhandledRejections();

/** A creator that answers when the test says so. */
function heldCreator() {
    const answers: ((grant: TokenGrantResponse) => void)[] = [];
    return {
        answers,
        creator: () => new Promise<TokenGrantResponse>((resolve) => answers.push(resolve)),
    };
}

const grant = (access_token: string): TokenGrantResponse => ({ access_token, token_type: 'Bearer', expires_in: 100 });

describe('a holder that is gone', () => {
    it('delays the others by no more than the duration of its lock', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const { creator, answers } = heldCreator();
        // The store hears nothing more of it once it has claimed.
        const dying = interceptedStore(store, (_, proceed) => (answers.length > 0 ? never() : proceed()));
        openNode(dying, creator)
            .token()
            .catch(() => {});
        await until(() => answers.length > 0);
        const took = stopwatch(systemClock);

        expect(await openNode(store, issuer.creator).token()).toBe('token-1');
        expect(took()).toBeLessThan(LOCK_DURATION + SLACK);
        expect(took()).toBeGreaterThan(LOCK_DURATION / 2);
    });

    it('is one whose creator never answers, from its creation timeout on', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const hanging = openNode(store, never, { source: { creationTimeout: 100 } });
        await expect(hanging.token()).rejects.toMatchObject({ code: 'timeout' });
        const took = stopwatch(systemClock);

        expect(await openNode(store, issuer.creator).token()).toBe('token-1');
        expect(took()).toBeLessThan(LOCK_DURATION + SLACK);
    });

    it('is one whose signal fired before it had claimed', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const abort = new AbortController();
        const slow = interceptedStore(store, async (operation, proceed) => {
            const result = await proceed();
            if (operation === 'compareAndSet') abort.abort(new Error('gone'));
            return result;
        });
        const hanging = openNode(slow, never);
        hanging.creator({ ...contextFor(), signal: abort.signal }).catch(() => {});
        await until(() => abort.signal.aborted);
        const other = openNode(store, issuer.creator, { source: { creationTimeout: 4 * LOCK_DURATION } });

        expect(await other.token()).toBe('token-1');
    });

    it('does not overwrite with its late answer what another one created', async () => {
        const store = createMemoryStore();
        const { creator, answers } = heldCreator();
        const late = openNode(store, creator, { source: { creationTimeout: 50 } });
        await expect(late.token()).rejects.toMatchObject({ code: 'timeout' });
        await openNode(store, async () => grant('newer')).token();
        answers[0]?.(grant('older'));
        await until(() => late.source.current() !== undefined);

        expect(late.source.current()?.value).toBe('newer');
        expect(await openNode(store, never).token()).toBe('newer');
    });

    it('shares its late answer when nobody else has one', async () => {
        const store = createMemoryStore();
        const { creator, answers } = heldCreator();
        const late = openNode(store, creator, { source: { creationTimeout: 50 } });
        await expect(late.token()).rejects.toMatchObject({ code: 'timeout' });
        answers[0]?.(grant('late'));
        await until(() => late.source.current() !== undefined);

        expect(await openNode(store, never).token()).toBe('late');
    });

    it('does not end with its late answer the claim of who creates for another scope', async () => {
        const store = createMemoryStore();
        const first = heldCreator();
        const late = openNode(store, first.creator, { source: { creationTimeout: 50 } });
        await expect(late.token({ scope: 'a' })).rejects.toMatchObject({ code: 'timeout' });
        const second = heldCreator();
        const pending = openNode(store, second.creator).token({ scope: 'b' });
        await until(() => second.answers.length === 1);
        first.answers[0]?.(grant('late'));
        await until(() => late.source.current({ scope: 'a' }) !== undefined);
        const issuer = new SharedIssuer();
        // The lock may be wrong: it is the claim that holds the others back.
        const third = openNode(store, issuer.creator, { lock: grantsToAll }).token({ scope: 'c' });
        await wait(LOCK_DURATION / 2);
        const createdMeanwhile = issuer.created;
        second.answers[0]?.(grant('b'));

        expect(await Promise.all([pending, third])).toEqual(['b', 'token-1']);
        expect(createdMeanwhile).toBe(0);
    });

    it('gives back a lock that would end with it alone', async () => {
        const base = createMemoryStore();
        const issuer = new SharedIssuer();
        const owners = new Set<string>();
        const lock: TokenLock = async (name) => {
            if (owners.has(name)) return undefined;
            owners.add(name);
            return { renew: async () => true, release: async () => void owners.delete(name), endsWithHolder: true };
        };
        const hanging = openNode(base, never, { lock, source: { creationTimeout: 50 } });
        await expect(hanging.token()).rejects.toMatchObject({ code: 'timeout' });
        const node = openNode(base, issuer.creator, { lock });
        await node.token();
        await until(() => owners.size === 0);
        await node.refuse();
        const took = stopwatch(systemClock);
        await node.token();

        expect(took()).toBeLessThan(LOCK_DURATION);
    });

    it('does not take with its late answer the refresh token of who creates now', async () => {
        const store = createMemoryStore();
        const first = heldCreator();
        const late = openNode(store, first.creator, { source: { creationTimeout: 50 } });
        await expect(late.token({ scope: 'a' })).rejects.toMatchObject({ code: 'timeout' });
        const second = heldCreator();
        const pending = openNode(store, second.creator).token({ scope: 'b' });
        await until(() => second.answers.length === 1);
        first.answers[0]?.({ ...grant('a'), refresh_token: 'older' });
        await until(() => late.source.current({ scope: 'a' }) !== undefined);
        second.answers[0]?.({ ...grant('b'), refresh_token: 'newer' });
        await pending;
        const third = await openNode(store, never).source.getToken({ parameters: { scope: 'b' } });

        expect(third.grant.refresh_token).toBe('newer');
    });
});

describe('a claim', () => {
    it('is kept for as long as the creation takes', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        issuer.delay = 3 * LOCK_DURATION;
        const tokens = [1, 2].map(() => openNode(store, issuer.creator).token());

        expect(await Promise.all(tokens)).toEqual(['token-1', 'token-1']);
        expect(issuer.created).toBe(1);
    });

    it('is kept though the answer to one of its renewals was lost', async () => {
        const base = createMemoryStore();
        const issuer = new SharedIssuer();
        issuer.delay = 3 * LOCK_DURATION;
        let writes = 0;
        const store = interceptedStore(base, async (operation, proceed) => {
            const result = await proceed();
            if (operation === 'compareAndSet' && ++writes === 2) await wait(2 * STORE_TIMEOUT);
            return result;
        });
        const first = openNode(store, issuer.creator).token();
        await until(() => issuer.created === 1);

        expect(await Promise.all([first, openNode(base, issuer.creator).token()])).toEqual(['token-1', 'token-1']);
        expect(issuer.created).toBe(1);
    });
});
