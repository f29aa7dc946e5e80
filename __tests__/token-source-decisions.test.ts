import type { AccessToken } from '../src/index.js';
import {
    createSourceUnderTest,
    useFakeTime,
    grant,
    settled,
    watch,
    type Outcome,
    type SourceUnderTest,
} from './support/deferred.js';

type Freshness = 'fresh' | 'aging' | 'stale' | 'empty';
type Situation = 'no flight' | 'a flight' | 'held back by backoff';

interface Arranged extends SourceUnderTest {
    /** Why the source holds back, where it does. */
    readonly lastError: unknown;
}

const AGING = 3_300_000;
const STALE = 3_590_000;

const lastError = Object.assign(new Error('not now'), { retryAfter: 600_000 });

/** A fresh token while another is being created: the grant of a creation that timed out came late. */
async function arrangeFresh(subject: SourceUnderTest, situation: Situation): Promise<void> {
    if (situation === 'no flight') return void (await subject.obtain(grant('held', 3_600)));
    const { source, last } = subject;
    source.getToken().catch(() => {});
    const late = last();
    jest.advanceTimersByTime(30_000);
    source.getToken().catch(() => {});
    await late.answer(grant('held', 3_600));
    if (situation === 'held back by backoff') await last().fail(lastError);
}

async function arrangeHeld(subject: SourceUnderTest, age: number, situation: Situation): Promise<void> {
    const { source, clock, last, obtain } = subject;
    await obtain(grant('held', 3_600));
    if (situation === 'no flight') return clock.advance(age);
    clock.advance(AGING);
    source.current();
    if (situation === 'held back by backoff') await last().fail(lastError);
    clock.advance(age - AGING);
}

async function arrangeEmpty({ source, last }: SourceUnderTest, situation: Situation): Promise<void> {
    if (situation === 'no flight') return;
    source.getToken().catch(() => {});
    if (situation === 'held back by backoff') await last().fail(lastError);
}

async function arrange(freshness: Freshness, situation: Situation): Promise<Arranged> {
    const subject = createSourceUnderTest();
    if (freshness === 'fresh') await arrangeFresh(subject, situation);
    else if (freshness === 'empty') await arrangeEmpty(subject, situation);
    else await arrangeHeld(subject, freshness === 'aging' ? AGING : STALE, situation);
    return { ...subject, lastError };
}

const valueOf = (outcome: Outcome): unknown =>
    outcome.status === 'fulfilled' ? (outcome.value as AccessToken).value : outcome.status;

/** What `getToken` did, in the words of the table. */
async function decisionOf({ source, calls, last }: Arranged): Promise<string> {
    const before = calls.length;
    const outcome = watch(source.getToken());
    await settled();
    const started = calls.length - before;
    const decided = outcome();
    if (decided.status === 'fulfilled') {
        const background = started === 0 ? '' : ` + ${started} in the background (${last().context.reason})`;
        return (valueOf(decided) === 'held' ? 'serve' : 'serve another') + background;
    }
    if (decided.status === 'rejected') {
        const which = decided.reason === lastError ? 'last error' : 'another error';
        return started === 0 ? `${which} at once` : `${which} after ${started} creations`;
    }
    await last().answer(grant('created', 3_600));
    if (valueOf(outcome()) !== 'created') return 'wait in vain';
    return started === 0 ? 'join' : started === 1 ? 'create' : `create ${started}`;
}

const TABLE: [Freshness, Situation, string, 'serve' | 'serve + background' | 'nothing'][] = [
    ['fresh', 'no flight', 'serve', 'serve'],
    ['fresh', 'a flight', 'serve', 'serve'],
    ['fresh', 'held back by backoff', 'serve', 'serve'],
    ['aging', 'no flight', 'serve + 1 in the background (ahead)', 'serve + background'],
    ['aging', 'a flight', 'serve', 'serve'],
    ['aging', 'held back by backoff', 'serve', 'serve'],
    ['stale', 'no flight', 'create', 'nothing'],
    ['stale', 'a flight', 'join', 'nothing'],
    ['stale', 'held back by backoff', 'last error at once', 'nothing'],
    ['empty', 'no flight', 'create', 'nothing'],
    ['empty', 'a flight', 'join', 'nothing'],
    ['empty', 'held back by backoff', 'last error at once', 'nothing'],
];

useFakeTime();

describe('what getToken does', () => {
    it.each(TABLE)('%s, with %s: %s', async (freshness, situation, decision) => {
        expect(await decisionOf(await arrange(freshness, situation))).toBe(decision);
    });
});

