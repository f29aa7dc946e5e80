import type { TokenGrantResponse } from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { contextFor } from '../support/refreshing.js';
import { createPlace, openModelStore } from '../testing/model-store.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import {
    interceptedStore,
    never,
    openNode,
    openNodes,
    passTime,
    SharedIssuer,
    tokensOf,
    type Store,
} from '../support/sharing.js';

failOnUnhandledRejections();

const HOUR = 3_600_000;

const grantOf = (more: Partial<TokenGrantResponse>) => async (): Promise<TokenGrantResponse> => ({
    access_token: 'token',
    token_type: 'Bearer',
    ...more,
});

/** What a node that starts gets from the store, or `undefined` when it would create. */
async function adopted(store: Store, parameters?: { scope: string }): Promise<TokenGrantResponse | undefined> {
    let isCreating = false;
    const node = openNode(store, async () => {
        isCreating = true;
        return never();
    });
    const abort = new AbortController();
    const answer = node.creator({ ...contextFor(parameters), reason: 'missing', signal: abort.signal });
    const timer = setInterval(() => isCreating && abort.abort(new Error('creating')), 5);
    try {
        return await Promise.race([
            answer,
            new Promise<undefined>((resolve) => abort.signal.addEventListener('abort', () => resolve(undefined))),
        ]);
    } finally {
        clearInterval(timer);
        answer.catch(() => {});
    }
}

describe('what is left of a lifetime', () => {
    it.each([3_600, 1_234.5, 30 * 86_400, 1e9])('of %d seconds is what the next node gets', async (expires_in) => {
        const store = createMemoryStore();
        await openNode(store, grantOf({ expires_in })).token();
        passTime(1_000_000);

        const { expires_in: left = 0 } = (await adopted(store)) ?? {};
        expect(left).toBeLessThanOrEqual(expires_in - 1_000);
        expect(left).toBeGreaterThan(expires_in - 1_002);
    });

    it('that the server did not tell is told to nobody', async () => {
        const store = createMemoryStore();
        await openNode(store, grantOf({})).token();
        passTime(HOUR);

        expect(await adopted(store)).toEqual({ access_token: 'token', token_type: 'Bearer' });
    });

    it.each([0, -1, -1e9])('that is over from the beginning (%d) is shared with nobody', async (expires_in) => {
        const nodes = openNodes(3, createMemoryStore(), grantOf({ expires_in }));

        expect(await tokensOf(nodes)).toEqual(['token', 'token', 'token']);
        expect(nodes.flatMap(({ told }) => told())).not.toContain('adopted');
    });

    it('of a refresh token, of years even, is told as well', async () => {
        const store = createMemoryStore();
        const years = 5 * 365 * 86_400;
        await openNode(
            store,
            grantOf({ expires_in: 3_600, refresh_token: 'r', refresh_token_expires_in: years }),
        ).token();
        passTime(1_000_000);

        const { refresh_token, refresh_token_expires_in: left = 0 } = (await adopted(store)) ?? {};
        expect(refresh_token).toBe('r');
        expect(left).toBeLessThanOrEqual(years - 1_000);
        expect(left).toBeGreaterThan(years - 1_002);
    });

    it('counts while others of its family are created, however long that takes', async () => {
        const store = createMemoryStore();
        const node = openNode(store, async (context) => {
            if (context?.parameters?.scope === 'b') passTime(50_000);
            return grantOf({ expires_in: 100 })();
        });
        await node.token({ scope: 'a' });
        await node.token({ scope: 'b' });

        const { expires_in: left = 0 } = (await adopted(store, { scope: 'a' })) ?? {};
        expect(left).toBeLessThanOrEqual(50);
        expect(left).toBeGreaterThan(48);
    });

    it('counts from when the token was asked for', async () => {
        const store = createMemoryStore();
        await openNode(store, async () => {
            passTime(40_000);
            return grantOf({ expires_in: 100 })();
        }).token();

        const { expires_in: left = 0 } = (await adopted(store)) ?? {};
        expect(left).toBeLessThanOrEqual(60);
    });

    it.each([-HOUR, HOUR])('does not depend on the clock of a machine that is %d ms off', async (shift) => {
        // Unlike the memory store, it does not read the clock that is shifted.
        const store = openModelStore(createPlace());
        const issuer = new SharedIssuer();
        await openNode(store, issuer.creator).token();
        passTime(shift);
        const { expiresAt = 0 } = await openNode(store, issuer.creator).source.getToken();

        expect(issuer.created).toBe(1);
        expect(expiresAt - Date.now()).toBeGreaterThan(HOUR - 5_000);
        expect(expiresAt - Date.now()).toBeLessThanOrEqual(HOUR);
    });

    it('of one that is about to end is left to nobody', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        await openNode(store, issuer.creator).token();
        passTime(HOUR - 9_000);

        expect(await openNode(store, issuer.creator).token()).toBe('token-2');
    });
});

describe('what a store is told of time', () => {
    const grants: [what: string, grant: Partial<TokenGrantResponse>][] = [
        ['no lifetime', {}],
        ['a fraction', { expires_in: 1_234.5678 }],
        ['a text', { expires_in: '3600.25' as never }],
        ['the largest whole number', { expires_in: Number.MAX_SAFE_INTEGER }],
        ['the largest number', { expires_in: Number.MAX_VALUE }],
        ['less than nothing', { expires_in: -5 }],
        ['years', { expires_in: 60, refresh_token: 'r', refresh_token_expires_in: 1e10 }],
        ['a refresh token that is over', { expires_in: 60, refresh_token: 'r', refresh_token_expires_in: 0 }],
    ];

    it.each(grants)('is a whole number that every store can count to: %s', async (_, grant) => {
        const times: number[] = [];
        const store = createMemoryStore();
        const noting: Store = {
            ...store,
            compareAndSet: (name, expected, entry, timeToLive) => {
                times.push(timeToLive);
                return store.compareAndSet(name, expected, entry, timeToLive);
            },
            lock: (name, duration) => {
                times.push(duration);
                return store.lock(name, duration);
            },
        };
        const node = openNode(noting, grantOf(grant), { lockDuration: 333.3 });

        expect(await node.token()).toBe('token');
        expect(times.length).toBeGreaterThan(2);
        for (const time of times) {
            expect(String(time)).toMatch(/^\d{3,13}$/);
        }
    });
});

describe('a duration that no timer can count', () => {
    it('does not make the claim be renewed all the time', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        issuer.delay = 100;
        let renewals = 0;
        const counting = interceptedStore(store, (operation, proceed) => {
            if (operation === 'renew') renewals += 1;
            return proceed();
        });
        await openNode(counting, issuer.creator, { lockDuration: 1e12, storeTimeout: 1e12 }).token();

        expect(renewals).toBe(0);
    });
});
