import { createTokenSource, withRefreshToken, type TokenParameters } from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { contextFor, createLoggedIn, createRefreshing, grantWith, refused, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';

useFakeTime();
failOnUnhandledRejections();

describe('a family of refresh tokens', () => {
    test('has one refresh under way, whatever the parameters, and each sends the newest', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes, logIns } = refreshing;
        const asked: (TokenParameters | undefined)[] = [
            undefined,
            { scope: 'read' },
            { resource: 'https://api.example' },
            { audience: 'invoices' },
        ];
        const pending = asked.map((parameters) => creator(contextFor(parameters)));
        await settled();

        for (const number of [1, 2, 3, 4]) {
            expect(sentBy(refreshing)).toEqual(['r1', 'r2', 'r3', 'r4'].slice(0, number));
            await refreshes.at(-1)?.answer(grantWith(`r${number + 1}`));
        }
        expect(await Promise.all(pending)).toMatchObject(
            ['r2', 'r3', 'r4', 'r5'].map((refresh_token) => ({ refresh_token })),
        );
        expect(refreshes.map(({ context }) => context?.parameters)).toEqual(asked);
        expect(logIns).toHaveLength(1);
    });

    test('has one refresh for all who want the same, in whatever words and through whatever source', async () => {
        const { creator, refreshes } = await createLoggedIn();
        const [one, other] = [createTokenSource(creator), createTokenSource(creator)];
        const pending = [
            one.getToken({ parameters: { scope: 'read write' } }),
            other.getToken({ parameters: { scope: 'write read' } }),
            creator(contextFor({ scope: 'read write read' })),
        ];
        await settled();

        expect(refreshes).toHaveLength(1);
        await refreshes[0]?.answer(grantWith('r2'));
        expect(await Promise.all<unknown>(pending)).toHaveLength(3);
        expect(refreshes).toHaveLength(1);
        one.clear();
        other.clear();
    });

    test('lets who comes after a failure send the same again, and who comes after a refusal log in', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes, logIns } = refreshing;
        const outcomes = [undefined, { scope: 'a' }, { scope: 'b' }].map((wanted) =>
            watch(creator(contextFor(wanted))),
        );
        await settled();
        await refreshes[0]?.fail(new Error('cut'));
        await refreshes[1]?.answer(grantWith('r2'));
        expect(outcomes.map((outcome) => outcome().status)).toEqual(['rejected', 'fulfilled', 'pending']);
        await refreshes[2]?.fail(refused());

        expect(sentBy(refreshing)).toEqual(['r1', 'r1', 'r2']);
        expect(logIns.map(({ context }) => context?.parameters)).toEqual([undefined, { scope: 'b' }]);
    });

    test('is left by who no longer waits for it, without a request', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes, logIns } = refreshing;
        const abort = new AbortController();
        const first = creator(contextFor());
        const second = watch(creator(contextFor({ scope: 'a' }, { signal: abort.signal })));
        await settled();
        const reason = new Error('gone');
        abort.abort(reason);
        await refreshes[0]?.answer(grantWith('r2'));
        await first;

        expect(second()).toEqual({ status: 'rejected', reason });
        expect(sentBy(refreshing)).toEqual(['r1']);
        expect(logIns).toHaveLength(1);
    });

    test('is not in the way of the next one when a refresh throws at once, or gives garbage', async () => {
        const answers: (() => unknown)[] = [
            () => grantWith('r2'),
            () => {
                throw new Error('at once');
            },
            () => undefined,
            () => 'garbage',
            () => grantWith('r3'),
        ];
        const creator = withRefreshToken(async () => grantWith('r1'), { refresh: () => answers.shift()?.() as never });
        await creator();

        expect(await creator()).toMatchObject({ refresh_token: 'r2' });
        await expect(creator()).rejects.toThrow('at once');
        await expect(creator()).rejects.toMatchObject({ code: 'response' });
        await expect(creator()).rejects.toMatchObject({ code: 'response' });
        expect(await creator()).toMatchObject({ refresh_token: 'r3' });
    });
});

