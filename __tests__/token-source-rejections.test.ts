import type { AccessToken, TokenSource } from '../src/index.js';
import { createSourceUnderTest, fixRandom, grant, watch, type SourceUnderTest } from './support/deferred.js';

const REFUSAL = { status: 401 };

let serial = 0;

/** The current token, or a new one. */
async function takeToken({ source, last }: SourceUnderTest, expires_in?: number): Promise<AccessToken> {
    const current = source.current();
    if (current) return current;
    const pending = source.getToken();
    await last().answer(grant(`token-${++serial}`, expires_in));
    return pending;
}

type Verdict = ReturnType<TokenSource['reject']>;

/** Lets the resource server refuse a new token, again and again; returns what the source said. */
async function refuseTimes(subject: SourceUnderTest, times: number): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    for (let i = 0; i < times; i++) verdicts.push(subject.source.reject(await takeToken(subject), REFUSAL));
    return verdicts;
}

/** How many re-creations the budget allows from now on; spends them. */
async function allowed(subject: SourceUnderTest): Promise<number> {
    return (await refuseTimes(subject, 12)).filter(Boolean).length;
}

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

describe('a rejected token', () => {
    it('is never handed out again; the next creation is for that reason', async () => {
        const subject = createSourceUnderTest();
        const { source, calls, last } = subject;
        const token = await takeToken(subject, 3_600);
        expect(source.reject(token, REFUSAL)).toBeDefined();
        expect(source.current()).toBeUndefined();
        expect(calls).toHaveLength(1);
        const next = source.getToken();
        expect(last().context.reason).toBe('rejected');
        await last().answer(grant('next', 3_600));
        expect((await next).value).toBe('next');
        expect(source.current()?.value).toBe('next');
    });

    it('all whose requests were refused share one re-creation', async () => {
        const subject = createSourceUnderTest();
        const { source, calls, last } = subject;
        const token = await takeToken(subject, 3_600);
        const waiting = Array.from({ length: 100 }, () => {
            expect(source.reject(token, REFUSAL)).toBeDefined();
            return source.getToken();
        });
        await last().answer(grant('next', 3_600));
        expect(new Set(await Promise.all(waiting))).toEqual(new Set([source.current()]));
        expect(calls).toHaveLength(2);
    });

    it('one that is being renewed in the background anyway waits for that, and costs nothing', async () => {
        const subject = createSourceUnderTest();
        const { source, clock, calls, last } = subject;
        const token = await takeToken(subject, 3_600);
        clock.advance(3_300_000);
        source.current();
        expect(source.reject(token, REFUSAL)).toBeDefined();
        expect(source.current()).toBeUndefined();
        const next = source.getToken();
        expect(calls).toHaveLength(2);
        await last().answer(grant('ahead'));
        expect((await next).value).toBe('ahead');
        expect(await allowed(subject)).toBe(10);
    });

    it('one that has become stale in the meantime is rejected all the same', async () => {
        const subject = createSourceUnderTest();
        const { source, clock, last } = subject;
        const token = await takeToken(subject, 60);
        clock.advance(60_000);
        expect(source.reject(token, REFUSAL)).toBeDefined();
        source.getToken().catch(() => {});
        expect(last().context.reason).toBe('rejected');
    });
});

