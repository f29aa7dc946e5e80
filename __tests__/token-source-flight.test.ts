import { createTokenSource, type TokenSourceOptions } from '../src/index.js';
import { createSourceUnderTest, useFakeTime, grant, settled, watch } from './support/deferred.js';

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

describe('one flight per source', () => {
    it('creates nothing before it is asked', async () => {
        const { calls, source } = createSourceUnderTest();
        await settled();
        expect(calls).toHaveLength(0);
        expect(source.current()).toBeUndefined();
        expect(calls).toHaveLength(0);
    });

    it('10,000 getToken calls share one creation', async () => {
        const { source, calls, last } = createSourceUnderTest();
        const waiting = Array.from({ length: 10_000 }, () => source.getToken());
        expect(calls).toHaveLength(1);
        await last().answer(grant('a', 3_600));
        const tokens = await Promise.all(waiting);
        expect(new Set(tokens)).toEqual(new Set([source.current()]));
        expect(calls).toHaveLength(1);
    });

    it('followers share it at whatever moment they come, until it ends', async () => {
        const { source, calls, last } = createSourceUnderTest();
        const first = source.getToken();
        await settled();
        const second = source.getToken();
        const answered = last().answer(grant('a', 0));
        const third = source.getToken();
        await answered;
        expect(new Set(await Promise.all([first, second, third])).size).toBe(1);
        expect(calls).toHaveLength(1);
        source.getToken().catch(() => {});
        expect(calls).toHaveLength(2);
    });

    it('two sources of one creator share nothing', async () => {
        const { creator, calls, source } = createSourceUnderTest();
        const other = createTokenSource(creator);
        const tokens = [source.getToken(), other.getToken()];
        expect(calls).toHaveLength(2);
        await calls[0]?.answer(grant('a'));
        await calls[1]?.answer(grant('b'));
        expect((await Promise.all(tokens)).map(({ value }) => value)).toEqual(['a', 'b']);
    });

    it('cleared by identity: a flight that ends late leaves its successor alone', async () => {
        const { source, calls, late, last } = await timedOut();
        const second = watch(source.getToken());
        expect(calls).toHaveLength(2);
        await late.fail(new Error('too late'));
        const third = watch(source.getToken());
        expect(calls).toHaveLength(2);
        await last().answer(grant('b', 3_600));
        expect([second(), third()]).toMatchObject([{ value: { value: 'b' } }, { value: { value: 'b' } }]);
    });
});

describe('the signal of getToken', () => {
    it('ends the wait of that caller alone', async () => {
        const { source, calls, last } = createSourceUnderTest();
        const leaving = new AbortController();
        const left = watch(source.getToken({ signal: leaving.signal }));
        const staying = [watch(source.getToken()), watch(source.getToken({ signal: new AbortController().signal }))];
        const reason = new Error('enough');
        leaving.abort(reason);
        await settled();
        expect(left()).toEqual({ status: 'rejected', reason });
        expect(staying.map((outcome) => outcome().status)).toEqual(['pending', 'pending']);
        expect(last().context.signal.aborted).toBe(false);
        await last().answer(grant('a'));
        expect(staying.map((outcome) => outcome())).toMatchObject([
            { value: { value: 'a' } },
            { value: { value: 'a' } },
        ]);
        expect(calls).toHaveLength(1);
    });

    it('a flight that everybody left goes on, and its token is kept', async () => {
        const { source, calls, last } = createSourceUnderTest();
        const leaving = new AbortController();
        const left = watch(source.getToken({ signal: leaving.signal }));
        leaving.abort();
        await last().answer(grant('a'));
        expect(left()).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
        expect(source.current()?.value).toBe('a');
        expect(calls).toHaveLength(1);
    });

    it('a caller whose signal is aborted already starts nothing', async () => {
        const { source, calls } = createSourceUnderTest();
        const reason = new Error('before');
        await expect(source.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(calls).toHaveLength(0);
    });

    it('a caller whose signal does not tell why it fired, as in React Native, gets an AbortError', async () => {
        const { source, calls } = createSourceUnderTest();
        const outcome = watch(source.getToken({ signal: { aborted: true } as AbortSignal }));
        await settled();
        const reason = { name: 'AbortError', message: 'this was aborted' };
        expect(outcome()).toMatchObject({ status: 'rejected', reason });
        expect(calls).toHaveLength(0);
    });

    it('a caller whose signal is aborted already gets no token, even where one is held', async () => {
        const { source, obtain } = createSourceUnderTest();
        await obtain(grant('a'));
        const reason = new Error('before');
        await expect(source.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it('a caller whose signal is aborted already leaves no unhandled rejection where creations are held back', async () => {
        const { source, last } = createSourceUnderTest();
        source.getToken().catch(() => {});
        await last().fail(Object.assign(new Error('down'), { retryAfter: 60_000 }));
        const reason = new Error('before');
        await expect(source.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        await settled();
    });

    it('is let go when the wait ends, however it ends', async () => {
        const { source, last } = createSourceUnderTest();
        const { signal } = new AbortController();
        const added = jest.spyOn(signal, 'addEventListener');
        const removed = jest.spyOn(signal, 'removeEventListener');
        const served = source.getToken({ signal });
        await last().answer(grant('a', 0));
        await served;
        const refused = watch(source.getToken({ signal }));
        await last().fail(new Error('down'));
        expect(refused()).toMatchObject({ status: 'rejected' });
        expect(added).toHaveBeenCalledTimes(2);
        expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
            added.mock.calls.map(([, listener]) => listener),
        );
    });
});