describe('a key', () => {
    test('has a family of its own: another key neither waits for it nor gets its token', async () => {
        const { creator, refreshes, logIns } = createRefreshing();
        for (const key of ['jane', 'joe']) {
            const pending = creator(contextFor({ key }));
            await settled();
            await logIns.at(-1)?.answer(grantWith(`${key}-1`));
            await pending;
        }
        const pending = ['jane', 'joe'].map((key) => creator(contextFor({ key })));
        await settled();

        expect(refreshes.map(({ refreshToken, context }) => [refreshToken, context?.parameters?.key])).toEqual([
            ['jane-1', 'jane'],
            ['joe-1', 'joe'],
        ]);
        await refreshes[1]?.answer(grantWith('joe-2'));
        await refreshes[0]?.answer(grantWith('jane-2'));
        expect(await Promise.all(pending)).toMatchObject([{ refresh_token: 'jane-2' }, { refresh_token: 'joe-2' }]);
    });

    test('has one refresh at a time for all of its scopes', async () => {
        const refreshing = createRefreshing();
        const { creator, refreshes, logIns } = refreshing;
        const first = creator(contextFor({ key: 'jane' }));
        await settled();
        await logIns[0]?.answer(grantWith('j1'));
        await first;
        const pending = ['a', 'b'].map((scope) => creator(contextFor({ key: 'jane', scope })));
        await settled();

        expect(sentBy(refreshing)).toEqual(['j1']);
        await refreshes[0]?.answer(grantWith('j2'));
        expect(sentBy(refreshing)).toEqual(['j1', 'j2']);
        await refreshes[1]?.answer(grantWith('j3'));
        await Promise.all(pending);
    });

    test('does not use the session of who has none, nor the other way round', async () => {
        const refreshing = await createLoggedIn();
        const { creator, logIns } = refreshing;
        const pending = creator(contextFor({ key: 'jane' }));
        await settled();

        expect(sentBy(refreshing)).toEqual([]);
        expect(logIns[1]?.context?.parameters).toEqual({ key: 'jane' });
        await logIns[1]?.answer(grantWith('j1'));
        await pending;
    });

    test('loses nothing when another one is refused', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes, logIns } = refreshing;
        const jane = creator(contextFor({ key: 'jane' }));
        await settled();
        await logIns[1]?.answer(grantWith('j1'));
        await jane;
        const pending = creator(contextFor({ key: 'jane' }));
        await settled();
        await refreshes[0]?.fail(refused());
        await logIns[2]?.answer(grantWith('j2'));
        await pending;
        const nobody = creator(contextFor());
        await settled();
        await refreshes[1]?.answer(grantWith('r2'));
        await nobody;

        expect(sentBy(refreshing)).toEqual(['j1', 'r1']);
    });
});

/** The scope `admin` was refused, and has the refresh token `a1` of its own since. */
async function openApart() {
    const refreshing = await createLoggedIn();
    const { creator, refreshes, logIns } = refreshing;
    const pending = creator(contextFor({ scope: 'admin' }));
    await settled();
    await refreshes[0]?.fail(refused(400, 'invalid_scope'));
    await logIns[1]?.answer(grantWith('a1'));
    await pending;
    return refreshing;
}

describe('parameters that the server refuses to refresh for', () => {
    test('get a grant of their own, and cost the family nothing', async () => {
        const refreshing = await openApart();
        const pending = refreshing.creator(contextFor());
        await settled();
        await refreshing.refreshes[1]?.answer(grantWith('r2'));

        expect(await pending).toMatchObject({ refresh_token: 'r2' });
        expect(sentBy(refreshing)).toEqual(['r1', 'r1']);
        expect(refreshing.logIns[1]?.context?.parameters).toEqual({ scope: 'admin' });
    });

    test('have a family of their own from then on, which nobody else uses', async () => {
        const refreshing = await openApart();
        const { creator, refreshes, logIns } = refreshing;
        const pending = [{ scope: 'admin' }, undefined, { scope: 'read' }].map((wanted) => creator(contextFor(wanted)));
        await settled();
        expect(sentBy(refreshing)).toEqual(['r1', 'a1', 'r1']);
        await refreshes[1]?.answer(grantWith('a2'));
        await refreshes[2]?.answer(grantWith('r2'));
        await refreshes[3]?.answer(grantWith('r3'));
        await Promise.all(pending);

        expect(sentBy(refreshing)).toEqual(['r1', 'a1', 'r1', 'r2']);
        expect(logIns).toHaveLength(2);
    });

    test('are created anew when that family is refused, without a try of the other one', async () => {
        const refreshing = await openApart();
        const { creator, refreshes, logIns } = refreshing;
        const pending = creator(contextFor({ scope: 'admin' }));
        await settled();
        await refreshes[1]?.fail(refused());
        await logIns[2]?.answer(grantWith('b1'));

        expect(await pending).toMatchObject({ refresh_token: 'b1' });
        expect(sentBy(refreshing)).toEqual(['r1', 'a1']);
    });

    test('wait for a log-in that is under way, and refresh with what it brings', async () => {
        const refreshing = createRefreshing();
        const { creator, refreshes, logIns } = refreshing;
        const pending = [undefined, { scope: 'a' }].map((wanted) => creator(contextFor(wanted)));
        await settled();
        expect(logIns).toHaveLength(1);
        await logIns[0]?.answer(grantWith('r1'));
        await refreshes[0]?.answer(grantWith('r2'));
        await Promise.all(pending);

        expect(sentBy(refreshing)).toEqual(['r1']);
        expect(logIns).toHaveLength(1);
    });
});

describe('one creation for two sources', () => {
    test('ends for none of them because the other one, which began it, was cleared or timed out', async () => {
        const { creator, logIns } = createRefreshing();
        const [impatient, patient] = [
            createTokenSource(creator, { creationTimeout: 1_000 }),
            createTokenSource(creator, { creationTimeout: 60_000 }),
        ];
        const first = watch(impatient.getToken());
        const second = watch(patient.getToken());
        await settled();
        // As every creator does that obeys its signal.
        logIns[0]?.context?.signal.addEventListener('abort', () => void logIns[0]?.fail(new Error('aborted')));
        jest.advanceTimersByTime(1_000);
        await settled();
        await logIns[1]?.answer(grantWith('r1'));

        expect(first()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        expect(second()).not.toMatchObject({ status: 'rejected' });
        patient.clear();
    });
});
