import { TokenError } from '../../src/index.js';
import { createControlledClock } from '../support/clock.js';
import { createSourceUnderTest, grant, useFakeTime, watch, type SourceUnderTest } from '../support/deferred.js';
import { has, obtainAll, of } from '../support/keyed-tokens.js';

useFakeTime();

describe('clear', () => {
    it('forgets the tokens of all parameters, and refuses to take any of them back', async () => {
        const scene = createSourceUnderTest();
        const tokens = [await scene.obtain(grant('ordinary')), ...(await obtainAll(scene, 'a', 'b'))];

        scene.source.clear();

        expect(scene.source.current()).toBeUndefined();
        expect(has(scene, 'a', 'b')).toBe('');
        expect(tokens.map((token) => scene.source.reject(token, { status: 401 }))).toEqual(tokens.map(() => undefined));
        expect(scene.events.at(-1)).toEqual({ type: 'cleared' });
        expect(scene.events.filter(({ type }) => type === 'cleared')).toHaveLength(1);
    });

    it('ends the wait of all who wait, aborts their creations, and adopts no grant of before', async () => {
        const scene = createSourceUnderTest();
        const { source, calls } = scene;
        const pending = [source.getToken(), source.getToken(of('a')), source.getToken(of('b'))].map((one) =>
            watch(one),
        );

        source.clear();
        for (const { answer } of calls) await answer(grant('of-before'));

        for (const outcome of pending)
            expect(outcome()).toEqual({ status: 'rejected', reason: expect.any(TokenError) as TokenError });
        expect(calls.map(({ context }) => context.signal.aborted)).toEqual([true, true, true]);
        expect(has(scene, 'a', 'b')).toBe('');
        expect(source.current()).toBeUndefined();
    });

    it('revokes the grants of all parameters, when it is told to, and those that come late', async () => {
        const revoked: string[] = [];
        const scene = createSourceUnderTest({
            revoke: async ({ access_token }) => {
                revoked.push(access_token);
            },
        });
        await scene.obtain(grant('ordinary'));
        await obtainAll(scene, 'a');
        const late = watch(scene.source.getToken(of('b')));

        await scene.source.clear({ revoke: true });
        expect(revoked).toEqual(['ordinary', 'a-2']);
        await scene.last().answer(grant('late'));

        expect(revoked).toEqual(['ordinary', 'a-2', 'late']);
        expect(late()).toMatchObject({ status: 'rejected' });
    });
});

/** How many refusals in a row are healed, up to 20. */
async function healed(scene: SourceUnderTest, key: string): Promise<number> {
    let count = 0;
    for (; count < 20; count += 1) {
        const [token] = await obtainAll(scene, key);
        if (!token || !scene.source.reject(token, { status: 401 })) return count;
    }
    return count;
}

describe('the budget of refusals', () => {
    it('is one for each parameters: a tenant whose every token is refused takes nothing from the others', async () => {
        const scene = createSourceUnderTest();

        expect(await healed(scene, 'hostile')).toBe(10);
        expect(await healed(scene, 'hostile')).toBe(0);

        expect(await healed(scene, 'other')).toBe(10);
        const ordinary = await scene.obtain(grant('ordinary'));
        expect(scene.source.reject(ordinary, { status: 401 })).toBeDefined();
    });

    it('comes back for each by itself, one in 5 s', async () => {
        const scene = createSourceUnderTest();
        await healed(scene, 'a');

        scene.clock.advance(5_000);

        expect(await healed(scene, 'a')).toBe(1);
    });

    it('is not filled by a clear: who clears on each 401 would hammer the authorization server', async () => {
        const scene = createSourceUnderTest();
        let all = 0;

        for (let round = 0; round < 5; round += 1) {
            all += await healed(scene, 'a');
            scene.source.clear();
        }

        expect(all).toBe(10);
    });
});

it('a failure of one tenant holds no other one back', async () => {
    const scene = createSourceUnderTest();
    const busy = Object.assign(new Error('busy'), { retryAfter: 60_000 });
    const failing = watch(scene.source.getToken(of('a')));
    await scene.last().fail(busy);
    expect(failing()).toEqual({ status: 'rejected', reason: busy });

    expect((await obtainAll(scene, 'b')).map(({ value }) => value)).toEqual(['b-2']);

    await expect(scene.source.getToken(of('a'))).rejects.toBe(busy);
    expect(scene.calls).toHaveLength(2);
});

it('a clock of its own serves all parameters', async () => {
    const clock = createControlledClock();
    const scene = createSourceUnderTest({ clock });
    const pending = scene.source.getToken(of('a'));
    await scene.last().answer(grant('a', 100));
    await pending;

    clock.advance(99_000);

    expect(scene.source.current({ key: 'a' })).toBeUndefined();
    const renewed = scene.source.getToken(of('a'));
    expect(scene.last().context).toMatchObject({
        reason: 'expired',
        previous: { access_token: 'a' },
        parameters: { key: 'a' },
    });
    await scene.last().answer(grant('a-again'));
    expect((await renewed).value).toBe('a-again');
});
