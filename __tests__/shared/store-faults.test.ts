import { createRefreshTokenCreator, TokenError, withRefreshToken, type TokenCreator } from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { stopwatch, systemClock } from '../../src/clock.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';
import {
    interceptedStore,
    LOCK_DURATION,
    never,
    openNode,
    openNodes,
    passTime,
    reasonOf,
    SharedIssuer,
    STORE_TIMEOUT,
    switchedStore,
    tokensOf,
    type Interception,
    type Operation,
    SLACK,
} from '../support/sharing.js';

failOnUnhandledRejections();

/** What one operation of a store may meet. */
const FAULTS: Record<string, Interception> = {
    rejects: async () => Promise.reject(new Error('connection lost')),
    throws: () => {
        throw new Error('connection lost');
    },
    hangs: never,
    'is done, and hangs': async (_, proceed) => {
        await proceed();
        return never();
    },
    'is done, and rejects': async (_, proceed) => {
        await proceed();
        throw new Error('connection lost');
    },
    'is done too late': async (_, proceed) => {
        await wait(2 * STORE_TIMEOUT);
        return proceed();
    },
    'answers too late': async (_, proceed) => {
        const result = await proceed();
        await wait(2 * STORE_TIMEOUT);
        return result;
    },
    'gives nothing': async () => undefined,
};

/** A memory store of which one operation, the `step`-th, meets that. */
function faultyStore(step: number, fault: Interception) {
    const store = createMemoryStore();
    const done: Operation[] = [];
    const faulty = interceptedStore(store, (operation, proceed) => {
        done.push(operation);
        return done.length === step ? fault(operation, proceed) : proceed();
    });
    return { store, faulty, done };
}

// A creation takes six, or with a renewal of the claim and a subscription some more.
const STEPS = Array.from({ length: 9 }, (_, index) => index + 1);

/** A request may wait for a claim that was lost, and for operations that hang. */
const BOUND = LOCK_DURATION + 6 * STORE_TIMEOUT + SLACK;

// Who could not write what came tries again, long before anybody takes its place.
const LONG = 2_400;

const nameOf = (step: number, done: readonly Operation[]): string => `step ${step} of ${done.join(', ')}`;

describe.each(Object.entries(FAULTS))('an operation that %s', (_, fault) => {
    it('loses no request for client credentials, whichever it is', async () => {
        const attempts = STEPS.map(async (step) => {
            const issuer = new SharedIssuer();
            issuer.delay = LOCK_DURATION / 2; // long enough for a renewal
            const { store, faulty, done } = faultyStore(step, fault);
            const took = stopwatch(systemClock);
            const first = openNode(faulty, issuer.creator).token();
            await until(() => issuer.created > 0 || took() > STORE_TIMEOUT);
            const tokens = await Promise.all([first, openNode(store, issuer.creator).token()]);
            expect([nameOf(step, done), took() < BOUND]).toEqual([nameOf(step, done), true]);
            // Where it lies, or a write takes effect later, each may get one of its own, but no more than that.
            expect([nameOf(step, done), issuer.created < 3]).toEqual([nameOf(step, done), true]);
            expect(tokens.every((token) => /^token-[12]$/.test(token))).toBe(true);
            // Whoever comes then finds one.
            expect(await openNode(store, issuer.creator).token()).toMatch(/^token-[123]$/);
        });

        await Promise.all(attempts);
    });
});

it('an operation that fails, whichever and however, makes nobody use a refresh token twice', async () => {
    const kinds = Object.keys(FAULTS).flatMap((kind) => STEPS.map((step) => ({ kind, step })));
    const attempts = kinds.map(async ({ kind, step }) => {
        const issuer = new RotatingIssuer();
        const { store, faulty, done } = faultyStore(step + 6, FAULTS[kind] as Interception); // the log-in takes six
        const creator = (): TokenCreator =>
            withRefreshToken(async () => issuer.logIn(), {
                refresh: (token) => issuer.refresh(token, { until: () => wait(LONG / 2) }),
            });
        const one = openNode(faulty, creator(), { lockDuration: LONG });
        await one.token();
        const other = openNode(store, creator(), { lockDuration: LONG });
        await other.token();
        await one.refuse();
        const renewed = one.token();
        await wait(5);
        await other.refuse();
        await Promise.all([renewed, other.token()]);
        await one.refuse();
        await one.token();
        return [`${kind}: ${nameOf(step, done)}`, issuer.violations] as const;
    });

    for (const [name, violations] of await Promise.all(attempts)) expect([name, violations]).toEqual([name, []]);
});

