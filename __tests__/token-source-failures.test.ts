import { TokenError } from '../src/index.js';
import {
    tries,
    createSourceUnderTest,
    fixRandom,
    grant,
    settled,
    watch,
    type SourceUnderTest,
} from './support/deferred.js';

const AGING = 3_300_000;
const HOUR = 3_600_000;

/** Lets that many creations in a row fail, a minute apart so that none is held back; returns the last error. */
async function failTimes({ source, clock, last }: SourceUnderTest, times: number): Promise<Error> {
    let error = new Error('none');
    for (let i = 1; i <= times; i++) {
        clock.advance(60_000);
        error = new Error(`down ${i}`);
        const outcome = watch(source.getToken());
        await last().fail(error);
        expect(outcome()).toEqual({ status: 'rejected', reason: error });
    }
    return error;
}

/** Whether an aging token starts a renewal in the background right now. */
function renews({ source, calls }: SourceUnderTest): boolean {
    const before = calls.length;
    expect(source.current()?.value).toBe('held');
    return calls.length > before;
}

/** An aging token whose renewal in the background has just failed. */
async function failedInBackground(error: unknown, expires_in = 3_600, age = AGING): Promise<SourceUnderTest> {
    const subject = createSourceUnderTest({ refreshAhead: Infinity });
    await subject.obtain(grant('held', expires_in));
    subject.clock.advance(age);
    expect(renews(subject)).toBe(true);
    await subject.last().fail(error);
    return subject;
}

const withRetryAfter = (retryAfter: unknown): Error => Object.assign(new Error('down'), { retryAfter });

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

describe('static stability', () => {
    it('a failed background creation never takes away a token that is still valid', async () => {
        const subject = await failedInBackground(new Error('down'));
        expect((await subject.source.getToken()).value).toBe('held');
        for (let i = 0; i < 20; i++) {
            await subject.last().fail(new Error('down'));
            subject.clock.advance(10_000);
            expect(subject.source.current()?.value).toBe('held');
        }
        subject.clock.advance(89_999);
        expect(subject.source.current()?.value).toBe('held');
        subject.clock.advance(1);
        expect(subject.source.current()).toBeUndefined();
    });

    it('a failed background creation never becomes an unhandled rejection', async () => {
        // jest fails a test during which a rejection stays unhandled
        const { source, clock, last } = await failedInBackground(new Error('down'));
        clock.advance(1_000);
        source.current();
        await last().fail(new Error('down again'));
        expect(source.current()?.value).toBe('held');
        await settled();
    });

    it('the next try waits the backoff: full jitter, up to 1 s after the first failure, twice that after each', async () => {
        fixRandom(0.5);
        const subject = await failedInBackground(new Error('down'));
        for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
            subject.clock.advance(wait - 1);
            expect(renews(subject)).toBe(false);
            subject.clock.advance(1);
            expect(renews(subject)).toBe(true);
            await subject.last().fail(new Error('down'));
        }
    });

    it('the next try waits max(Retry-After, backoff): the longer of the two', async () => {
        fixRandom(0.5);
        const longer = await failedInBackground(withRetryAfter(5_000));
        longer.clock.advance(4_999);
        expect(renews(longer)).toBe(false);
        longer.clock.advance(1);
        expect(renews(longer)).toBe(true);

        const shorter = await failedInBackground(withRetryAfter(100));
        shorter.clock.advance(499);
        expect(renews(shorter)).toBe(false);
        shorter.clock.advance(1);
        expect(renews(shorter)).toBe(true);
    });

    it('the next try waits for Retry-After, but no longer than 1 h', async () => {
        const month = 30 * 24 * HOUR;
        const subject = await failedInBackground(withRetryAfter(24 * HOUR), month / 1_000, 0.9 * month);
        subject.clock.advance(HOUR - 1);
        expect(renews(subject)).toBe(false);
        subject.clock.advance(1);
        expect(renews(subject)).toBe(true);
    });

    it('a sleeping machine sits its backoff out', async () => {
        const subject = await failedInBackground(withRetryAfter(5_000));
        subject.clock.sleep(4_999);
        expect(renews(subject)).toBe(false);
        subject.clock.sleep(1);
        expect(renews(subject)).toBe(true);
    });

    it('the next try waits within the time left: once the token is stale a request creates at once', async () => {
        fixRandom(0.999);
        const subject = await failedInBackground(new Error('down'), 3_600, 3_589_900);
        expect(renews(subject)).toBe(false);
        subject.clock.advance(100);
        expect(await tries(subject, undefined)).toBe(true);
    });

    it('an outage that only the background met is not held against the first request', async () => {
        fixRandom(0.999);
        const subject = await failedInBackground(new Error('down'));
        for (const wait of [60_000, 60_000, 60_000, 109_900]) {
            subject.clock.advance(wait);
            expect(renews(subject)).toBe(true);
            await subject.last().fail(new Error('down'));
        }
        subject.clock.advance(100);
        expect(await tries(subject, undefined)).toBe(true);
    });

    it('a background creation that those who came meanwhile wait for gives them its own error', async () => {
        const { source, clock, calls, last, obtain } = createSourceUnderTest();
        await obtain(grant('held', 3_600));
        clock.advance(AGING);
        source.current();
        clock.advance(HOUR);
        const outcome = watch(source.getToken());
        const error = new Error('down');
        await last().fail(error);
        expect(outcome()).toEqual({ status: 'rejected', reason: error });
        expect(calls).toHaveLength(2);
    });
});

