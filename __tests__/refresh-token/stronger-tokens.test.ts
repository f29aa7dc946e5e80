import { type Challenge } from '../../src/index.js';
import { settled, useFakeTime, watch } from '../support/deferred.js';
import { contextFor, createLoggedIn, createRefreshing, grantWith, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';

useFakeTime();
failOnUnhandledRejections();

const challenge: Challenge = {
    scheme: 'Bearer',
    parameters: { error: 'insufficient_user_authentication', acr_values: 'gold' },
};

describe('a request for a stronger token', () => {
    test('is one for the creator: no refresh makes a token stronger', async () => {
        const refreshing = await createLoggedIn();
        const { creator, logIns } = refreshing;
        const pending = creator(contextFor({ challenge }));
        await settled();
        await logIns[1]?.answer(grantWith('strong-1'));

        expect(await pending).toMatchObject({ refresh_token: 'strong-1' });
        expect(sentBy(refreshing)).toEqual([]);
    });

    test('is refreshed by its own refresh token when that expires', async () => {
        const refreshing = await createLoggedIn();
        const { creator, refreshes, logIns } = refreshing;
        const first = creator(contextFor({ challenge }));
        await settled();
        await logIns[1]?.answer(grantWith('strong-1'));
        await first;
        const pending = creator(contextFor({ challenge }));
        await settled();
        await refreshes[0]?.answer(grantWith('strong-2'));
        await pending;

        expect(sentBy(refreshing)).toEqual(['strong-1']);
    });

    test('is one for the creator again when the resource server asks for it again: its max_age is over', async () => {
        const refreshing = createRefreshing();
        const { creator, refreshes, logIns } = refreshing;
        const first = creator(contextFor({ challenge }));
        await settled();
        await logIns[0]?.answer(grantWith('strong-1'));
        await first;
        watch(creator(contextFor({ challenge }, { reason: 'rejected', challenges: [challenge] })));
        await settled();

        expect(refreshes).toHaveLength(0);
        expect(logIns).toHaveLength(2);
    });
});