describe('a store that is down', () => {
    it('costs each node a creation of its own, and an event that says so', async () => {
        const issuer = new SharedIssuer();
        const store = switchedStore();
        store.isDown = true;
        const nodes = openNodes(3, store, issuer.creator);

        expect(new Set(await tokensOf(nodes)).size).toBe(3);
        for (const { told } of nodes) expect(told()).toEqual(['uncoordinated']);
        expect(issuer.contexts.map(({ sharing }) => sharing?.isExclusive)).toEqual([false, false, false]);
    });

    it('is used again when it is back', async () => {
        const issuer = new SharedIssuer();
        const store = switchedStore();
        store.isDown = true;
        const nodes = openNodes(3, store, issuer.creator);
        await tokensOf(nodes);
        store.isDown = false;
        await Promise.all(nodes.map(({ refuse }) => refuse()));

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-4']));
    });

    it('and that hangs costs one request at most the time of its operations', async () => {
        const issuer = new SharedIssuer();
        const node = openNode(interceptedStore(createMemoryStore(), never), issuer.creator);
        const took = stopwatch(systemClock);

        expect(await node.token()).toBe('token-1');
        expect(took()).toBeLessThan(STORE_TIMEOUT + SLACK);
    });

    it('is waited for by who renews ahead of expiry, as long as there is time', async () => {
        const issuer = new SharedIssuer();
        issuer.lifetime = 36_000;
        const store = switchedStore();
        const node = openNode(store, issuer.creator);
        await node.token();
        store.isDown = true;
        passTime(issuer.lifetime * 1_000 - 200_000);
        const failed = new Promise((resolve) =>
            node.source.subscribe(({ type }) => type === 'failed' && resolve(type)),
        );

        expect(node.source.current()?.value).toBe('token-1');
        expect(await failed).toBe('failed');
        expect(issuer.created).toBe(1);
        passTime(180_000);
        expect(node.source.current()?.value).toBe('token-1');
        await until(() => node.source.current()?.value === 'token-2');
        expect(node.told()).toContain('uncoordinated');
    });

    it('lets no refresh token be used, and says why', async () => {
        const issuer = new RotatingIssuer();
        const store = switchedStore();
        const refresh = (token: string) => issuer.refresh(token);
        const only = openNode(
            store,
            createRefreshTokenCreator({ refreshToken: 'canary' }, { client: { baseURL: 'http://127.0.0.1:1' } }),
            { key: 'other' },
        );
        const node = openNode(
            store,
            withRefreshToken(async () => issuer.logIn(), { refresh }),
        );
        await node.token();
        store.isDown = true;
        await node.refuse();

        // With a password there is another way.
        expect(await node.token()).toMatch(/^access\/\/1\//);
        expect(issuer.refreshTokens).toEqual([]);
        const error = await reasonOf(only.token());
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'uncoordinated' });
        expect((error as TokenError).message).toContain('store');
    });

    it('gets what was created meanwhile when it is back', async () => {
        const issuer = new SharedIssuer();
        const store = switchedStore();
        const release = issuer.hold();
        const node = openNode(store, issuer.creator);
        const token = node.token();
        await until(() => issuer.created === 1);
        store.isDown = true;
        release();
        expect(await token).toBe('token-1');
        expect(node.told()).toEqual(['unwritten']);
        store.isDown = false;
        await until(() => node.told().includes('shared'));

        expect(await openNode(store, never).token()).toBe('token-1');
    });

    it('gets the newest refresh token when it is back, before that is used', async () => {
        const issuer = new RotatingIssuer();
        const store = switchedStore();
        let isGoingDown = false;
        const creator = withRefreshToken(async () => issuer.logIn(), {
            refresh: (token) => issuer.refresh(token, { until: async () => void (store.isDown = isGoingDown) }),
        });
        const node = openNode(store, creator);
        await node.token();
        isGoingDown = true;
        await node.refuse();
        await node.token();
        expect(node.told()).toContain('unwritten');
        isGoingDown = store.isDown = false;
        await node.refuse();

        expect(await node.token()).toBe('access//0/3/a+b+c');
        expect(issuer.violations).toEqual([]);
    });

    it('is asked no more often, however many log in and out meanwhile', async () => {
        const store = switchedStore();
        const issuer = new SharedIssuer();
        const node = openNode(store, issuer.creator);
        store.isDown = true;
        for (let times = 0; times < 50; times += 1) {
            await node.token();
            node.source.clear();
        }
        const before = store.operations;
        await wait(2 * LOCK_DURATION);

        expect(store.operations - before).toBeLessThan(50);
    });

    it('for longer than claims count gets the newest refresh token first, though others wait for it', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        const isDown = { value: false };
        const open = () => {
            const switched = interceptedStore(store, async (_, proceed) => {
                if (isDown.value) throw new Error('connection refused');
                return proceed();
            });
            return openNode(
                switched,
                withRefreshToken(async () => issuer.logIn(), {
                    refresh: (token) => issuer.refresh(token, { until: goDown }),
                }),
            );
        };
        let isGoingDown = false;
        const goDown = async (): Promise<void> => void (isDown.value ||= isGoingDown);
        const [one, other] = [open(), open()];
        await tokensOf([one, other]);
        isGoingDown = true;
        await one.refuse();
        await one.token();
        expect(one.told()).toContain('unwritten');
        await wait(1.5 * LOCK_DURATION);
        isGoingDown = isDown.value = false;
        await other.refuse();
        await other.token();

        expect(issuer.violations).toEqual([]);
        expect(issuer.logIns).toBe(1);
    });
});
