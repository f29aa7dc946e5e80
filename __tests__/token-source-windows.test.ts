import type { TokenSourceOptions } from '../src/index.js';
import { START } from './support/clock.js';
import { createSourceUnderTest, fixRandom, grant, type SourceUnderTest } from './support/deferred.js';

const MINUTE = 60_000;
const HOUR = 3_600;
const NEARLY_ONE = 1 - Number.EPSILON;

/** What a source makes of its token right now, told by what it does. */
function freshnessOf({ source, calls }: SourceUnderTest): 'fresh' | 'aging' | 'stale' {
    const before = calls.length;
    if (!source.current()) return 'stale';
    return calls.length > before ? 'aging' : 'fresh';
}

/** The freshness of a token of that lifetime (seconds) at those ages (milliseconds). */
async function freshnessAt(ages: number[], expires_in?: number, options?: TokenSourceOptions): Promise<string[]> {
    const seen: string[] = [];
    for (const age of ages) {
        const subject = createSourceUnderTest(options);
        await subject.obtain(grant('a', expires_in));
        subject.clock.advance(age);
        seen.push(freshnessOf(subject));
    }
    return seen;
}

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

describe('the clock', () => {
    it('the lifetime starts when the creator is called', async () => {
        const subject = createSourceUnderTest();
        const pending = subject.source.getToken();
        subject.clock.advance(40_000);
        await subject.last().answer(grant('a', 100));
        expect((await pending).expiresAt).toBe(START + 100_000);
        subject.clock.advance(49_999);
        expect(subject.source.current()).toBeDefined();
        subject.clock.advance(1);
        expect(subject.source.current()).toBeUndefined();
    });

    it('elapsed time = max(wall, monotonic): both clocks go on together', async () => {
        expect(await freshnessAt([0, 53_999, 54_000], 60, { refreshAhead: 0 })).toEqual(['fresh', 'fresh', 'stale']);
    });

    it('elapsed time = max(wall, monotonic): the monotonic clock stops while a laptop sleeps', async () => {
        const { source, clock, obtain } = createSourceUnderTest({ refreshAhead: 0 });
        await obtain(grant('a', 60));
        clock.sleep(53_999);
        expect(source.current()?.value).toBe('a');
        clock.sleep(1);
        expect(source.current()).toBeUndefined();
    });

    it('elapsed time = max(wall, monotonic): the wall clock can be set back', async () => {
        const { source, clock, obtain } = createSourceUnderTest({ refreshAhead: 0 });
        await obtain(grant('a', 60));
        clock.setWall(-24 * 60 * MINUTE);
        clock.advance(53_999);
        expect(source.current()?.value).toBe('a');
        clock.advance(1);
        expect(source.current()).toBeUndefined();
    });

    it('a wall clock that was set back during the creation moves expiresAt, not the lifetime', async () => {
        const { source, clock, last } = createSourceUnderTest({ refreshAhead: 0 });
        const pending = source.getToken();
        clock.advance(5_000);
        clock.setWall(-60 * MINUTE);
        await last().answer(grant('a', 60));
        expect((await pending).expiresAt).toBe(START - 60 * MINUTE + 60_000);
        clock.advance(48_999);
        expect(source.current()?.value).toBe('a');
        clock.advance(1);
        expect(source.current()).toBeUndefined();
    });

    it('the clock is injected: the real time plays no part', async () => {
        jest.spyOn(Date, 'now').mockReturnValue(0);
        jest.spyOn(performance, 'now').mockReturnValue(1e12);
        expect(await freshnessAt([0, 53_999, 54_000], 60, { refreshAhead: 0 })).toEqual(['fresh', 'fresh', 'stale']);
    });

    it('without a clock of its own a source reads the clocks of the system', async () => {
        const wall = jest.spyOn(Date, 'now').mockReturnValue(START);
        const { source, obtain } = createSourceUnderTest({ clock: undefined, refreshAhead: 0 });
        const { expiresAt = 0 } = await obtain(grant('a', HOUR));
        // The monotonic clock goes on meanwhile.
        expect(Math.abs(expiresAt - START - 3_600_000)).toBeLessThan(1_000);
        wall.mockReturnValue(START + 3_590_000);
        expect(source.current()).toBeUndefined();
        wall.mockReturnValue(START);
        expect(source.current()).toBeDefined();
        const sinceThen = performance.now() + 3_590_000;
        jest.spyOn(performance, 'now').mockReturnValue(sinceThen);
        expect(source.current()).toBeUndefined();
    });
});

