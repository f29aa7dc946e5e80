import { stopwatch, systemClock } from '../../src/clock.js';
import { createMemoryStore, type TokenLock } from '../../src/shared/index.js';
import { withRefreshToken } from '../../src/index.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';
import {
    grantsToAll,
    LOCK_DURATION,
    never,
    openNode,
    openNodes,
    SharedIssuer,
    STORE_TIMEOUT,
    tokensOf,
    SLACK,
} from '../support/sharing.js';

failOnUnhandledRejections();

describe('a lock that grants to all', () => {
    it('still lets one create at a time', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(10, createMemoryStore(), issuer.creator, { lock: grantsToAll });

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
        expect(issuer.created).toBe(1);
    });

    it('still lets one use the refresh token at a time', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        const nodes = Array.from({ length: 5 }, () =>
            openNode(
                store,
                withRefreshToken(async () => issuer.logIn(), {
                    refresh: (token) => issuer.refresh(token, { until: () => wait(10) }),
                }),
                { lock: grantsToAll },
            ),
        );
        await tokensOf(nodes);
        for (let round = 0; round < 5; round += 1) {
            await Promise.all(nodes.map(({ refuse }) => refuse()));
            await tokensOf(nodes);
        }

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(1);
        expect(issuer.refreshTokens).toHaveLength(5);
    });
});

describe('a lock that is of no use', () => {
    const locks: [what: string, lock: TokenLock, bound: number][] = [
        ['never grants', async () => undefined, LOCK_DURATION],
        ['hangs', never, STORE_TIMEOUT],
        ['rejects', async () => Promise.reject(new Error('no lock')), 0],
        [
            'throws',
            () => {
                throw new Error('no lock');
            },
            0,
        ],
    ];

    it.each(locks)('and %s costs a bounded time, and an event', async (_, lock, bound) => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(4, createMemoryStore(), issuer.creator, { lock });
        const took = stopwatch(systemClock);

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
        expect(took()).toBeLessThan(bound + SLACK);
        expect(issuer.created).toBe(1);
        expect(nodes.flatMap(({ events }) => events).filter(({ type }) => type === 'unlocked')).not.toEqual([]);
    });

    const leases: [what: string, lock: TokenLock][] = [
        ['cannot be renewed', async () => ({ renew: async () => false, release: async () => {} })],
        ['hangs on renewal', async () => ({ renew: never, release: async () => {} })],
        ['hangs on release', async () => ({ renew: async () => true, release: never })],
        [
            'throws on both',
            async () => ({
                renew: () => {
                    throw new Error('no renewal');
                },
                release: () => {
                    throw new Error('no release');
                },
            }),
        ],
        ['is no lease', async () => true as never],
    ];

    it.each(leases)('because its lease %s lets one create at a time', async (_, lock) => {
        const issuer = new SharedIssuer();
        issuer.delay = 2 * LOCK_DURATION;
        const nodes = openNodes(3, createMemoryStore(), issuer.creator, { lock });

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
        expect(issuer.created).toBe(1);
    });

    it('and answers late gives its lease back', async () => {
        const issuer = new SharedIssuer();
        let isReleased = false;
        const lock: TokenLock = async () => {
            await wait(2 * STORE_TIMEOUT);
            return { renew: async () => true, release: async () => void (isReleased = true) };
        };
        const node = openNode(createMemoryStore(), issuer.creator, { lock });

        expect(await node.token()).toBe('token-1');
        await until(() => isReleased);
    });
});
