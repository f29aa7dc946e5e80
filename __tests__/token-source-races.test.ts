import fc from 'fast-check';
import {
    createTokenSource,
    TokenError,
    type AccessToken,
    type TokenCreatorContext,
    type TokenGrantResponse,
} from '../src/index.js';
import { createControlledClock } from './support/clock.js';
import { oneStepAtATime, useFakeTime, settled } from './support/deferred.js';

const CREATION_TIMEOUT = 30_000;
const LIFETIME = 100;

type Action =
    | { readonly type: 'get' }
    | { readonly type: 'current' }
    | { readonly type: 'clear' }
    | { readonly type: 'time out' }
    | { readonly type: 'leave'; readonly caller: number }
    | { readonly type: 'reject'; readonly token: number }
    | { readonly type: 'wait'; readonly seconds: number };

const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Action>({ type: 'get' }) },
    { weight: 2, arbitrary: fc.constant<Action>({ type: 'current' }) },
    { weight: 1, arbitrary: fc.constant<Action>({ type: 'clear' }) },
    { weight: 2, arbitrary: fc.constant<Action>({ type: 'time out' }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), caller: fc.nat(5) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('reject' as const), token: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), seconds: fc.constantFrom(1, 85, 200) }) },
);

/** What the creations of a run come to, one after the other; without end the last ones. */
const endings = fc.array(fc.constantFrom('grant', 'grant', 'brief grant', 'failure', 'garbage'), { maxLength: 8 });

interface Creation {
    readonly epoch: number;
    readonly context: TokenCreatorContext;
    ended: boolean;
}

/** Runs the actions against a source, in the order of the scheduler, and checks the invariants all along. */
class Run {
    readonly violations: string[] = [];
    readonly handedOut: AccessToken[] = [];
    readonly creations: Creation[] = [];
    readonly callers: { abort: AbortController; settled: boolean }[] = [];
    readonly #clock = createControlledClock();
    readonly #rejected = new Set<string>();
    readonly #source;
    #epoch = 0;
    #newest = 0;

    constructor(scheduler: fc.Scheduler, endingsOfCreations: string[]) {
        this.#source = createTokenSource(
            (context) => {
                if (!context) throw new Error('no context');
                const creation: Creation = { epoch: this.#epoch, context, ended: false };
                this.#checkSingleFlight();
                const number = this.creations.push(creation);
                const ending = endingsOfCreations[number - 1] ?? 'grant';
                return scheduler.schedule(Promise.resolve(), `creation ${number}: ${ending}`).then(() => {
                    creation.ended = true;
                    return this.#end(ending, number, creation.epoch);
                });
            },
            { clock: this.#clock, creationTimeout: CREATION_TIMEOUT },
        );
    }

    #end(ending: string, number: number, epoch: number): TokenGrantResponse {
        if (ending === 'failure') throw new Error(`creation ${number} failed`);
        const access_token = ending === 'garbage' ? '' : `${number}@${epoch}`;
        return { access_token, token_type: 'Bearer', expires_in: ending === 'brief grant' ? 0 : LIFETIME };
    }

    /** Called before a creation is added. The signal of one fires when nobody waits for it any more. */
    #checkSingleFlight(): void {
        const flying = this.creations.filter(({ ended, context }) => !ended && !context.signal.aborted);
        if (flying.length > 0) this.violations.push('a second creation began while one was in flight');
    }

    #check(token: AccessToken, how: string): void {
        this.handedOut.push(token);
        const [number, epoch] = token.value.split('@').map(Number);
        if (epoch !== this.#epoch) {
            this.violations.push(`${how} gave ${token.value} in epoch ${this.#epoch}`);
        }
        if (Number(number) < this.#newest) this.violations.push(`${how} gave ${token.value} after a newer one`);
        this.#newest = Math.max(this.#newest, Number(number));
        if (this.#rejected.has(token.value)) this.violations.push(`${how} gave ${token.value}, which was rejected`);
    }

    #get(): void {
        const caller = { abort: new AbortController(), settled: false };
        this.callers.push(caller);
        this.#source.getToken({ signal: caller.abort.signal }).then(
            (token) => {
                caller.settled = true;
                this.#check(token, 'getToken');
            },
            (error: unknown) => {
                caller.settled = true;
                const isExpected =
                    error instanceof TokenError || caller.abort.signal.aborted || /failed/.test(String(error));
                if (!isExpected) this.violations.push(`getToken failed with ${String(error)}`);
            },
        );
    }

    perform(step: Action): void {
        if (step.type === 'get') this.#get();
        else if (step.type === 'current') {
            const token = this.#source.current();
            if (token) this.#check(token, 'current');
        } else if (step.type === 'clear') {
            this.#epoch += 1;
            this.#source.clear();
        } else if (step.type === 'time out') {
            this.#clock.advance(CREATION_TIMEOUT);
            jest.advanceTimersByTime(CREATION_TIMEOUT);
        } else if (step.type === 'wait') this.#clock.advance(step.seconds * 1_000);
        else if (step.type === 'leave') this.callers.at(-1 - step.caller)?.abort.abort();
        else this.#reject(this.handedOut.at(-1 - step.token));
    }

    #reject(token: AccessToken | undefined): void {
        if (!token) return;
        const replay = this.#source.reject(token, { status: 401 });
        if (!replay) return;
        if (!token.value.endsWith(`@${this.#epoch}`))
            this.violations.push('a token of an earlier epoch was taken back');
        this.#rejected.add(token.value);
    }

    get unsettled(): number {
        return this.callers.filter((caller) => !caller.settled).length;
    }
}

useFakeTime();

describe('however getToken, current, reject, clear, timeouts and late answers interleave', () => {
    it('one creation is in flight, every getToken settles, and nobody gets a token that is rejected, outdated or of an earlier epoch', async () => {
        let handedOut = 0;
        await fc.assert(
            fc.asyncProperty(
                oneStepAtATime(),
                fc.array(action, { minLength: 2, maxLength: 25 }),
                endings,
                async (scheduler, actions, endingsOfCreations) => {
                    const run = new Run(scheduler, endingsOfCreations);
                    const done = actions.map((step) =>
                        scheduler.schedule(Promise.resolve(), JSON.stringify(step)).then(() => run.perform(step)),
                    );
                    await scheduler.waitIdle();
                    await Promise.all(done);
                    jest.advanceTimersByTime(CREATION_TIMEOUT);
                    await settled();
                    handedOut += run.handedOut.length;
                    expect({ violations: run.violations, unsettled: run.unsettled }).toEqual({
                        violations: [],
                        unsettled: 0,
                    });
                },
            ),
            { numRuns: 500 },
        );
        expect(handedOut).toBeGreaterThan(500);
    });

    it('every getToken settles even if no creation ever does', async () => {
        await fc.assert(
            fc.asyncProperty(fc.array(action, { minLength: 2, maxLength: 25 }), async (actions) => {
                const never = { schedule: () => new Promise<void>(() => {}) } as unknown as fc.Scheduler;
                const run = new Run(never, []);
                for (const step of actions) {
                    run.perform(step);
                    await settled();
                }
                jest.advanceTimersByTime(CREATION_TIMEOUT);
                await settled();
                expect({ violations: run.violations, unsettled: run.unsettled }).toEqual({
                    violations: [],
                    unsettled: 0,
                });
            }),
            { numRuns: 100 },
        );
    });
});