describe('a creation that fails', () => {
    it("gives every waiter the creator's own error, the same object", async () => {
        const { source, last } = createSourceUnderTest();
        const outcomes = Array.from({ length: 100 }, () => watch(source.getToken()));
        const error = new Error('down');
        await last().fail(error);
        expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome().status)))).toEqual(new Set(['"rejected"']));
        expect(outcomes.every((outcome) => (outcome() as { reason: unknown }).reason === error)).toBe(true);
    });

    it('the first two failures in a row are not held against the next request', async () => {
        fixRandom(0.999);
        const subject = createSourceUnderTest();
        for (const error of [new Error('down 1'), new Error('down 2')]) {
            expect(await tries(subject, undefined)).toBe(true);
            await subject.last().fail(error);
        }
        expect(await tries(subject, undefined)).toBe(true);
    });

    it('for want of a log-in holds nobody back: the first request after it is served', async () => {
        fixRandom(1);
        const subject = createSourceUnderTest();
        for (let i = 0; i < 5; i++) {
            const outcome = watch(subject.source.getToken());
            const error = new TokenError('cleared', 'logged out');
            await subject.last().fail(error);
            expect(outcome()).toEqual({ status: 'rejected', reason: error });
        }

        expect((await subject.obtain(grant('fresh'))).value).toBe('fresh');
        expect(subject.calls).toHaveLength(6);
    });

    it('from the third failure on, requests inside the backoff get the last error at once', async () => {
        fixRandom(0.999);
        const subject = createSourceUnderTest();
        const error = await failTimes(subject, 3);
        const { length } = subject.calls;
        for (let i = 0; i < 100; i++) expect(await tries(subject, error)).toBe(false);
        expect(subject.calls).toHaveLength(length);
    });

    it.each([
        [3, 4_000],
        [4, 8_000],
        [5, 16_000],
        [6, 32_000],
        [7, 60_000],
        [8, 60_000],
        [30, 60_000],
        [1_100, 60_000],
    ])(
        'backoff: full jitter, base 1 s, factor 2, cap 60 s: after %d failures in a row up to %d ms',
        async (times, bound) => {
            for (const share of [0.25, 0.999]) {
                fixRandom(share);
                const subject = createSourceUnderTest();
                const error = await failTimes(subject, times);
                subject.clock.advance(Math.floor(share * bound) - 1);
                expect(await tries(subject, error)).toBe(false);
                subject.clock.advance(2);
                expect(await tries(subject, error)).toBe(true);
            }
            fixRandom(0);
            const lucky = createSourceUnderTest();
            expect(await tries(lucky, await failTimes(lucky, times))).toBe(true);
        },
    );

    it('with something that cannot be looked at, a revoked proxy, counts like any other', async () => {
        fixRandom(0.999);
        const { source, calls, last } = createSourceUnderTest();
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        for (let i = 0; i < 3; i++) {
            source.getToken().catch(() => {});
            await last().fail(proxy);
        }
        expect(calls).toHaveLength(3);
        source.getToken().catch(() => {});
        expect(calls).toHaveLength(3);
    });

    it('any success resets', async () => {
        fixRandom(0.999);
        const subject = createSourceUnderTest();
        for (let round = 0; round < 3; round++) {
            await failTimes(subject, 2);
            await subject.obtain(grant('a', 0));
        }
        const error = await failTimes(subject, 3);
        expect(await tries(subject, error)).toBe(false);
        subject.clock.advance(60_000);
        await subject.obtain(grant('b', 0));
        expect(await tries(subject, error)).toBe(true);
    });
});
