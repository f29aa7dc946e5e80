import {
    createTokenSource,
    createUserTokenCreator,
    withRefreshToken,
    type TokenCreator,
    type TokenSource,
} from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { contextFor, createLoggedIn, grantWith, refused, sentBy } from '../support/refreshing.js';
import {
    failOnUnhandledRejections,
    failureOf,
    sendJson,
    until,
    useServers,
    type Exchange,
} from '../support/servers.js';

failOnUnhandledRejections();

/** Answers a log-in at once; refreshes wait for the test. */
function useServerUnderTest() {
    const start = useServers();
    return async (adapter: string) => {
        const refreshes: Exchange[] = [];
        const grantTypes: (string | null)[] = [];
        const server = await start((exchange) => {
            const form = new URLSearchParams(exchange.received.body.toString());
            grantTypes.push(form.get('grant_type'));
            if (form.get('grant_type') === 'refresh_token') refreshes.push(exchange);
            else sendJson(exchange, 200, grantWith('r1', { expires_in: 0 }));
        });
        const user = { name: 'admin', password: 'start123' };
        const creator = createUserTokenCreator(user, { client: { baseURL: server.url, adapter } });
        const sent = () =>
            refreshes.map(({ received }) => new URLSearchParams(received.body.toString()).get('refresh_token'));
        const answer = (index: number, refreshToken: string) =>
            sendJson(refreshes[index] as Exchange, 200, grantWith(refreshToken));
        return { creator, refreshes, grantTypes, sent, answer };
    };
}

describe.each(['http', 'fetch'])('a refresh on the wire, over the %s adapter', (adapter) => {
    const start = useServerUnderTest();
    const sources: TokenSource[] = [];

    afterEach(() => {
        for (const source of sources.splice(0)) source.clear();
    });

    const open = (creator: TokenCreator, creationTimeout = 30_000) => {
        const source = createTokenSource(creator, { creationTimeout });
        sources.push(source);
        return source;
    };

    test('is not cut by the creation timeout, and its late grant is the token', async () => {
        const { creator, refreshes, sent, answer } = await start(adapter);
        await creator();
        const source = open(creator, 100);
        await expect(source.getToken()).rejects.toMatchObject({ code: 'timeout' });

        expect(sent()).toEqual(['r1']);
        answer(0, 'r2');
        expect(await refreshes[0]?.received.isCut).toBe(false);
        await until(() => source.current() !== undefined);
        expect(source.current()?.value).toBe('access-of-r2');
    });

    test('is not overtaken by who comes after the creation timeout: that one sends the newest', async () => {
        const { creator, refreshes, sent, answer } = await start(adapter);
        await creator();
        const source = open(creator, 100);
        await expect(source.getToken()).rejects.toMatchObject({ code: 'timeout' });
        await expect(source.getToken()).rejects.toMatchObject({ code: 'timeout' });
        const third = source.getToken();
        expect(sent()).toEqual(['r1']);
        answer(0, 'r2');
        await until(() => refreshes.length === 2);
        answer(1, 'r3');

        expect((await third).value).toBe('access-of-r3');
        expect(sent()).toEqual(['r1', 'r2']);
    });

    test('is not cut by clear(), and its grant is nobody’s', async () => {
        const { creator, refreshes, grantTypes, answer } = await start(adapter);
        const source = open(creator);
        await source.getToken();
        const failure = failureOf(source.getToken());
        await until(() => refreshes.length === 1);
        source.clear();
        expect(await failure).toMatchObject({ code: 'cleared' });
        answer(0, 'r2');

        expect(await refreshes[0]?.received.isCut).toBe(false);
        expect(source.current()).toBeUndefined();
        await source.getToken();
        expect(grantTypes).toEqual(['password', 'refresh_token', 'password']);
    });

    test('is not cut when everybody who waits for it has left', async () => {
        const { creator, refreshes, answer } = await start(adapter);
        const source = open(creator);
        await source.getToken();
        const abort = new AbortController();
        const failure = failureOf(source.getToken({ signal: abort.signal }));
        await until(() => refreshes.length === 1);
        abort.abort(new Error('left'));
        expect(await failure).toEqual(new Error('left'));
        answer(0, 'r2');

        expect(await refreshes[0]?.received.isCut).toBe(false);
        await until(() => source.current() !== undefined);
    });

    test('is not cut by the signal of a context, and its refresh token is the next one sent', async () => {
        const { creator, refreshes, sent, answer } = await start(adapter);
        await creator();
        const abort = new AbortController();
        const late = creator(contextFor(undefined, { signal: abort.signal }));
        await until(() => refreshes.length === 1);
        abort.abort(new Error('left'));
        const next = creator(contextFor());
        answer(0, 'r2');

        expect(await late).toMatchObject({ refresh_token: 'r2' });
        expect(await refreshes[0]?.received.isCut).toBe(false);
        await until(() => refreshes.length === 2);
        answer(1, 'r3');
        await next;
        expect(sent()).toEqual(['r1', 'r2']);
    });

    test.each<[string, (exchange: Exchange) => void]>([
        ['no answer begins', ({ request }) => request.socket.resetAndDestroy()],
        [
            'the headers are there',
            ({ request, response }) => {
                response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
                response.write('{"access_token":"a', () => request.socket.destroy());
            },
        ],
    ])('whose connection is cut when %s is lost, not refused: it is sent again, and no password', async (_, cut) => {
        const { creator, refreshes, grantTypes, sent, answer } = await start(adapter);
        await creator();
        const failure = failureOf(creator(contextFor()));
        await until(() => refreshes.length === 1);
        cut(refreshes[0] as Exchange);
        expect(await failure).toMatchObject({ name: 'TokenError', code: 'network' });
        const next = creator(contextFor());
        await until(() => refreshes.length === 2);
        answer(1, 'r2');

        expect(await next).toMatchObject({ refresh_token: 'r2' });
        expect(sent()).toEqual(['r1', 'r1']);
        expect(grantTypes).toEqual(['password', 'refresh_token', 'refresh_token']);
    });

    test.each([400, 401, 403])(
        'that is answered with %i is refused: it is not sent again, and the password is',
        async (status) => {
            const { creator, refreshes, grantTypes } = await start(adapter);
            await creator();
            const pending = creator(contextFor());
            await until(() => refreshes.length === 1);
            (refreshes[0] as Exchange).response.writeHead(status).end();

            expect(await pending).toMatchObject({ refresh_token: 'r1' });
            expect(grantTypes).toEqual(['password', 'refresh_token', 'password']);
        },
    );
});

