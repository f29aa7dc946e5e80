import { createTokenSource, TokenError, withRefreshToken, type TokenEvent } from '../src/index.js';
import { createSourceUnderTest, useFakeTime, grant, settled, watch } from './support/deferred.js';
import { createScriptedAdapter } from './support/scripted-adapter.js';

useFakeTime();

const types = (events: TokenEvent[]): string[] => events.map(({ type }) => type);

describe('clear() raises the epoch', () => {
    it('the token is forgotten', async () => {
        const { source, obtain } = createSourceUnderTest();
        await obtain(grant('a', 3_600));
        source.clear();
        expect(source.current()).toBeUndefined();
    });

    it('waiters reject with a TokenError of code cleared', async () => {
        const { source } = createSourceUnderTest();
        const { signal } = new AbortController();
        const outcomes = [source.getToken(), source.getToken(), source.getToken({ signal })].map(watch);
        source.clear();
        await settled();
        for (const outcome of outcomes) {
            const reason = { name: 'TokenError', code: 'cleared', message: 'the token source was cleared' };
            expect(outcome()).toMatchObject({ status: 'rejected', reason });
            expect((outcome() as { reason: unknown }).reason).toBeInstanceOf(TokenError);
        }
    });

    it('the signal of the creation fires, with the error of the waiters', async () => {
        const { source, last } = createSourceUnderTest();
        const outcome = watch(source.getToken());
        const { signal } = last().context;
        source.clear();
        await settled();
        expect(signal.aborted).toBe(true);
        expect(outcome()).toEqual({ status: 'rejected', reason: signal.reason as unknown });
    });

    it('what the creator holds from a call of its own is forgotten, even if the source never asked for it', async () => {
        const { adapter, sent } = createScriptedAdapter();
        const logIn = jest.fn(async () => ({ ...grant('a', 3_600), refresh_token: 'held' }));
        const creator = withRefreshToken(logIn, { client: { baseURL: 'https://auth.example', adapter } });
        const source = createTokenSource(creator);
        await creator();
        source.clear();
        await source.getToken();
        expect(logIn).toHaveBeenCalledTimes(2);
        expect(sent).toEqual([]);
    });

    it('a flight begun before is adopted by nobody', async () => {
        const { source, calls, last, obtain } = createSourceUnderTest();
        await obtain(grant('a', 0));
        source.getToken().catch(() => {});
        const begunBefore = last();
        source.clear();
        await begunBefore.answer({ ...grant('last-user', 3_600), refresh_token: 'last-user' });
        expect(source.current()).toBeUndefined();
        const next = watch(source.getToken());
        expect(calls).toHaveLength(3);
        expect(last().context.reason).toBe('missing');
        expect(last().context.previous).toBeUndefined();
        await last().answer(grant('next-user', 3_600));
        expect(next()).toMatchObject({ value: { value: 'next-user' } });
    });

    it('a flight begun before does not serve those who come after, not even at once', async () => {
        const { source, calls } = createSourceUnderTest();
        source.getToken().catch(() => {});
        source.clear();
        const outcome = watch(source.getToken());
        expect(calls).toHaveLength(2);
        await calls[0]?.answer(grant('old', 3_600));
        expect(outcome().status).toBe('pending');
        await calls[1]?.answer(grant('new', 3_600));
        expect(outcome()).toMatchObject({ value: { value: 'new' } });
        expect(source.current()?.value).toBe('new');
    });

    it('a flight begun before that answers after the next one does not replace its token', async () => {
        const { source, calls } = createSourceUnderTest();
        source.getToken().catch(() => {});
        source.clear();
        const next = source.getToken();
        await calls[1]?.answer(grant('new', 3_600));
        await calls[0]?.answer(grant('old', 3_600));
        expect(source.current()).toBe(await next);
        expect((await next).value).toBe('new');
    });

    it('a flight that had timed out before is adopted by nobody either', async () => {
        const { source, last, events } = createSourceUnderTest();
        source.getToken().catch(() => {});
        jest.advanceTimersByTime(30_000);
        await settled();
        const late = last();
        source.clear();
        await late.answer(grant('late', 3_600));
        expect(source.current()).toBeUndefined();
        expect(types(events)).toEqual(['creating', 'failed', 'cleared']);
    });

    it('a renewal in the background is adopted by nobody either', async () => {
        const { source, clock, last, obtain } = createSourceUnderTest();
        await obtain(grant('a', 3_600));
        clock.advance(3_300_000);
        source.current();
        source.clear();
        await last().answer(grant('b', 3_600));
        expect(source.current()).toBeUndefined();
    });

    it.each([
        ['answers', (call: ReturnType<ReturnType<typeof createSourceUnderTest>['last']>) => call.answer(grant('a'))],
        ['fails', (call: ReturnType<ReturnType<typeof createSourceUnderTest>['last']>) => call.fail(new Error('down'))],
    ])('after the cleared event nothing is told of a flight begun before that %s', async (_, end) => {
        const { source, last, events } = createSourceUnderTest();
        source.getToken().catch(() => {});
        const begunBefore = last();
        source.clear();
        await end(begunBefore);
        expect(types(events)).toEqual(['creating', 'cleared']);
    });

    it('what is still to be answered when clear is called in the same turn is dropped', async () => {
        const { source, last } = createSourceUnderTest();
        const outcome = watch(source.getToken());
        const answered = last().answer(grant('a', 3_600));
        source.clear();
        await answered;
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
        expect(source.current()).toBeUndefined();
    });
});

