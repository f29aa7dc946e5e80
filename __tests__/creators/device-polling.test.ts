import { useFakeTime } from '../support/deferred.js';
import { GRANT_TYPE, granted, pass, pending, refusal, slowDown, startDevice } from '../support/device-under-test.js';
import { noConnection } from '../support/scripted-adapter.js';

useFakeTime();

const seconds = (...counts: number[]) => counts.map((count) => count * 1_000);

describe('polling', () => {
    test('sends the device code with the grant type and the client, and ends with the token', async () => {
        const { sent, outcome } = await startDevice([pending, granted], { options: { scope: 'read' } });
        await pass(5_000);

        expect(sent[1]).toMatchObject({ method: 'POST', url: 'https://as.example/token' });
        expect(Object.fromEntries(sent[1]?.form ?? [])).toEqual({
            grant_type: GRANT_TYPE,
            device_code: 'canary-device-code',
            client_id: 'a-device',
        });
        expect(outcome().status).toBe('pending');

        await pass(5_000);
        expect(outcome()).toEqual({
            status: 'fulfilled',
            value: { access_token: 'a-token', token_type: 'Bearer', expires_in: 60 },
        });
        await pass(60_000);
        expect(sent).toHaveLength(3);
    });

    test('begins one interval after the answer, and not before', async () => {
        const { sent } = await startDevice([pending], { answer: { interval: 7 } });
        await pass(6_999);
        expect(sent).toHaveLength(1);
        await pass(1);
        expect(sent).toHaveLength(2);
    });

    test.each([
        [undefined, 5],
        [null, 5],
        [0, 5],
        [-3, 5],
        ['soon', 5],
        [1, 1],
        ['7', 7],
        [2.5, 2.5],
    ])('at an interval of %p waits %d s before each', async (interval, expected) => {
        const { polls } = await startDevice([pending], { answer: { interval } });
        await pass(expected * 3_000);

        expect(polls()).toEqual(seconds(expected, expected * 2, expected * 3));
    });

    test('waits 5 s more after each slow_down, for all polls to come', async () => {
        const { polls } = await startDevice([pending, slowDown, pending, slowDown, pending, pending]);
        await pass(85_000);

        expect(polls()).toEqual(seconds(5, 10, 20, 30, 45, 60, 75));
    });

    test('goes on at the same pace while the user has not decided', async () => {
        const { polls, outcome } = await startDevice([pending]);
        await pass(50_000);

        expect(polls()).toEqual(seconds(5, 10, 15, 20, 25, 30, 35, 40, 45, 50));
        expect(outcome().status).toBe('pending');
    });

    test.each([
        ['access_denied', 400],
        ['expired_token', 400],
        ['invalid_grant', 400],
        ['invalid_client', 401],
        ['unauthorized_client', 400],
        ['something_new', 400],
        ['no_such_thing', 404],
        ['server_says', 418],
    ])('ends with %s, and is not taken up again', async (error, status) => {
        const { outcome, sent, signals } = await startDevice([pending, refusal(error, status), granted]);
        await pass(10_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenEndpointError', error, status } });
        expect(signals[0]?.aborted).toBe(true);
        await pass(600_000);
        expect(sent).toHaveLength(3);
    });

    test('knows authorization_pending whatever its status', async () => {
        const { outcome } = await startDevice([
            refusal('authorization_pending', 200),
            refusal('authorization_pending', 403),
            refusal('authorization_pending', 428),
            granted,
        ]);
        await pass(20_000);

        expect(outcome()).toMatchObject({ status: 'fulfilled' });
    });

    test.each([
        ['a connection that fails', noConnection()],
        ['500', { status: 500, body: '<h1>oops</h1>' }],
        ['503 with an error', refusal('temporarily_unavailable', 503)],
        ['429', { status: 429, body: {} }],
    ])('asks less often after %s, and goes on', async (_, failure) => {
        const { polls, outcome } = await startDevice([failure, failure, pending, granted]);
        await pass(75_000);

        const [first = 0, second = 0, third = 0, fourth = 0] = polls();
        expect(first).toBe(5_000);
        expect(second - first).toBeGreaterThanOrEqual(10_000);
        expect(third - second).toBeGreaterThanOrEqual(20_000);
        expect(fourth).toBeGreaterThan(third);
        expect(outcome()).toMatchObject({ status: 'fulfilled' });
    });

    test('asks less often after an answer that does not come in time', async () => {
        const { polls, outcome, scripted } = await startDevice([undefined, pending, granted], {
            options: {},
        });
        await pass(5_000 + 30_000);
        expect(scripted.aborted).toBe(1);
        await pass(30_000);

        const [first = 0, second = 0] = polls();
        expect(second - (first + 30_000)).toBeGreaterThanOrEqual(10_000);
        expect(outcome()).toMatchObject({ status: 'fulfilled' });
    });

    test('backs off to a minute at most', async () => {
        const { polls } = await startDevice([noConnection()]);
        await pass(590_000);

        const gaps = polls().map((at, index) => at - (polls()[index - 1] ?? 0));
        expect(gaps).toEqual(seconds(5, 10, 20, 40, 60, 60, 60, 60, 60, 60, 60, 60));
    });

    test('keeps to Retry-After', async () => {
        const { polls } = await startDevice([refusal('busy', 503, { 'retry-after': '100' }), pending]);
        await pass(110_000);

        expect(polls()[1]).toBe(105_000);
    });

    test('keeps to Retry-After once, and then to its own pace', async () => {
        const { polls } = await startDevice([refusal('busy', 503, { 'retry-after': '100' }), pending]);
        await pass(180_000);

        const [, second = 0, third = 0] = polls();
        expect(third).toBeGreaterThan(second);
        expect(third - second).toBeLessThanOrEqual(60_000);
    });

    test('ends when the code is too old, without a poll that is in vain', async () => {
        const { outcome, polls, signals } = await startDevice([pending], { answer: { expires_in: 12 } });
        await pass(12_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenError', code: 'timeout' } });
        expect(polls()).toEqual(seconds(5, 10));
        expect(signals[0]?.aborted).toBe(true);
    });

    test('counts the age of the code from the answer that brought it, however long it takes to show it', async () => {
        let enter!: () => void;
        const onUserCode = () => new Promise<void>((resolve) => (enter = resolve));
        const { outcome, polls } = await startDevice([pending], { answer: { expires_in: 12 }, onUserCode });
        await pass(9_000);
        enter();
        await pass(60_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        expect(polls()).toEqual(seconds(5, 10));
    });

    test('with an interval beyond the age of the code ends at once', async () => {
        const { outcome, sent } = await startDevice([pending], { answer: { expires_in: 3 } });
        await pass(0);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        expect(sent).toHaveLength(1);
    });

    test('ends with an answer that is no grant', async () => {
        const { outcome } = await startDevice([{ body: { token_type: 'Bearer' } }]);
        await pass(5_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenResponseError' } });
    });
});
