import fc from 'fast-check';
import {
    withRefreshToken,
    type TokenCreatorContext,
    type TokenGrantResponse,
    type TokenParameters,
} from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { failOnUnhandledRejections, wait } from '../support/servers.js';
import {
    interceptedStore,
    never,
    openNode,
    openNodes,
    passTime,
    SharedIssuer,
    tokensOf,
    type Interception,
    type Node,
} from '../support/sharing.js';

failOnUnhandledRejections();

const SEED = 20_260_101;
/** Milliseconds for each property. */
const TIME = 2_500;
const NODES = 3;
const DURATIONS = { storeTimeout: 40, lockDuration: 150 };

/** What somebody does, how many milliseconds after the round began. */
interface Action {
    readonly node: number;
    readonly what: 'token' | 'refuse';
    readonly parameters: TokenParameters | undefined;
    readonly after: number;
}

const action: fc.Arbitrary<Action> = fc.record({
    node: fc.nat(NODES - 1),
    what: fc.constantFrom<Action['what']>('token', 'token', 'refuse'),
    parameters: fc.constantFrom(undefined, undefined, { scope: 'a' }, { scope: 'b' }, { key: 'ann' }),
    after: fc.nat(12),
});

const round = fc.record({
    actions: fc.array(action, { minLength: 1, maxLength: 10 }),
    // Between the rounds, when nobody creates: a token ages, or expires.
    passes: fc.constantFrom(0, 0, 90, 200),
});

async function act(nodes: readonly Node[], { node, what, parameters, after }: Action): Promise<string | undefined> {
    await wait(after);
    const { token, refuse } = nodes[node] as Node;
    if (what === 'token') return token(parameters);
    // Whoever has no token gets one first.
    return refuse(parameters).then(() => token(parameters));
}

/** Fails when it takes too long. */
function inTime<T>(what: string, work: Promise<T>, limit: number): Promise<T> {
    let timer: NodeJS.Timeout;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} hangs`)), limit);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** For all scopes, and says so: otherwise it counts as one for the scope that was asked for. */
async function logIn(issuer: RotatingIssuer, context: TokenCreatorContext | undefined): Promise<TokenGrantResponse> {
    return { ...issuer.logIn({ key: context?.parameters?.key }), scope: 'a b' };
}

const settings = { seed: SEED, numRuns: 1_000, interruptAfterTimeLimit: TIME, endOnFailure: false } as const;

describe('whatever happens', () => {
    it('no refresh token is sent twice, nor two at once, while the store works', async () => {
        let runs = 0;
        const property = fc.asyncProperty(
            fc.array(round, { minLength: 1, maxLength: 4 }),
            fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }),
            fc.boolean(),
            async (rounds, delays, isLockWrong) => {
                runs += 1;
                const issuer = new RotatingIssuer();
                let operations = 0;
                const delay = (): Promise<void> => wait(delays[operations++ % delays.length] ?? 0);
                const slow: Interception = async (_, proceed) => {
                    await delay();
                    const result = await proceed();
                    await delay();
                    return result;
                };
                const store = createMemoryStore();
                const nodes = Array.from({ length: NODES }, () =>
                    openNode(
                        interceptedStore(store, slow),
                        withRefreshToken(async (context) => logIn(issuer, context), {
                            refresh: (token, context) =>
                                issuer.refresh(token, { scope: context?.parameters?.scope, until: delay }),
                        }),
                        {
                            storeTimeout: 2_000,
                            lockDuration: 2_000,
                            ...(isLockWrong && {
                                lock: async () => ({ renew: async () => true, release: async () => {} }),
                            }),
                        },
                    ),
                );
                for (const { actions, passes } of rounds) {
                    const tokens = await inTime(
                        'a round',
                        Promise.all(actions.map((each) => act(nodes, each))),
                        10_000,
                    );
                    expect(tokens.every((token) => token?.startsWith('access/'))).toBe(true);
                    passTime(passes * 1_000);
                }
                expect(issuer.violations).toEqual([]);
                // One log-in for each key; every further token came by its refresh token.
                expect(issuer.logIns).toBeLessThanOrEqual(2);
            },
        );
        await fc.assert(property, settings);
        expect(runs).toBeGreaterThan(0);
    });

    it('everybody gets a token in time, and in the end all the same one', async () => {
        let runs = 0;
        const faults: Record<string, Interception> = {
            reject: async () => Promise.reject(new Error('connection lost')),
            throw: () => {
                throw new Error('connection lost');
            },
            hang: never,
            lose: async (_, proceed) => {
                await proceed();
                throw new Error('connection lost');
            },
            late: async (_, proceed) => {
                await wait(60);
                return proceed();
            },
            lie: async () => undefined,
        };
        const kinds = Object.keys(faults);
        const property = fc.asyncProperty(
            fc.array(fc.array(action, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
            fc.array(fc.option(fc.constantFrom(...kinds), { freq: 3 }), { maxLength: 40 }),
            fc.option(fc.nat(NODES - 1)),
            async (rounds, steps, crashing) => {
                runs += 1;
                const issuer = new SharedIssuer();
                issuer.delay = 2;
                let isDead = false;
                let step = 0;
                const store = createMemoryStore();
                const nodes = Array.from({ length: NODES }, (_, index) => {
                    const isGone = (): boolean => isDead && index === crashing;
                    const faulty = interceptedStore(store, (operation, proceed) => {
                        if (isGone()) return never();
                        const kind = steps[step++];
                        return kind ? faults[kind]?.(operation, proceed) : proceed();
                    });
                    return openNode(faulty, (context) => (isGone() ? never() : issuer.creator(context)), DURATIONS);
                });
                for (const actions of rounds) {
                    const living = actions.filter(({ node }) => !isDead || node !== crashing);
                    const acts = living.map((each) => ({ ...each, token: act(nodes, each) }));
                    // In the middle of whatever it does.
                    await wait(3);
                    isDead = true;
                    for (const { token } of acts) token.catch(() => {}); // that of the dead is not waited for
                    const awaited = acts.filter(({ node }) => node !== crashing).map(({ token }) => token);
                    const tokens = await inTime('a round', Promise.all(awaited), 10_000);
                    expect(tokens.filter((token) => !/^token-\d+$/.test(token ?? ''))).toEqual([]);
                }
                step = steps.length;
                const late = openNodes(2, store, issuer.creator, DURATIONS);
                const tokens = await inTime('the end', tokensOf(late), 5_000);
                expect(new Set(tokens).size).toBe(1);
            },
        );
        await fc.assert(property, settings);
        expect(runs).toBeGreaterThan(0);
    });
});