describe('the windows', () => {
    it.each([
        ['an hour: 10 s', HOUR, {}, 3_590_000],
        ['100 s: 10 s', 100, {}, 90_000],
        ['a minute: a tenth', 60, {}, 54_000],
        ['a second: a tenth', 1, {}, 900],
        ['half a second: a tenth', 0.5, {}, 450],
        ['30 days: 10 s', 30 * 24 * HOUR, {}, 30 * 24 * 3_600_000 - 10_000],
        ['an hour, expiryLeeway 0: none', HOUR, { expiryLeeway: 0 }, 3_600_000],
        ['an hour, expiryLeeway 1 min: 1 min', HOUR, { expiryLeeway: MINUTE }, 3_540_000],
        ['an hour, expiryLeeway 1 h: a tenth', HOUR, { expiryLeeway: 60 * MINUTE }, 3_240_000],
        ['an hour, expiryLeeway Infinity: a tenth', HOUR, { expiryLeeway: Infinity }, 3_240_000],
    ])('stale from expires_in - min(expiryLeeway = 10 s, L/10): %s', async (_, expires_in, options, staleFrom) => {
        const seen = await freshnessAt([staleFrom - 0.5, staleFrom], expires_in, { refreshAhead: 0, ...options });
        expect(seen).toEqual(['fresh', 'stale']);
    });

    it.each([
        ['an hour: 300 s', HOUR, {}, 3_300_000],
        ['1500 s: 300 s', 1_500, {}, 1_200_000],
        ['a minute: a fifth', 60, {}, 48_000],
        ['a second: a fifth', 1, {}, 800],
        ['30 days: 300 s', 30 * 24 * HOUR, {}, 30 * 24 * 3_600_000 - 300_000],
        ['an hour, refreshAhead 1 min: 1 min', HOUR, { refreshAhead: MINUTE }, 3_540_000],
        ['an hour, refreshAhead 1 h: a fifth', HOUR, { refreshAhead: 60 * MINUTE }, 2_880_000],
        ['an hour, refreshAhead Infinity: a fifth', HOUR, { refreshAhead: Infinity }, 2_880_000],
    ])('aging from expires_in - min(refreshAhead = 300 s, L/5): %s', async (_, expires_in, options, agingFrom) => {
        expect(await freshnessAt([agingFrom - 0.5, agingFrom], expires_in, options)).toEqual(['fresh', 'aging']);
    });

    it('a lead longer than the lifetime does not make every request create a token', async () => {
        const { source, calls, obtain } = createSourceUnderTest({ refreshAhead: HOUR * 1_000, expiryLeeway: MINUTE });
        await obtain(grant('a', 20));
        for (let i = 0; i < 100; i++) expect((await source.getToken()).value).toBe('a');
        expect(calls).toHaveLength(1);
    });

    it('the jitter moves aging earlier, by at most 10% of that window', async () => {
        fixRandom(NEARLY_ONE);
        expect(await freshnessAt([3_269_999, 3_270_001], HOUR)).toEqual(['fresh', 'aging']);
        expect(await freshnessAt([46_799, 46_801], 60)).toEqual(['fresh', 'aging']);
        fixRandom(0.5);
        expect(await freshnessAt([3_284_999, 3_285_001], HOUR)).toEqual(['fresh', 'aging']);
        fixRandom(0);
        expect(await freshnessAt([3_299_999, 3_300_000], HOUR)).toEqual(['fresh', 'aging']);
    });

    it('the jitter leaves stale where it is', async () => {
        fixRandom(NEARLY_ONE);
        expect(await freshnessAt([3_589_999, 3_590_000], HOUR)).toEqual(['aging', 'stale']);
    });

    it('the jitter is drawn once per token, not per request', async () => {
        const random = fixRandom(0);
        const subject = createSourceUnderTest();
        await subject.obtain(grant('a', HOUR));
        random.mockReturnValue(NEARLY_ONE);
        subject.clock.advance(3_299_999);
        for (let i = 0; i < 100; i++) expect(freshnessOf(subject)).toBe('fresh');
        subject.clock.advance(1);
        expect(freshnessOf(subject)).toBe('aging');

        await subject.last().answer(grant('b', HOUR)); // drew nearly 1 when it came
        random.mockReturnValue(0);
        subject.clock.advance(3_270_001);
        expect(freshnessOf(subject)).toBe('aging');
    });

    it('no expires_in: the token lives until it is rejected', async () => {
        const { source, clock, calls, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a'));
        expect(token.expiresAt).toBeUndefined();
        clock.advance(100 * 365 * 24 * 3_600_000);
        expect(await source.getToken()).toBe(token);
        expect(calls).toHaveLength(1);
        source.reject(token, { status: 401 });
        expect(source.current()).toBeUndefined();
    });

    it.each([0, -1, -3_600])('expires_in <= 0: it serves those who waited for it, once (%d)', async (expires_in) => {
        const { source, calls, last } = createSourceUnderTest();
        const waiting = [source.getToken(), source.getToken(), source.getToken()];
        await last().answer(grant('a', expires_in));
        expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual(['a', 'a', 'a']);
        expect(source.current()).toBeUndefined();

        const next = source.getToken();
        expect(calls).toHaveLength(2);
        expect(last().context.reason).toBe('expired');
        await last().answer(grant('b', expires_in));
        expect((await next).value).toBe('b');
    });

    it('a creation that took longer than the token lives serves those who waited for it, once', async () => {
        const { source, clock, calls, last } = createSourceUnderTest();
        const waiting = [source.getToken(), source.getToken()];
        clock.advance(20_000);
        await last().answer(grant('a', 10));
        expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual(['a', 'a']);
        expect(source.current()).toBeUndefined();
        expect(calls).toHaveLength(1);
    });

    it('an expires_in that is a numeric string counts as seconds', async () => {
        const { source, clock, obtain } = createSourceUnderTest({ refreshAhead: 0 });
        const token = await obtain({ access_token: 'a', token_type: 'Bearer', expires_in: '60' as unknown as number });
        expect(token.expiresAt).toBe(START + 60_000);
        clock.advance(54_000);
        expect(source.current()).toBeUndefined();
    });

    it('an expires_in that cannot be read counts as absent', async () => {
        const { source, clock, obtain } = createSourceUnderTest();
        const token = await obtain({
            access_token: 'a',
            token_type: 'Bearer',
            expires_in: 'soon' as unknown as number,
        });
        expect(token.expiresAt).toBeUndefined();
        clock.advance(365 * 24 * 3_600_000);
        expect(source.current()).toBe(token);
    });
});
