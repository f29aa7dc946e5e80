import { TokenError, type TokenSourceOptions } from '../src/index.js';
import { createSourceUnderTest, useFakeTime, grant, settled, watch } from './support/deferred.js';

const LONGEST_TIMER = 2 ** 31 - 1;

/** A source whose first creation has just timed out. */
async function timedOut(options?: TokenSourceOptions) {
    const subject = createSourceUnderTest(options);
    const outcome = watch(subject.source.getToken());
    const late = subject.last();
    jest.advanceTimersByTime(options?.creationTimeout ?? 30_000);
    await settled();
    return { ...subject, outcome, late };
}

useFakeTime();

describe('creationTimeout', () => {
    it('creationTimeout (30 s) ends the waiters with a TokenError that names the likely cause', async () => {
        const { source } = createSourceUnderTest();
        const outcomes = [watch(source.getToken()), watch(source.getToken())];
        jest.advanceTimersByTime(29_999);
        await settled();
        expect(outcomes.map((outcome) => outcome().status)).toEqual(['pending', 'pending']);
        jest.advanceTimersByTime(1);
        await settled();
        const [first, second] = outcomes.map((outcome) => outcome());
        if (first?.status !== 'rejected' || second?.status !== 'rejected') throw new Error('nobody was told');
        expect(second.reason).toBe(first.reason);
        expect(first.reason).toBeInstanceOf(TokenError);
        expect(first.reason).toMatchObject({ name: 'TokenError', code: 'timeout' });
        expect(String(first.reason)).toContain('30000');
        expect(String(first.reason)).toContain('tokenCreator: false');
    });

    it('a grant that comes late serves those who wait for the next creation, if that one fails', async () => {
        const { source, late, last, events } = await timedOut();
        const outcome = watch(source.getToken());
        await late.answer(grant('late', 3_600));
        expect(outcome().status).toBe('pending');
        await last().fail(new Error('down'));
        expect(outcome()).toMatchObject({ status: 'fulfilled', value: { value: 'late' } });
        expect(events.filter(({ type }) => type === 'failed')).toHaveLength(2);
    });

    it('a creationTimeout of its own counts', async () => {
        const { source } = createSourceUnderTest({ creationTimeout: 250 });
        const outcome = watch(source.getToken());
        jest.advanceTimersByTime(249);
        await settled();
        expect(outcome().status).toBe('pending');
        jest.advanceTimersByTime(1);
        await settled();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    });

    it('the signal fires at the creation timeout, with that error', async () => {
        const { late, outcome, source } = await timedOut();
        expect(late.context.signal.aborted).toBe(true);
        expect(outcome()).toEqual({ status: 'rejected', reason: late.context.signal.reason as unknown });
        source.getToken().catch(() => {});
    });

    it('lets a new flight start, whose own signal is not aborted', async () => {
        const { source, calls, last } = await timedOut();
        const outcome = watch(source.getToken());
        expect(calls).toHaveLength(2);
        expect(last().context.signal.aborted).toBe(false);
        await last().answer(grant('b'));
        expect(outcome()).toMatchObject({ status: 'fulfilled', value: { value: 'b' } });
    });

    it('counts from the call of the creator, for all who wait', async () => {
        const { source } = createSourceUnderTest();
        source.getToken().catch(() => {});
        jest.advanceTimersByTime(29_000);
        const follower = watch(source.getToken());
        jest.advanceTimersByTime(1_000);
        await settled();
        expect(follower()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    });

    it('Infinity switches it off, for a device flow', async () => {
        const { source, last } = createSourceUnderTest({ creationTimeout: Infinity });
        const outcome = watch(source.getToken());
        expect(jest.getTimerCount()).toBe(0);
        jest.advanceTimersByTime(3 * LONGEST_TIMER);
        await settled();
        expect(outcome().status).toBe('pending');
        await last().answer(grant('a'));
        expect(outcome()).toMatchObject({ status: 'fulfilled', value: { value: 'a' } });
    });

    it.each([LONGEST_TIMER, LONGEST_TIMER + 1, 1e15, Number.MAX_VALUE])(
        'durations are capped at 2^31 - 1: a creationTimeout of %d does not fire at once',
        async (creationTimeout) => {
            const delays = jest.spyOn(globalThis, 'setTimeout');
            const { source } = createSourceUnderTest({ creationTimeout });
            const outcome = watch(source.getToken());
            expect(delays.mock.calls.map(([, delay]) => delay)).toEqual([LONGEST_TIMER]);
            jest.advanceTimersByTime(LONGEST_TIMER - 1);
            await settled();
            expect(outcome().status).toBe('pending');
            jest.advanceTimersByTime(1);
            await settled();
            expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        },
    );
});

describe('a grant that comes after the timeout', () => {
    it('is adopted', async () => {
        const { source, calls, late } = await timedOut();
        await late.answer(grant('late', 3_600));
        expect(source.current()?.value).toBe('late');
        expect((await source.getToken()).value).toBe('late');
        expect(calls).toHaveLength(1);
    });

    it('is adopted while its successor is under way, which then replaces it', async () => {
        const { source, calls, late, last } = await timedOut();
        const second = watch(source.getToken());
        await late.answer(grant('late', 3_600));
        expect(source.current()?.value).toBe('late');
        await last().answer(grant('second', 3_600));
        expect(second()).toMatchObject({ status: 'fulfilled', value: { value: 'second' } });
        expect(source.current()?.value).toBe('second');
        expect(calls).toHaveLength(2);
    });

    it('is not adopted where a newer one is held', async () => {
        const { source, late, last, events } = await timedOut();
        const second = source.getToken();
        await last().answer(grant('second', 3_600));
        const before = events.length;
        await late.answer({ ...grant('late', 3_600), refresh_token: 'old' });
        expect(source.current()).toBe(await second);
        expect(events).toHaveLength(before);
        source.reject(await second, { status: 401 });
        source.getToken().catch(() => {});
        expect(last().context.previous).toEqual(grant('second', 3_600));
    });

    it('a rotated refresh token is not lost: that of the late grant reaches context.previous', async () => {
        const { source, clock, late, last } = await timedOut();
        await late.answer({ ...grant('late', 60), refresh_token: 'rotated' });
        clock.advance(60_000);
        source.getToken().catch(() => {});
        expect(last().context).toMatchObject({ reason: 'expired', previous: { refresh_token: 'rotated' } });
    });

    it('has the lifetime that began when its creator was called', async () => {
        const subject = createSourceUnderTest({ refreshAhead: 0 });
        subject.source.getToken().catch(() => {});
        jest.advanceTimersByTime(30_000);
        subject.clock.advance(40_000);
        await subject.last().answer(grant('late', 100));
        subject.clock.advance(49_999);
        expect(subject.source.current()?.value).toBe('late');
        subject.clock.advance(1);
        expect(subject.source.current()).toBeUndefined();
    });

    it('is adopted too when the creation was one in the background', async () => {
        const { source, clock, calls, last, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a', 3_600));
        clock.advance(3_300_000);
        source.current();
        jest.advanceTimersByTime(30_000);
        await settled();
        expect(source.current()).toBe(token);
        await calls[1]?.answer(grant('late', 7_200));
        expect(source.current()?.value).toBe('late');
        expect(last().context.reason).toBe('ahead');
    });
});

it('a failure that comes after the timeout disturbs nobody', async () => {
    const { source, calls, late, events } = await timedOut();
    const before = events.length;
    await late.fail(Object.assign(new Error('too late'), { retryAfter: 3_600_000 }));
    expect(events).toHaveLength(before);
    source.getToken().catch(() => {});
    expect(calls).toHaveLength(2);
});