/** A refresh has ended so. */
async function settledBy(error: unknown) {
    const refreshing = await createLoggedIn();
    const outcome = watch(refreshing.creator(contextFor()));
    await settled();
    await refreshing.refreshes[0]?.fail(error);
    return { refreshing, outcome };
}

describe('what a refresh of the user’s own throws', () => {
    test.each([
        ['a status', refused(400)],
        ['a status of 401', refused(401)],
        ['a response with status 403', Object.assign(new Error('an axios error'), { response: { status: 403 } })],
    ])('is a refusal when it has %s', async (_, error) => {
        const { refreshing } = await settledBy(error);

        expect(refreshing.logIns).toHaveLength(2);
    });

    test.each<[string, unknown]>([
        ['no status', new Error('ECONNRESET')],
        ['status 0', refused(0)],
        ['status 408', refused(408)],
        ['status 429', refused(429)],
        ['status 500', refused(500)],
        ['a response without status', Object.assign(new Error(''), { response: undefined })],
        ['nothing at all', undefined],
        ['null', null],
        ['a string', '400'],
    ])('leaves the refresh token as it is when it has %s', async (_, error) => {
        const { refreshing, outcome } = await settledBy(error);

        expect(outcome()).toEqual({ status: 'rejected', reason: error });
        expect(refreshing.logIns).toHaveLength(1);
        watch(refreshing.creator(contextFor()));
        await settled();
        expect(sentBy(refreshing)).toEqual(['r1', 'r1']);
        await refreshing.refreshes[1]?.answer(grantWith('r2'));
    });
});

describe('a refresh that hangs', () => {
    useFakeTime();

    test('keeps others from sending the same for two minutes, and then counts as lost', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes } = refreshing;
        const first = watch(creator(contextFor()));
        const second = watch(creator(contextFor({ scope: 'a' })));
        await settled();
        jest.advanceTimersByTime(119_000);
        await settled();
        expect(sentBy(refreshing)).toEqual(['r1']);
        jest.advanceTimersByTime(1_000);
        await settled();

        expect(first()).toMatchObject({ status: 'rejected', reason: { name: 'TokenError', code: 'timeout' } });
        expect(sentBy(refreshing)).toEqual(['r1', 'r1']);
        await refreshes[1]?.answer(grantWith('r2'));
        expect(second().status).toBe('fulfilled');
    });

    test('does not hold up more requests with each creation that times out', async () => {
        const sent: string[] = [];
        const creator = withRefreshToken(async () => grantWith('r1', { expires_in: 0 }), {
            refresh: (refreshToken) => {
                sent.push(refreshToken);
                return new Promise(() => {});
            },
        });
        const source = createTokenSource(creator, { creationTimeout: 10_000 });
        await source.getToken();
        for (let attempt = 0; attempt < 9; attempt += 1) {
            const outcome = watch(source.getToken());
            await settled();
            jest.advanceTimersByTime(10_000);
            await settled();
            expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        }

        expect(sent).toEqual(['r1']);
        source.clear();
    });
});
