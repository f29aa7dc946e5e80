import { withRefreshToken, type TokenCreator } from '../../src/index.js';
import { settled, useFakeTime } from '../support/deferred.js';
import { contextFor, createRefreshing, grantWith, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';

useFakeTime();
failOnUnhandledRejections();

/** Logs in for as many other keys as there are families. */
async function useOthers(creator: TokenCreator, logIn: () => void) {
    for (let number = 0; number < 1_000; number += 1) {
        const pending = creator(contextFor({ key: `other-${number}` }));
        await Promise.resolve();
        logIn();
        await pending;
    }
}

describe('more families than are kept', () => {
    test('cost no family its session: an older refresh token that a source has is not sent', async () => {
        const sent: string[] = [];
        let issued = 0;
        const creator = withRefreshToken(async () => grantWith(`r${(issued += 1)}`), {
            refresh: async (refreshToken) => {
                sent.push(refreshToken);
                return grantWith(`r${(issued += 1)}`);
            },
        });
        const previous = await creator(contextFor({ key: 'jane' }));
        await creator(contextFor({ key: 'jane', scope: 'read' }));
        expect(sent).toEqual([previous.refresh_token]);
        await useOthers(creator, () => {});
        await creator(contextFor({ key: 'jane' }, { previous }));

        expect(sent.filter((refreshToken) => refreshToken === previous.refresh_token)).toHaveLength(1);
    });

    test('make no family of a scope the one of everything', async () => {
        const refreshing = createRefreshing();
        const { creator, refreshes, logIns } = refreshing;
        const logIn = () => void logIns.at(-1)?.answer(grantWith(`k${logIns.length}`));
        const first = creator(contextFor({ key: 'jane', scope: 'read' }));
        await settled();
        logIn();
        const previous = await first;
        await useOthers(creator, logIn);
        const renewed = creator(contextFor({ key: 'jane', scope: 'read' }, { previous }));
        await settled();
        await refreshes[0]?.answer(grantWith('k1-2'));
        if (refreshes.length === 0) logIn();
        await renewed;
        const everything = creator(contextFor({ key: 'jane' }));
        await settled();
        // Without a scope a refresh gives what was granted: no more than `read`.
        const sent = sentBy(refreshing);
        await refreshes[1]?.answer(grantWith('k1-3'));
        if (refreshes.length < 2) logIn();
        await everything;

        expect(sent).not.toContain('k1-2');
    });

    test('end no family that is at work', async () => {
        const refreshing = createRefreshing();
        const { creator, refreshes, logIns } = refreshing;
        const logIn = () => void logIns.at(-1)?.answer(grantWith(`k${logIns.length}`));
        const first = creator(contextFor({ key: 'jane' }));
        await settled();
        logIn();
        await first;
        const slow = creator(contextFor({ key: 'jane', scope: 'a' }));
        await settled();
        await useOthers(creator, logIn);
        const second = creator(contextFor({ key: 'jane', scope: 'b' }));
        await settled();

        expect(sentBy(refreshing)).toEqual(['k1']);
        await refreshes[0]?.answer(grantWith('k1-2'));
        expect(sentBy(refreshing)).toEqual(['k1', 'k1-2']);
        await refreshes[1]?.answer(grantWith('k1-3'));
        await Promise.all([slow, second]);
    });
});
