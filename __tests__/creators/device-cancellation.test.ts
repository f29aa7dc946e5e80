import { createDeviceTokenCreator, createTokenSource, type TokenCreator } from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { authorization, granted, pass, pending, slowDown, startDevice } from '../support/device-under-test.js';
import { createScriptedAdapter } from '../support/scripted-adapter.js';
import { failOnUnhandledRejections } from '../support/servers.js';

useFakeTime();
failOnUnhandledRejections();

const reason = new Error('the user went away');

describe('the signal of the context', () => {
    test('ends the wait between two polls, with its reason', async () => {
        const { abort, outcome, sent, signals } = await startDevice([pending]);
        await pass(7_000);
        abort.abort(reason);
        await settled();

        expect(outcome()).toEqual({ status: 'rejected', reason });
        expect(signals[0]?.aborted).toBe(true);
        await pass(600_000);
        expect(sent).toHaveLength(2);
    });

    test('ends a poll that is out, and calls it off', async () => {
        const { abort, outcome, sent, scripted } = await startDevice([undefined]);
        await pass(5_000);
        expect(sent).toHaveLength(2);
        abort.abort(reason);
        await settled();

        expect(outcome()).toEqual({ status: 'rejected', reason });
        expect(scripted.aborted).toBe(1);
        await pass(600_000);
        expect(sent).toHaveLength(2);
    });

    test('ends the request for a code, and calls it off', async () => {
        const scripted = createScriptedAdapter();
        scripted.answer(undefined);
        const shown: unknown[] = [];
        const creator = deviceCreator(scripted.adapter, (given) => shown.push(given));
        const abort = new AbortController();
        const outcome = watch(creator({ reason: 'missing', signal: abort.signal }));
        await settled();
        abort.abort(reason);
        await settled();

        expect(outcome()).toEqual({ status: 'rejected', reason });
        expect(scripted.aborted).toBe(1);
        expect(shown).toEqual([]);
    });

    test('that fired before lets nothing be sent', async () => {
        const scripted = createScriptedAdapter();
        const creator = deviceCreator(scripted.adapter);

        await expect(creator({ reason: 'missing', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(scripted.sent).toHaveLength(0);
    });

    test('ends it while the user is still being told', async () => {
        const { abort, outcome, signals } = await startDevice([granted], { onUserCode: () => new Promise(() => {}) });
        abort.abort(reason);
        await settled();

        expect(outcome()).toEqual({ status: 'rejected', reason });
        expect(signals[0]?.aborted).toBe(true);
    });

    test('leaves no timer behind', async () => {
        const { abort } = await startDevice([pending]);
        await pass(7_000);
        abort.abort(reason);
        await settled();

        expect(jest.getTimerCount()).toBe(0);
    });
});

const dialogUntil = (_: unknown, signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

test('hears by its signal when the code was used', async () => {
    const { signals, outcome } = await startDevice([pending, granted]);
    await pass(5_000);
    expect(signals[0]?.aborted).toBe(false);
    await pass(5_000);

    expect(outcome().status).toBe('fulfilled');
    expect(signals[0]?.aborted).toBe(true);
});

describe('what tells the user', () => {
    test('may show the code for as long as it is of use: that holds nothing up', async () => {
        const { outcome } = await startDevice([pending, granted], { onUserCode: dialogUntil });
        await pass(20_000);

        expect(outcome().status).toBe('fulfilled');
    });

    test('that shows the code for ever is no reason to go on when the code is too old', async () => {
        const { outcome } = await startDevice([pending], { onUserCode: dialogUntil, answer: { expires_in: 12 } });
        await pass(60_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    });

    test.each([
        [
            'throws',
            () => {
                throw reason;
            },
        ],
        ['rejects', () => Promise.reject(reason)],
    ])('and %s ends it, with that error', async (_, onUserCode) => {
        const { outcome, sent, signals } = await startDevice([granted], { onUserCode });
        await pass(60_000);

        expect(outcome()).toEqual({ status: 'rejected', reason });
        expect(signals[0]?.aborted).toBe(true);
        expect(sent).toHaveLength(1);
    });
});

function deviceCreator(
    adapter: ReturnType<typeof createScriptedAdapter>['adapter'],
    onUserCode: (shown: unknown) => unknown = () => undefined,
) {
    return createDeviceTokenCreator(
        { onUserCode },
        {
            client: { baseURL: 'https://as.example', adapter },
            clientId: 'a-device',
            deviceAuthorizationEndpoint: '/device_authorization',
        },
    );
}

const start = (answers: Parameters<ReturnType<typeof createScriptedAdapter>['answer']>) => {
    const scripted = createScriptedAdapter();
    scripted.answer({ body: authorization }, ...answers);
    const signals: AbortSignal[] = [];
    const creator: TokenCreator = createDeviceTokenCreator(
        { onUserCode: (_, signal) => signals.push(signal) },
        {
            client: { baseURL: 'https://as.example', adapter: scripted.adapter },
            clientId: 'a-device',
            deviceAuthorizationEndpoint: '/device_authorization',
        },
    );
    return { scripted, signals, creator };
};

describe('a source of a device creator', () => {
    test('ends it when it is cleared', async () => {
        const { scripted, signals, creator } = start([pending]);
        const source = createTokenSource(creator, { creationTimeout: Infinity });
        const outcome = watch(source.getToken());
        await settled();
        await pass(7_000);
        source.clear();
        await settled();

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenError', code: 'cleared' } });
        expect(signals[0]?.aborted).toBe(true);
        await pass(600_000);
        expect(scripted.sent).toHaveLength(2);
    });

    test('that is cleared while a poll is out calls that off', async () => {
        const { scripted, creator } = start([undefined]);
        const source = createTokenSource(creator, { creationTimeout: Infinity });
        const outcome = watch(source.getToken());
        await settled();
        await pass(5_000);
        source.clear();
        await settled();

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'cleared' } });
        expect(scripted.aborted).toBe(1);
    });

    test('waits as long as the code is good, with a creation timeout of Infinity', async () => {
        const { creator } = start([...Array.from({ length: 60 }, () => pending), granted]);
        const outcome = watch(createTokenSource(creator, { creationTimeout: Infinity }).getToken());
        await settled();
        await pass(299_000);
        expect(outcome().status).toBe('pending');
        await pass(10_000);

        expect(outcome()).toMatchObject({ status: 'fulfilled', value: { value: 'a-token' } });
    });

    test('asks one user once, however many requests wait', async () => {
        const { signals, creator } = start([pending, slowDown, granted]);
        const source = createTokenSource(creator, { creationTimeout: Infinity });
        const outcomes = [watch(source.getToken()), watch(source.getToken()), watch(source.getToken())];
        await settled();
        await pass(20_000);

        expect(outcomes.map((outcome) => outcome().status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
        expect(signals).toHaveLength(1);
    });

    test('ends its waiters after its creation timeout otherwise, and stops polling', async () => {
        const { scripted, signals, creator } = start([pending]);
        const outcome = watch(createTokenSource(creator).getToken());
        await settled();
        await pass(30_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenError', code: 'timeout' } });
        expect(signals[0]?.aborted).toBe(true);
        const polls = scripted.sent.length;
        await pass(60_000);
        expect(scripted.sent).toHaveLength(polls);
    });
});