describe('rejections are budgeted', () => {
    it('a re-creation caused by a 401 takes one of 10', async () => {
        const subject = createSourceUnderTest();
        const verdicts = await refuseTimes(subject, 12);
        expect(verdicts.map(Boolean)).toEqual([...Array<boolean>(10).fill(true), false, false]);
        expect(subject.calls).toHaveLength(11);
    });

    it('when the budget is empty the 401 is the answer and the token stays current', async () => {
        const subject = createSourceUnderTest();
        await refuseTimes(subject, 10);
        const token = await takeToken(subject);
        const { length } = subject.calls;
        expect(subject.source.reject(token, REFUSAL)).toBeUndefined();
        expect(subject.source.current()).toBe(token);
        expect(await subject.source.getToken()).toBe(token);
        expect(subject.calls).toHaveLength(length);
    });

    it('one comes back every 5 s', async () => {
        const subject = createSourceUnderTest();
        await refuseTimes(subject, 10);
        subject.clock.advance(4_999);
        expect(await allowed(subject)).toBe(0);
        subject.clock.advance(1);
        expect(await allowed(subject)).toBe(1);
        subject.clock.advance(12_500);
        expect(await allowed(subject)).toBe(2);
        subject.clock.advance(2_500);
        expect(await allowed(subject)).toBe(1);
    });

    it('there are never more than 10', async () => {
        const subject = createSourceUnderTest();
        subject.clock.advance(3_600_000);
        expect(await allowed(subject)).toBe(10);
        subject.clock.advance(3_600_000);
        expect(await allowed(subject)).toBe(10);
    });

    it('a replay that helped gives it back', async () => {
        const subject = createSourceUnderTest();
        for (let i = 0; i < 50; i++) (await refuseTimes(subject, 1))[0]?.succeeded();
        expect(subject.calls).toHaveLength(50);
        expect(await allowed(subject)).toBe(10);
    });

    it('a replay that helped gives it back only once', async () => {
        const subject = createSourceUnderTest();
        const [first] = await refuseTimes(subject, 10);
        first?.succeeded();
        first?.succeeded();
        first?.succeeded();
        expect(await allowed(subject)).toBe(1);
    });

    it('all the replays of one re-creation give back one', async () => {
        const subject = createSourceUnderTest();
        await refuseTimes(subject, 9);
        const token = await takeToken(subject);
        const replays = Array.from({ length: 5 }, () => subject.source.reject(token, REFUSAL));
        for (const replay of replays.slice(1)) replay?.succeeded(); // whichever of them it is that helps
        expect(await allowed(subject)).toBe(1);
    });

    it('a replay that helped late never makes it more than 10', async () => {
        const subject = createSourceUnderTest();
        const replays = await refuseTimes(subject, 5);
        subject.clock.advance(60_000);
        for (const replay of replays) replay?.succeeded();
        expect(await allowed(subject)).toBe(10);
    });

    it('an endpoint that says 401 to every token cannot hammer the authorization server', async () => {
        const subject = createSourceUnderTest();
        for (let i = 0; i < 1_000; i++) {
            await refuseTimes(subject, 1);
            subject.clock.advance(100);
        }
        // 100 s: the first token, the budget, and one every 5 s
        expect(subject.calls.length).toBeLessThanOrEqual(1 + 10 + 20);
        expect(subject.calls.length).toBeGreaterThanOrEqual(1 + 10 + 19);
    });

    it('a real revocation is healed at once, or within 5 s after such an endpoint', async () => {
        const subject = createSourceUnderTest();
        expect((await refuseTimes(subject, 1))[0]).toBeDefined();
        await refuseTimes(subject, 20);
        const revoked = await takeToken(subject);
        expect(subject.source.reject(revoked, REFUSAL)).toBeUndefined();
        subject.clock.advance(5_000);
        expect(subject.source.reject(revoked, REFUSAL)).toBeDefined();
        expect((await takeToken(subject)).value).not.toBe(revoked.value);
    });

    it('each source has a budget of its own', async () => {
        await refuseTimes(createSourceUnderTest(), 12);
        expect(await allowed(createSourceUnderTest())).toBe(10);
    });
});

