import { createRefreshTokenCreator, createTokenSource, withRefreshToken, type TokenSource } from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { createRefreshing, grantWith, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

useFakeTime();
failOnUnhandledRejections();

/** A source that is logged in with `r1`, and whose token is too old at once. */
async function openLoggedIn(onRefreshToken?: (grant: { refresh_token?: string }) => unknown) {
    const refreshing = createRefreshing(onRefreshToken);
    const source = createTokenSource(refreshing.creator);
    const first = source.getToken();
    await settled();
    await refreshing.logIns[0]?.answer(grantWith('r1', { expires_in: 0 }));
    await first;
    return { ...refreshing, source, refreshing };
}

describe('after a log-out', () => {
    test('no refresh token from before is sent', async () => {
        const { source, refreshing, logIns } = await openLoggedIn();
        source.clear();
        const pending = source.getToken();
        await settled();
        await logIns[1]?.answer(grantWith('s1', { expires_in: 0 }));
        await pending;
        watch(source.getToken());
        await settled();

        expect(logIns).toHaveLength(2);
        expect(sentBy(refreshing)).toEqual(['s1']);
        source.clear();
    });

    test('neither does who waited for a turn send one', async () => {
        const { source, refreshing, refreshes, logIns } = await openLoggedIn();
        const outcomes = [undefined, { scope: 'a' }].map((parameters) => watch(source.getToken({ parameters })));
        await settled();
        source.clear();
        await settled();
        expect(outcomes.map((outcome) => outcome())).toMatchObject([
            { status: 'rejected', reason: { code: 'cleared' } },
            { status: 'rejected', reason: { code: 'cleared' } },
        ]);
        await refreshes[0]?.answer(grantWith('r2'));

        expect(sentBy(refreshing)).toEqual(['r1']);
        expect(logIns).toHaveLength(1);
    });

    test.each(['is on the wire', 'was logged in for'])('a grant that %s brings nobody back', async (what) => {
        const told: unknown[] = [];
        const refreshing = createRefreshing(({ refresh_token }) => told.push(refresh_token));
        const source = createTokenSource(refreshing.creator);
        watch(source.getToken());
        await settled();
        if (what === 'is on the wire') {
            await refreshing.logIns[0]?.answer(grantWith('r1', { expires_in: 0 }));
            watch(source.getToken());
            await settled();
        }
        source.clear();
        const before = [...told];
        await (refreshing.refreshes[0] ?? refreshing.logIns[0])?.answer(grantWith('late'));
        watch(source.getToken());
        await settled();

        expect(told).toEqual(before);
        expect(sentBy(refreshing)).not.toContain('late');
        expect(refreshing.logIns.length - refreshing.refreshes.length).toBe(what === 'is on the wire' ? 1 : 2);
        source.clear();
    });

    test('who asks as soon as the log-out is told gets nothing from before, either', async () => {
        const refreshing = createRefreshing();
        const source: TokenSource = createTokenSource(refreshing.creator, {
            onEvent: ({ type }) => {
                if (type === 'cleared') watch(source.getToken());
            },
        });
        const first = source.getToken();
        await settled();
        await refreshing.logIns[0]?.answer(grantWith('r1', { expires_in: 0 }));
        await first;
        source.clear();
        await settled();

        expect(sentBy(refreshing)).toEqual([]);
        expect(refreshing.logIns).toHaveLength(2);
    });

    test('who asks while the log-out is yet to be told gets nothing from before, either', async () => {
        const refreshing = createRefreshing();
        const source: TokenSource = createTokenSource(refreshing.creator, {
            onEvent: ({ type }) => {
                if (type !== 'failed') return;
                source.clear();
                watch(source.getToken());
            },
        });
        const first = source.getToken();
        await settled();
        await refreshing.logIns[0]?.answer(grantWith('r1', { expires_in: 0 }));
        await first;
        watch(source.getToken());
        await settled();
        await refreshing.refreshes[0]?.fail(new Error('cut'));

        expect(sentBy(refreshing)).toEqual(['r1']);
        expect(refreshing.logIns).toHaveLength(2);
    });
});

/** Two sources with one family, whose first refresh token only one of them still has. */
async function openBoth() {
    const sent: string[] = [];
    let issued = 0;
    let logIns = 0;
    const creator = withRefreshToken(
        async () => {
            logIns += 1;
            return grantWith(`r${(issued += 1)}`, { expires_in: 0 });
        },
        {
            refresh: async (refreshToken) => {
                sent.push(refreshToken);
                return grantWith(`r${(issued += 1)}`, { expires_in: 0 });
            },
        },
    );
    const [one, other] = [createTokenSource(creator), createTokenSource(creator)];
    await other.getToken();
    await one.getToken();
    expect(sent).toEqual(['r1']);
    return { one, other, sent, logIns: () => logIns };
}

describe('a log-out of one of two sources over one creator', () => {
    test('lets the other one send no refresh token that was replaced before', async () => {
        const { one, other, sent } = await openBoth();
        one.clear();
        await other.getToken();

        expect(sent.filter((refreshToken) => refreshToken === 'r1')).toEqual(['r1']);
    });

    test('does not log it in again by what the other one still has', async () => {
        const { one, other, logIns } = await openBoth();
        one.clear();
        await other.getToken();
        await one.getToken();

        expect(logIns()).toBeGreaterThan(1);
    });
});

describe('a refresh token creator after a log-out', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const sent = () => server.requests.map(({ form }) => form['refresh_token']);

    test('sends neither the first string nor what came of it', async () => {
        server.reply(grant({ refresh_token: 'r2', expires_in: 0 }));
        const creator = createRefreshTokenCreator({ refreshToken: 'r1' }, { client: { baseURL: server.url } });
        const source = createTokenSource(creator);
        await source.getToken();
        source.clear();

        await expect(source.getToken()).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });
        await expect(creator()).rejects.toMatchObject({ code: 'cleared' });
        expect(sent()).toEqual(['r1']);
    });

    test('does not send the first string either if that was not used yet', async () => {
        const creator = createRefreshTokenCreator({ refreshToken: 'r1' }, { client: { baseURL: server.url } });
        const source = createTokenSource(creator);
        await expect(source.getToken({ parameters: { key: 'jane' } })).rejects.toMatchObject({ code: 'cleared' });
        source.clear();

        await expect(source.getToken()).rejects.toMatchObject({ code: 'cleared' });
        expect(sent()).toEqual([]);
    });

    test('asks the function again, which knows whether there is a session', async () => {
        server.reply(grant({ refresh_token: 'r2', expires_in: 0 }));
        const stored = ['r1', undefined, 's1'];
        const refreshToken = () => stored.shift();
        const creator = createRefreshTokenCreator({ refreshToken }, { client: { baseURL: server.url } });
        const source = createTokenSource(creator);
        await source.getToken();
        source.clear();

        await expect(source.getToken()).rejects.toMatchObject({ code: 'cleared' });
        await source.getToken();
        expect(sent()).toEqual(['r1', 's1']);
    });
});
