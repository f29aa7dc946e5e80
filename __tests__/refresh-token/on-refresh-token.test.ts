import {
    createRefreshTokenCreator,
    createTokenSource,
    type TokenGrantResponse,
    type TokenParameters,
} from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { contextFor, createLoggedIn, createRefreshing, grantWith, refused, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { grant, startTokenEndpointServer } from '../support/token-endpoint-server.js';

useFakeTime();
failOnUnhandledRejections();

/** Keeps refresh tokens, each when the test says so. */
function createStorage() {
    const told: { grant: TokenGrantResponse; parameters: TokenParameters | undefined }[] = [];
    const saves: { done: () => Promise<void>; fail: (error: unknown) => Promise<void> }[] = [];
    return {
        told,
        saves,
        refreshTokens: () => told.map(({ grant: { refresh_token } }) => refresh_token),
        save: (granted: TokenGrantResponse, parameters?: TokenParameters) =>
            new Promise<void>((resolve, reject) => {
                told.push({ grant: granted, parameters });
                saves.push({
                    done() {
                        resolve();
                        return settled();
                    },
                    fail(error) {
                        reject(error);
                        return settled();
                    },
                });
            }),
    };
}

describe('onRefreshToken', () => {
    test('is told of each new refresh token, in the whole grant, and the grant is given when it is done', async () => {
        const { told, saves, save } = createStorage();
        const { creator, refreshes, logIns } = createRefreshing(save);
        const first = watch(creator(contextFor()));
        await settled();
        await logIns[0]?.answer(grantWith('r1', { scope: 'read a' }));
        expect(told).toEqual([{ grant: grantWith('r1', { scope: 'read a' }), parameters: undefined }]);
        expect(first().status).toBe('pending');
        await saves[0]?.done();
        expect(first().status).toBe('fulfilled');

        const second = watch(creator(contextFor({ scope: 'a' })));
        await settled();
        await refreshes[0]?.answer(grantWith('r2'));
        expect(told[1]).toEqual({ grant: grantWith('r2'), parameters: { scope: 'a' } });
        expect(second().status).toBe('pending');
        await saves[1]?.done();
        expect(second().status).toBe('fulfilled');
    });

    test('is not told of one that it knows', async () => {
        const { saves, save, refreshTokens } = createStorage();
        const { creator, refreshes, logIns } = createRefreshing(save);
        watch(creator());
        await settled();
        await logIns[0]?.answer(grantWith('r1'));
        await saves[0]?.done();
        for (const [index, answered] of [grantWith(), grantWith('r1'), grantWith('')].entries()) {
            const pending = creator();
            await settled();
            await refreshes[index]?.answer(answered);
            await pending;
        }

        expect(refreshTokens()).toEqual(['r1']);
    });

    test('is told once where several wait for the same grant', async () => {
        const { saves, save, refreshTokens } = createStorage();
        const { creator, logIns } = createRefreshing(save);
        const sources = [createTokenSource(creator), createTokenSource(creator)];
        const outcomes = sources.map((source) => watch(source.getToken()));
        await settled();
        await logIns[0]?.answer(grantWith('r1'));
        await saves[0]?.done();

        expect(outcomes.map((outcome) => outcome().status)).toEqual(['fulfilled', 'fulfilled']);
        expect(refreshTokens()).toEqual(['r1']);
    });

    test('keeps a rotated refresh token from being sent until it is done', async () => {
        const { saves, save } = createStorage();
        const refreshing = createRefreshing(save);
        const { creator, refreshes, logIns } = refreshing;
        watch(creator());
        await settled();
        await logIns[0]?.answer(grantWith('r1'));
        await saves[0]?.done();
        watch(creator());
        watch(creator(contextFor({ scope: 'a' })));
        await settled();
        await refreshes[0]?.answer(grantWith('r2'));
        expect(sentBy(refreshing)).toEqual(['r1']);
        await saves[1]?.done();

        expect(sentBy(refreshing)).toEqual(['r1', 'r2']);
        await refreshes[1]?.answer(grantWith());
    });

    test('keeps the refresh token of a log-in from being sent until it is done', async () => {
        const { saves, save } = createStorage();
        const refreshing = createRefreshing(save);
        const { creator, logIns, refreshes } = refreshing;
        watch(creator());
        await settled();
        await logIns[0]?.answer(grantWith('r1'));
        watch(creator(contextFor({ scope: 'a' })));
        await settled();
        const before = sentBy(refreshing);
        await saves[0]?.done();
        const after = sentBy(refreshing);
        await refreshes[0]?.answer(grantWith());

        expect([before, after]).toEqual([[], ['r1']]);
    });

    test('keeps them in order: a slow one is not overtaken by that of a newer refresh token', async () => {
        const { saves, save, refreshTokens } = createStorage();
        const { creator, refreshes, logIns } = createRefreshing(save);
        watch(creator());
        await settled();
        await logIns[0]?.answer(grantWith('r1'));
        watch(creator(contextFor({ scope: 'a' })));
        await settled();
        await refreshes[0]?.answer(grantWith('r2'));
        const before = refreshTokens();
        await saves[0]?.done();
        await refreshes[0]?.answer(grantWith('r2'));
        await saves[1]?.done();

        expect([before, refreshTokens()]).toEqual([['r1'], ['r1', 'r2']]);
    });

    test.each([
        ['rejects', (error: Error) => Promise.reject(error)],
        [
            'throws',
            (error: Error) => {
                throw error;
            },
        ],
    ])(
        'that %s is the failure, and the grant is kept: it is told again before anything is sent, and given',
        async (_, end) => {
            const error = refused(401); // of the storage, say: no refusal of the refresh token
            const told: unknown[] = [];
            let isBroken = true;
            const refreshing = await createLoggedIn(({ refresh_token }) => {
                told.push(refresh_token);
                return isBroken && refresh_token !== 'r1' ? end(error) : undefined;
            });
            const { creator, refreshes, logIns } = refreshing;
            const outcome = watch(creator());
            await settled();
            await refreshes[0]?.answer(grantWith('r2'));
            expect(outcome()).toEqual({ status: 'rejected', reason: error });
            await expect(creator()).rejects.toBe(error);
            isBroken = false;

            expect(await creator()).toMatchObject({ access_token: 'access-of-r2', refresh_token: 'r2' });
            expect(sentBy(refreshing)).toEqual(['r1']);
            expect(told).toEqual(['r1', 'r2', 'r2', 'r2']);
            const next = creator();
            await settled();
            await refreshes[1]?.answer(grantWith());
            expect(await next).toMatchObject({ refresh_token: 'r2' });
            expect(sentBy(refreshing)).toEqual(['r1', 'r2']);
            expect(logIns).toHaveLength(1);
        },
    );

    test('that never comes to an end does not end the refreshes of its family for ever', async () => {
        let hangs = true;
        const refreshing = await createLoggedIn(({ refresh_token }) =>
            refresh_token === 'r2' && hangs ? new Promise(() => {}) : undefined,
        );
        const { creator, refreshes } = refreshing;
        const source = createTokenSource(creator);
        watch(source.getToken());
        await settled();
        await refreshes[0]?.answer(grantWith('r2'));
        // Longer than any time limit that there is.
        jest.advanceTimersByTime(600_000);
        await settled();
        hangs = false;
        const next = watch(source.getToken());
        await settled();

        expect(next()).toMatchObject({ status: 'fulfilled', value: { value: 'access-of-r2' } });
        expect(sentBy(refreshing)).toEqual(['r1']);
        source.clear();
    });

    test('is not told of a refresh token that the application gave', async () => {
        const server = await startTokenEndpointServer();
        try {
            server.reply(grant({}), grant({ refresh_token: 'r2' }));
            const told: unknown[] = [];
            const creator = createRefreshTokenCreator(
                { refreshToken: () => 'r1' },
                {
                    client: { baseURL: server.url },
                    onRefreshToken: ({ refresh_token }, parameters) => told.push([refresh_token, parameters]),
                },
            );
            await creator(contextFor({ key: 'jane' }));
            expect(told).toEqual([]);
            await creator(contextFor({ key: 'jane' }));
            expect(told).toEqual([['r2', { key: 'jane' }]]);
        } finally {
            await server.close();
        }
    });
});