describe('stragglers cost nothing', () => {
    it('a 401 for a token already replaced costs no creator call', async () => {
        const subject = createSourceUnderTest();
        const { source, calls } = subject;
        const old = await takeToken(subject);
        source.reject(old, REFUSAL);
        const current = await takeToken(subject);
        for (let i = 0; i < 100; i++) expect(source.reject(old, REFUSAL)).toBeDefined();
        expect(source.current()).toBe(current);
        expect(calls).toHaveLength(2);
        expect(await allowed(subject)).toBe(9);
    });

    it('a 401 for a token that was renewed ahead of its expiry costs no creator call', async () => {
        const subject = createSourceUnderTest();
        const { source, clock, calls, last } = subject;
        const old = await takeToken(subject, 3_600);
        clock.advance(3_300_000);
        source.current();
        await last().answer(grant('ahead'));
        for (let i = 0; i < 100; i++) expect(source.reject(old, REFUSAL)).toBeDefined();
        expect(source.current()?.value).toBe('ahead');
        expect(calls).toHaveLength(2);
        expect(await allowed(subject)).toBe(10);
    });

    it('many 401s for one token take one of the budget', async () => {
        const subject = createSourceUnderTest();
        const token = await takeToken(subject);
        for (let i = 0; i < 100; i++) expect(subject.source.reject(token, REFUSAL)).toBeDefined();
        expect(await allowed(subject)).toBe(9);
    });

    it('a 401 for a token already replaced, while the next one is refused too, joins its re-creation', async () => {
        const subject = createSourceUnderTest();
        const { source, clock, calls, last } = subject;
        const first = await takeToken(subject, 3_600);
        clock.advance(3_300_000);
        source.current();
        await last().answer(grant('second', 3_600));
        const second = source.current();
        if (!second) throw new Error('not adopted');
        expect(source.reject(second, REFUSAL)).toBeDefined();
        const outcome = watch(source.getToken());
        expect(source.reject(first, REFUSAL)).toBeDefined();
        source.getToken().catch(() => {});
        expect(calls).toHaveLength(3);
        await last().answer(grant('third'));
        expect(outcome()).toMatchObject({ value: { value: 'third' } });
        expect(await allowed(subject)).toBe(9);
    });

    it('a 401 for a token already replaced, before anybody asked for the re-creation of the next, costs nothing', async () => {
        const subject = createSourceUnderTest();
        const { source, clock, last } = subject;
        const first = await takeToken(subject, 3_600);
        clock.advance(3_300_000);
        source.current();
        await last().answer(grant('second', 3_600));
        const second = source.current();
        if (!second) throw new Error('not adopted');
        expect(source.reject(second, REFUSAL)).toBeDefined();
        expect(source.reject(first, REFUSAL)).toBeDefined();
        await takeToken(subject);
        expect(await allowed(subject)).toBe(9);
    });
});

describe('a token that is not of this source', () => {
    it('of another source: undefined', async () => {
        const subject = createSourceUnderTest();
        const token = await takeToken(subject);
        const foreign = await takeToken(createSourceUnderTest());
        const before = subject.events.length;
        expect(subject.source.reject(foreign, REFUSAL)).toBeUndefined();
        expect(subject.source.current()).toBe(token);
        expect(subject.events).toHaveLength(before);
        expect(await allowed(subject)).toBe(10);
    });

    it('that only looks like the current one: undefined', async () => {
        const subject = createSourceUnderTest();
        const token = await takeToken(subject);
        const forged: AccessToken = { value: token.value, type: token.type, grant: token.grant };
        expect(subject.source.reject(forged, REFUSAL)).toBeUndefined();
        expect(subject.source.current()).toBe(token);
    });

    it('of an earlier epoch: undefined, so that a straggler does not log the user in again', async () => {
        const subject = createSourceUnderTest();
        const { source, calls, events } = subject;
        const rejectedBefore = await takeToken(subject);
        source.reject(rejectedBefore, REFUSAL);
        const held = await takeToken(subject);
        source.clear();
        const before = events.length;
        expect(source.reject(held, REFUSAL)).toBeUndefined();
        expect(source.reject(rejectedBefore, REFUSAL)).toBeUndefined();
        expect(events).toHaveLength(before);
        expect(calls).toHaveLength(2);
        const current = await takeToken(subject);
        expect(source.reject(held, REFUSAL)).toBeUndefined();
        expect(source.current()).toBe(current);
    });
});
