import { withRefreshToken, type TokenCreator, type TokenGrantResponse } from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { contextFor } from '../support/refreshing.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { failOnUnhandledRejections, until } from '../support/servers.js';
import { openNode, switchedStore, tokensOf, type Node, type Store } from '../support/sharing.js';

failOnUnhandledRejections();

type Told = (grant: TokenGrantResponse) => unknown;

function refreshing(issuer: RotatingIssuer, onRefreshToken?: Told): TokenCreator {
    return withRefreshToken(async ({ parameters } = contextFor()) => issuer.logIn({ ...parameters }), {
        refresh: (token, context) => issuer.refresh(token, { scope: context?.parameters?.scope }),
        ...(onRefreshToken && { onRefreshToken }),
    });
}

function openRefreshing(
    count: number,
    issuer: RotatingIssuer,
    store: Store = createMemoryStore(),
    told?: Told,
): Node[] {
    return Array.from({ length: count }, () => openNode(store, refreshing(issuer, told)));
}

describe('the refresh token of all', () => {
    it('is sent by one at a time, and each time the newest one', async () => {
        const issuer = new RotatingIssuer();
        const nodes = openRefreshing(5, issuer);
        for (let round = 0; round < 10; round += 1) {
            await tokensOf(nodes);
            await Promise.all(nodes.slice(round % 3).map(({ refuse }) => refuse()));
        }

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(1);
        expect(issuer.refreshTokens).toHaveLength(9);
    });

    it('gives the tokens of several scopes, one after the other', async () => {
        const issuer = new RotatingIssuer();
        const nodes = openRefreshing(4, issuer);
        await tokensOf(nodes);
        const wanted = [undefined, { scope: 'a' }, { scope: 'b' }];
        await Promise.all(wanted.flatMap((parameters) => nodes.map((node) => node.token(parameters))));
        await Promise.all(nodes.map(({ refuse }) => refuse({ scope: 'a' })));
        await Promise.all(wanted.flatMap((parameters) => nodes.map((node) => node.token(parameters))));

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(1);
        expect(issuer.refreshTokens).toHaveLength(3);
    });

    it('is that of its key alone', async () => {
        const issuer = new RotatingIssuer();
        const nodes = openRefreshing(3, issuer);
        const keys = [{ key: 'ann' }, { key: 'bob' }, { key: 'ann', scope: 'a' }];
        await Promise.all(keys.flatMap((parameters) => nodes.map((node) => node.token(parameters))));
        await Promise.all(nodes.map(({ refuse }) => refuse({ key: 'bob' })));
        const values = await Promise.all(nodes.map((node) => node.token({ key: 'bob' })));

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(2);
        expect(new Set(values).size).toBe(1);
        expect(values[0]).toMatch(/^access\/bob\//);
    });

    it('is replaced by a log-in when it is refused, once for all', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        let isRevoked = false;
        const creator = (): TokenCreator =>
            withRefreshToken(async () => issuer.logIn(), {
                refresh: (token) => issuer.refresh(token, isRevoked ? { ending: 'revoked' } : {}),
            });
        const nodes = Array.from({ length: 4 }, () => openNode(store, creator()));
        await tokensOf(nodes);
        isRevoked = true;
        await Promise.all(nodes.map(({ refuse }) => refuse()));
        await tokensOf(nodes);

        expect(issuer.logIns).toBe(2);
        expect(issuer.refreshTokens).toHaveLength(1);
    });

    it('is kept when a grant for another scope brings none', async () => {
        const sent: unknown[] = [];
        const node = openNode(createMemoryStore(), async ({ parameters, sharing } = contextFor()) => {
            sent.push(sharing?.refreshToken);
            const refreshToken = parameters?.scope === 'a' ? { refresh_token: 'refresh' } : {};
            return { access_token: `access-${parameters?.scope}`, token_type: 'Bearer', ...refreshToken };
        });
        for (const scope of ['a', 'b', 'c']) await node.token({ scope });

        expect(sent).toStrictEqual([undefined, 'refresh', 'refresh']);
    });

    it('is not replaced by that of an answer which comes late, for another scope', async () => {
        const store = createMemoryStore();
        const answers: ((grant: TokenGrantResponse) => void)[] = [];
        const late = openNode(store, () => new Promise((resolve) => answers.push(resolve)), {
            source: { creationTimeout: 20 },
        });
        await expect(late.token({ scope: 'a' })).rejects.toMatchObject({ code: 'timeout' });
        const sent: unknown[] = [];
        const node = openNode(store, async ({ parameters, sharing } = contextFor()) => {
            sent.push(sharing?.refreshToken);
            return { access_token: `access-${parameters?.scope}`, token_type: 'Bearer', refresh_token: 'newer' };
        });
        await node.token({ scope: 'b' });
        answers[0]?.({ access_token: 'late', token_type: 'Bearer', refresh_token: 'older' });
        await until(() => late.source.current({ scope: 'a' }) !== undefined);
        await node.token({ scope: 'c' });

        expect(sent).toStrictEqual([undefined, 'newer']);
    });

    it('is what the processes remember when the store lost all', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        let entry = '';
        const watched: Store = { ...store, get: (name) => store.get((entry = name)) };
        const nodes = openRefreshing(2, issuer, watched);
        await tokensOf(nodes);
        await store.delete(entry);
        await Promise.all(nodes.map(({ refuse }) => refuse()));
        await tokensOf(nodes);

        expect(issuer.logIns).toBe(1);
        expect(issuer.violations).toEqual([]);
    });
});

