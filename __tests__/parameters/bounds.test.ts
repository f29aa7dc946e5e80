import { createTokenSource, type AccessToken, type TokenEvent } from '../../src/index.js';
import { createSourceUnderTest, grant, settled, useFakeTime, watch } from '../support/deferred.js';
import { has, obtainAll, of } from '../support/keyed-tokens.js';
import { expectTypeError } from '../support/type-error.js';

useFakeTime();

describe('maxTokens', () => {
    it('forgets the one that was used longest ago', async () => {
        const scene = createSourceUnderTest({ maxTokens: 3 });

        await obtainAll(scene, 'a', 'b', 'c', 'a', 'd');

        expect(has(scene, 'a', 'b', 'c', 'd')).toBe('a c d');
    });

    it('current counts as use', async () => {
        const scene = createSourceUnderTest({ maxTokens: 2 });
        await obtainAll(scene, 'a', 'b');

        scene.source.current({ key: 'a' });
        await obtainAll(scene, 'c');

        expect(has(scene, 'a', 'b', 'c')).toBe('a c');
    });

    it('one that was forgotten is created anew when it is wanted', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });

        const tokens = await obtainAll(scene, 'a', 'b', 'a');

        expect(tokens.map(({ value }) => value)).toEqual(['a-1', 'b-2', 'a-3']);
        expect(scene.calls.map(({ context }) => context.reason)).toEqual(['missing', 'missing', 'missing']);
    });

    it('leaves the ordinary token out: it is never forgotten', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const ordinary = await scene.obtain(grant('ordinary'));

        await obtainAll(scene, 'a', 'b', 'c');

        expect(scene.source.current()).toBe(ordinary);
    });

    it('never forgets one in flight: who asks for it again joins', async () => {
        const { source, calls } = createSourceUnderTest({ maxTokens: 1 });
        const keys = ['a', 'b', 'c', 'd'];

        const first = keys.map((key) => source.getToken(of(key)));
        const second = keys.map((key) => source.getToken(of(key)));
        for (const { context, answer } of calls) await answer(grant(context.parameters?.key ?? ''));

        expect(calls).toHaveLength(4);
        expect((await Promise.all(first)).map(({ value }) => value)).toEqual(keys);
        expect(await Promise.all(second)).toEqual(await Promise.all(first));
    });

    it('forgets those that are too many as soon as they are no longer in flight and another is wanted', async () => {
        const scene = createSourceUnderTest({ maxTokens: 2 });
        const pending = ['a', 'b', 'c', 'd'].map((key) => scene.source.getToken(of(key)));
        for (const { context, answer } of scene.calls) await answer(grant(context.parameters?.key ?? ''));
        await Promise.all(pending);

        await obtainAll(scene, 'e');

        expect(has(scene, 'a', 'b', 'c', 'd', 'e')).toBe('d e');
    });

    it('never forgets one that is renewed in the background', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const pending = scene.source.getToken(of('a'));
        await scene.last().answer(grant('a', 100));
        const token = await pending;
        scene.clock.advance(85_000);

        expect(scene.source.current({ key: 'a' })).toBe(token);
        expect(scene.last().context.reason).toBe('ahead');
        await obtainAll(scene, 'b');

        expect(scene.source.current({ key: 'a' })).toBe(token);
        expect(scene.calls).toHaveLength(3);
    });

    it('never forgets one whose answer is late: it is adopted', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1, creationTimeout: 1_000 });
        const pending = watch(scene.source.getToken(of('a')));
        const late = scene.last();
        jest.advanceTimersByTime(1_000);
        await settled();
        expect(pending()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });

        await obtainAll(scene, 'b');
        await late.answer(grant('late'));

        expect(scene.source.current({ key: 'a' })?.value).toBe('late');
    });

    it('one whose creation failed makes room', async () => {
        const scene = createSourceUnderTest({ maxTokens: 2 });
        const failing = watch(scene.source.getToken(of('a')));
        await scene.last().fail(new Error('down'));
        expect(failing()).toMatchObject({ status: 'rejected' });

        await obtainAll(scene, 'b', 'c');

        expect(has(scene, 'b', 'c')).toBe('b c');
    });

    it('never forgets one whose creation a listener is just being told of', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const { source, calls } = scene;
        const others: Promise<AccessToken>[] = [];
        source.subscribe((event) => {
            const { type, parameters } = event as TokenEvent & { parameters?: { key?: string } };
            if (type === 'creating' && parameters?.key === 'a' && others.length === 0)
                others.push(source.getToken(of('b')));
        });

        const first = source.getToken(of('a'));
        const second = source.getToken(of('a'));

        const flights = calls.filter(({ context }) => context.parameters?.key === 'a');
        for (const { context, answer } of calls) await answer(grant(context.parameters?.key ?? ''));
        await Promise.all([first, second, ...others]);
        expect(flights).toHaveLength(1);
    });

    it('clear reaches one whose creation a listener was just being told of', async () => {
        const { source, calls } = createSourceUnderTest({ maxTokens: 1 });
        source.subscribe(({ type, ...event }) => {
            if (type === 'creating' && 'parameters' in event && event.parameters?.key === 'a')
                source.getToken(of('b')).catch(() => {});
        });
        const pending = watch(source.getToken(of('a')));

        source.clear();
        for (const { context, answer } of calls) await answer(grant(context.parameters?.key ?? ''));

        expect(pending()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
    });

    it.each([0, -1, 1.5, NaN, Infinity, '10', null])('%p is a TypeError', (maxTokens) => {
        expectTypeError(
            () => createTokenSource(async () => grant('a'), { maxTokens: maxTokens as number }),
            'options.maxTokens must be a whole number, at least 1',
        );
    });

    it('is 1,000 by default', async () => {
        const source = createTokenSource(async (context) => grant(context?.parameters?.key ?? ''));
        for (let i = 0; i <= 1_000; i += 1) await source.getToken(of(`${i}`));

        expect(source.current({ key: '0' })).toBeUndefined();
        expect(source.current({ key: '1' })?.value).toBe('1');
        expect(source.current({ key: '1000' })?.value).toBe('1000');
    });
});