describe('clear() at unusual moments', () => {
    it('of a source that holds nothing tells so, and disturbs nobody', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        source.clear();
        source.clear();
        expect(types(events)).toEqual(['cleared', 'cleared']);
        expect((await obtain(grant('a'))).value).toBe('a');
    });

    it.each([1, 3])('by %d who hear that it was cleared ends: it is told once', (listeners) => {
        const { source, events } = createSourceUnderTest();
        let calls = 0;
        for (let i = 0; i < listeners; i++) {
            source.subscribe(({ type }) => {
                if (type === 'cleared' && ++calls <= 100) source.clear();
            });
        }
        source.clear();
        expect(types(events)).toEqual(['cleared']);
        expect(calls).toBe(listeners);
        source.clear();
        expect(types(events)).toEqual(['cleared', 'cleared']);
        expect(calls).toBe(2 * listeners);
    });

    it('by who hears that it was cleared, again, leaves a source that works', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        let calls = 0;
        source.subscribe(({ type }) => {
            if (type === 'cleared' && ++calls <= 100) source.clear();
        });
        const outcome = watch(source.getToken());
        source.clear();
        await settled();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
        expect((await obtain(grant('a', 3_600))).value).toBe('a');
        source.clear();
        expect(source.current()).toBeUndefined();
        expect(types(events)).toEqual(['creating', 'cleared', 'creating', 'created', 'cleared']);
    });

    it('by the creator itself ends those who wait for it', async () => {
        const source = createTokenSource((context) => {
            context?.source?.clear();
            return Promise.resolve(grant('a', 3_600));
        });
        await expect(source.getToken()).rejects.toMatchObject({ code: 'cleared' });
        await settled();
        expect(source.current()).toBeUndefined();
        expect(jest.getTimerCount()).toBe(0);
    });

    it('by who hears that a creation begins ends those who wait for it', async () => {
        const { source, events, calls } = createSourceUnderTest();
        const stop = source.subscribe(({ type }) => {
            if (type === 'creating') source.clear();
        });
        const outcome = watch(source.getToken());
        stop();
        await settled();
        expect(calls).toHaveLength(0);
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
        expect(source.current()).toBeUndefined();
        expect(types(events)).toEqual(['creating', 'cleared']);
    });

    it('by who hears that a token was created lets nobody have that token', async () => {
        const { source, last } = createSourceUnderTest();
        source.subscribe(({ type }) => {
            if (type === 'created') source.clear();
        });
        const outcome = watch(source.getToken());
        await last().answer(grant('a', 3_600));
        expect(source.current()).toBeUndefined();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
    });

    it('by who hears that a token was refused makes the refusal the answer', async () => {
        const { source, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a', 3_600));
        source.subscribe(({ type }) => {
            if (type === 'rejected') source.clear();
        });
        expect(source.reject(token, { status: 401 })).toBeUndefined();
    });

    it('by who hears that a creation failed is no obstacle to the next one', async () => {
        const { source, last, obtain, events } = createSourceUnderTest();
        const stop = source.subscribe(({ type }) => {
            if (type === 'failed') source.clear();
        });
        const error = new Error('down');
        const outcome = watch(source.getToken());
        await last().fail(error);
        stop();
        expect(outcome()).toEqual({ status: 'rejected', reason: error });
        expect((await obtain(grant('b'))).value).toBe('b');
        expect(types(events)).toEqual(['creating', 'failed', 'cleared', 'creating', 'created']);
    });

    it('between a refusal and its replay lets the replay tell how it went', async () => {
        const { source, obtain } = createSourceUnderTest();
        const replay = source.reject(await obtain(grant('a')), { status: 401 });
        source.clear();
        expect(() => replay?.succeeded()).not.toThrow();
        expect(source.current()).toBeUndefined();
    });
});