describe('a custom creator', () => {
    it('finds the newest refresh token in the grant that it replaces, whoever got that', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        const creator: TokenCreator = async (context) => {
            const token = context?.previous?.refresh_token;
            return token ? issuer.refresh(token) : issuer.logIn();
        };
        const nodes = [openNode(store, creator), openNode(store, creator), openNode(store, creator)];
        await tokensOf(nodes);
        for (const { refuse, token } of [...nodes, ...nodes]) {
            await refuse();
            await token();
        }

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(1);
        expect(issuer.refreshTokens.length).toBeGreaterThan(1);
    });

    it('finds none while the store cannot be used', async () => {
        const store = switchedStore();
        const previous: unknown[] = [];
        const node = openNode(store, async (context) => {
            previous.push(context?.previous?.refresh_token);
            return { access_token: `access-${previous.length}`, token_type: 'Bearer', refresh_token: 'refresh' };
        });
        await node.token();
        store.isDown = true;
        await node.refuse();
        await node.token();

        expect(previous).toStrictEqual([undefined, undefined]);
    });
});

describe('onRefreshToken', () => {
    it('is told by the one who got it, and by nobody else', async () => {
        const issuer = new RotatingIssuer();
        const told: unknown[] = [];
        const nodes = openRefreshing(3, issuer, createMemoryStore(), ({ refresh_token }) => told.push(refresh_token));
        await tokensOf(nodes);
        await Promise.all(nodes.map(({ refuse }) => refuse()));
        await tokensOf(nodes);

        expect(told).toEqual(['refresh//0/1', 'refresh//0/2']);
    });

    it.each([0, 1])(
        'that fails makes nobody send a refresh token that was used up, as node %d goes on',
        async (next) => {
            const issuer = new RotatingIssuer();
            const told: (string | undefined)[] = [];
            let isAway = false;
            const nodes = openRefreshing(2, issuer, createMemoryStore(), async ({ refresh_token }) => {
                if (isAway) throw new Error('the database is away');
                told.push(refresh_token);
            });
            await tokensOf(nodes);
            isAway = true;
            await nodes[0]?.refuse();
            await expect(nodes[0]?.token()).rejects.toThrow('the database is away');
            isAway = false;
            await nodes[next]?.refuse();
            await nodes[next]?.token();
            // The first one must not tell of an older one then.
            await nodes[0]?.refuse().catch(() => {});
            await tokensOf(nodes);

            expect(issuer.violations).toEqual([]);
            expect(told.filter((token = '', index) => token <= (told[index - 1] ?? ''))).toEqual([]);
        },
    );

    it('that fails while the store loses everything makes nobody send it either', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        let entry = '';
        let isAway = false;
        const watched: Store = { ...store, get: (name) => store.get((entry = name)) };
        const nodes = openRefreshing(2, issuer, watched, async () => {
            if (!isAway) return;
            await store.delete(entry);
            throw new Error('the database is away');
        });
        await tokensOf(nodes);
        isAway = true;
        await nodes[0]?.refuse();
        await nodes[0]?.token().catch(() => {});
        isAway = false;
        await nodes[1]?.refuse();
        await tokensOf(nodes);

        expect(issuer.violations).toEqual([]);
    });

    it('that fails while the store goes down makes nobody send it either', async () => {
        const issuer = new RotatingIssuer();
        const store = switchedStore();
        let isAway = false;
        const nodes = openRefreshing(1, issuer, store, async () => {
            store.isDown = isAway;
            if (isAway) throw new Error('the database is away');
        });
        await tokensOf(nodes);
        isAway = true;
        await nodes[0]?.refuse();
        await expect(nodes[0]?.token()).rejects.toThrow('the database is away');
        store.isDown = isAway = false;
        await tokensOf(nodes);
        await nodes[0]?.refuse();
        await tokensOf(nodes);

        expect(issuer.violations).toEqual([]);
    });
});