describe('a refusal of a token that was forgotten', () => {
    it('is healed, and costs one creation however many requests meet it', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const [token] = await obtainAll(scene, 'a', 'b');
        if (!token) throw new Error('no token');

        const replays = Array.from({ length: 5 }, () => scene.source.reject(token, { status: 401 }));
        expect(replays.every(Boolean)).toBe(true);
        const pending = replays.map(() => scene.source.getToken(of('a')));
        await scene.last().answer(grant('a-again'));

        expect((await Promise.all(pending)).map(({ value }) => value)).toEqual(Array(5).fill('a-again'));
        expect(scene.calls).toHaveLength(3);
    });

    it('takes nothing from the one that came after it', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const [old, , fresh] = await obtainAll(scene, 'a', 'b', 'a');
        if (!old) throw new Error('no token');

        const replay = scene.source.reject(old, { status: 401 });

        expect(replay).toBeDefined();
        expect(await scene.source.getToken(of('a'))).toBe(fresh);
        expect(scene.calls).toHaveLength(3);
    });

    it('counts for as long as room is kept for that token: nothing grows with the number of parameters', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const refuse = async (key: string): Promise<unknown> => {
            const [token] = await obtainAll(scene, key);
            return token && scene.source.reject(token, { status: 401 });
        };
        for (let i = 0; i < 10; i += 1) expect(await refuse('a')).toBeDefined();
        expect(await refuse('a')).toBeUndefined();

        await obtainAll(scene, 'b');

        expect(await refuse('a')).toBeDefined();
    });

    it('is the answer after a clear', async () => {
        const scene = createSourceUnderTest({ maxTokens: 1 });
        const [token] = await obtainAll(scene, 'a', 'b');
        if (!token) throw new Error('no token');

        scene.source.clear();

        expect(scene.source.reject(token, { status: 401 })).toBeUndefined();
    });
});
