import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import {
    createTokenSource,
    type AccessToken,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenEvent,
    type TokenGrantResponse,
    type TokenSource,
    type TokenSourceOptions,
} from '../../src/index.js';
import { createControlledClock, type ControlledClock } from './clock.js';

/** One call of a creator, which ends when the test says so. */
interface CreatorCall {
    readonly context: TokenCreatorContext;
    /** Answers with whatever is given; types are off, because tests answer with garbage as well. */
    readonly answer: (value: unknown) => Promise<void>;
    readonly fail: (error: unknown) => Promise<void>;
}

/** Each step runs to its end before the next: a promise that is resolved is as good as delivered. */
export function oneStepAtATime(): fc.Arbitrary<fc.Scheduler> {
    return fc.scheduler({
        act: async (step) => {
            await step();
            await settled();
        },
    });
}

interface DeferredCreator {
    readonly creator: TokenCreator;
    readonly calls: CreatorCall[];
    /** The last call. */
    readonly last: () => CreatorCall;
}

/** Lets everything that is already decided happen. Works under jest's fake timers too. */
export async function settled(): Promise<void> {
    await setImmediate();
    await setImmediate();
}

function createDeferredCreator(): DeferredCreator {
    const calls: CreatorCall[] = [];
    return {
        calls,
        last() {
            const call = calls.at(-1);
            if (!call) throw new Error('the creator was not called');
            return call;
        },
        creator: (context) =>
            new Promise<TokenGrantResponse>((resolve, reject) => {
                if (!context) throw new Error('the source called its creator without a context');
                calls.push({
                    context,
                    answer(value) {
                        resolve(value as TokenGrantResponse);
                        return settled();
                    },
                    fail(error) {
                        reject(error);
                        return settled();
                    },
                });
            }),
    };
}

export function grant(access_token: string, expires_in?: number): TokenGrantResponse {
    const answer: TokenGrantResponse = { access_token, token_type: 'Bearer' };
    return expires_in === undefined ? answer : { ...answer, expires_in };
}

export interface SourceUnderTest extends DeferredCreator {
    readonly source: TokenSource;
    readonly clock: ControlledClock;
    readonly events: TokenEvent[];
    /** Asks for a token and answers the creation that this starts. */
    readonly obtain: (answer: TokenGrantResponse) => Promise<AccessToken>;
}

const underTest = new Set<TokenSource>();

// No timer of a creation that a test left unfinished may outlive that test.
afterEach(() => {
    for (const source of underTest) source.clear();
    underTest.clear();
});

/** A source on a controlled clock, whose creations end when the test says so. */
export function createSourceUnderTest(options: TokenSourceOptions = {}): SourceUnderTest {
    const clock = createControlledClock();
    const deferred = createDeferredCreator();
    const events: TokenEvent[] = [];
    const source = createTokenSource(deferred.creator, { clock, onEvent: (event) => events.push(event), ...options });
    underTest.add(source);
    return {
        ...deferred,
        source,
        clock,
        events,
        async obtain(answer) {
            const pending = source.getToken();
            await deferred.last().answer(answer);
            return pending;
        },
    };
}

/** How a promise stands right now. */
export type Outcome =
    | { status: 'pending' }
    | { status: 'fulfilled'; value: unknown }
    | { status: 'rejected'; reason: unknown };

/** Watches a promise without waiting for it. */
export function watch(promise: Promise<unknown>): () => Outcome {
    let outcome: Outcome = { status: 'pending' };
    promise.then(
        (value) => (outcome = { status: 'fulfilled', value }),
        (reason: unknown) => (outcome = { status: 'rejected', reason }),
    );
    return () => outcome;
}

/** Whether a request starts a creation right now; where it does not, it must get that error at once. */
export async function tries({ source, calls }: SourceUnderTest, lastError: unknown): Promise<boolean> {
    const before = calls.length;
    const outcome = watch(source.getToken());
    await settled();
    if (calls.length > before) return true;
    expect(outcome()).toEqual({ status: 'rejected', reason: lastError });
    return false;
}

/** Makes `Math.random` give the same number again and again; 0 is no jitter and no backoff. */
export function fixRandom(value: number): jest.SpyInstance<number, []> {
    return jest.spyOn(Math, 'random').mockReturnValue(value);
}

/** Timers move only when a test moves them, and there is neither jitter nor backoff. */
export function useFakeTime(): void {
    beforeEach(() => {
        jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
        fixRandom(0);
    });
    afterEach(() => {
        jest.useRealTimers();
        jest.restoreAllMocks();
    });
}