describe('what current does', () => {
    it.each(TABLE)('%s, with %s (getToken: %s): %s', async (freshness, situation, _, decision) => {
        const { source, calls } = await arrange(freshness, situation);
        const before = calls.length;
        const token = source.current();
        const started = calls.length - before;
        expect(token?.value).toBe(decision === 'nothing' ? undefined : 'held');
        expect(started).toBe(decision === 'serve + background' ? 1 : 0);
    });
});

describe('why a token is wanted', () => {
    it('missing: there is none yet, and nothing to build on', async () => {
        const { source, last } = createSourceUnderTest();
        const pending = source.getToken();
        expect(last().context.reason).toBe('missing');
        expect(last().context.previous).toBeUndefined();
        expect(last().context.challenges).toBeUndefined();
        await last().answer(grant('a'));
        await pending;
    });

    it('expired: the last one is stale; it comes along', async () => {
        const { last, source, calls } = await arrange('stale', 'no flight');
        const pending = source.getToken();
        expect(calls).toHaveLength(2);
        expect(last().context.reason).toBe('expired');
        expect(last().context.previous).toEqual(grant('held', 3_600));
        await last().answer(grant('a'));
        await pending;
    });

    it('what comes along is the last grant, not an earlier one', async () => {
        const { last, source, obtain } = createSourceUnderTest();
        for (const name of ['first', 'second', 'third']) await obtain(grant(name, 0));
        source.getToken().catch(() => {});
        expect(last().context.previous).toEqual(grant('third', 0));
    });

    it('ahead: in the background, before expiry; the last one comes along', async () => {
        const { last, source } = await arrange('aging', 'no flight');
        source.current();
        expect(last().context.reason).toBe('ahead');
        expect(last().context.previous).toEqual(grant('held', 3_600));
    });

    it('rejected: with the challenges of the refusal', async () => {
        const { source, last, obtain } = createSourceUnderTest();
        const token = await obtain({ ...grant('a'), refresh_token: 'r' });
        const challenges = [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }];
        source.reject(token, { status: 401, challenges });
        source.getToken().catch(() => {});
        expect(last().context.reason).toBe('rejected');
        expect(last().context.previous).toEqual({ ...grant('a'), refresh_token: 'r' });
        expect(last().context.challenges).toEqual(challenges);
    });

    it('a creation for a refused token that fails is tried again for the same reason', async () => {
        const { source, last, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a'));
        const challenges = [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }];
        source.reject(token, { status: 401, challenges });
        const failed = watch(source.getToken());
        await last().fail(new Error('down'));
        expect(failed()).toMatchObject({ status: 'rejected' });
        source.getToken().catch(() => {});
        expect(last().context.reason).toBe('rejected');
        expect(last().context.challenges).toEqual(challenges);
        await last().answer(grant('b', 0));
        source.getToken().catch(() => {});
        expect(last().context.reason).toBe('expired');
        expect(last().context.challenges).toBeUndefined();
    });

    it('the context tells the creator of its source and of the end of the wait', async () => {
        const { source, last, events } = createSourceUnderTest();
        source.getToken().catch(() => {});
        const { source: seen, signal } = last().context;
        expect(signal).toBeInstanceOf(AbortSignal);
        expect(signal.aborted).toBe(false);
        const heard: string[] = [];
        seen?.subscribe(({ type }) => heard.push(type));
        seen?.clear();
        await settled();
        expect(heard).toEqual(['cleared']);
        expect(events.map(({ type }) => type)).toEqual(['creating', 'cleared']);
    });
});

describe('no timers hold a token warm', () => {
    it('an idle source creates nothing, however long it idles', async () => {
        const { clock, calls, obtain } = createSourceUnderTest();
        await obtain(grant('a', 60));
        clock.advance(24 * 3_600_000);
        await jest.advanceTimersByTimeAsync(24 * 3_600_000);
        expect(calls).toHaveLength(1);
    });

    it('a token of 30 days sets no timer', async () => {
        const { obtain } = createSourceUnderTest();
        await obtain(grant('a', 30 * 24 * 3_600));
        expect(jest.getTimerCount()).toBe(0);
    });

    it('a source leaves no timer behind after a success, a failure, a background failure or clear', async () => {
        const { source, clock, last, obtain } = createSourceUnderTest();
        source.getToken().catch(() => {});
        expect(jest.getTimerCount()).toBe(1);
        await last().fail(new Error('down'));
        expect(jest.getTimerCount()).toBe(0);
        await obtain(grant('a', 3_600));
        expect(jest.getTimerCount()).toBe(0);
        clock.advance(AGING);
        source.current();
        expect(jest.getTimerCount()).toBe(1);
        await last().fail(new Error('down'));
        expect(jest.getTimerCount()).toBe(0);
        clock.advance(STALE);
        source.getToken().catch(() => {});
        expect(jest.getTimerCount()).toBe(1);
        source.clear();
        expect(jest.getTimerCount()).toBe(0);
    });
});
