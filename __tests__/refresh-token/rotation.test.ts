import {
    createRefreshTokenCreator,
    withRefreshToken,
    type TokenCreator,
    type TokenGrantResponse,
} from '../../src/index.js';
import { settled, useFakeTime } from '../support/deferred.js';
import { contextFor, createLoggedIn, grantWith, refused, sentBy } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

failOnUnhandledRejections();

describe.each<[string, (url: string) => Promise<TokenCreator>]>([
    [
        'createRefreshTokenCreator',
        async (url) => createRefreshTokenCreator({ refreshToken: 'r1' }, { client: { baseURL: url } }),
    ],
    [
        'withRefreshToken at an endpoint',
        async (url) => loggedIn(withRefreshToken(async () => grantWith('r1'), { client: { baseURL: url } })),
    ],
    [
        'withRefreshToken by a function',
        async (url) => {
            const refresh = async (refresh_token: string) => {
                const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
                const response = await fetch(`${url}/token`, { method: 'POST', body });
                return (await response.json()) as TokenGrantResponse;
            };
            return loggedIn(withRefreshToken(async () => grantWith('r1'), { refresh }));
        },
    ],
])('%s', (_, create) => {
    let server: TokenEndpointServer;
    let creator: TokenCreator;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
        creator = await create(server.url);
    });

    afterEach(() => server.close());

    const sent = () => server.requests.map(({ form }) => form['refresh_token']);

    test('sends each refresh token once, and then the one of the answer', async () => {
        server.reply(grant({ refresh_token: 'r2' }), grant({ refresh_token: 'r3' }), grant({ refresh_token: 'r4' }));

        expect(await creator(contextFor())).toMatchObject({ refresh_token: 'r2' });
        expect(await creator(contextFor())).toMatchObject({ refresh_token: 'r3' });
        expect(await creator()).toMatchObject({ refresh_token: 'r4' });
        expect(sent()).toEqual(['r1', 'r2', 'r3']);
    });

    test.each([[undefined], [''], [null]])('keeps the latest when an answer has %j for one', async (refreshToken) => {
        server.reply(grant({ refresh_token: 'r2' }), grant({ refresh_token: refreshToken }), grant());
        await creator(contextFor());

        expect(await creator(contextFor())).toMatchObject({ refresh_token: 'r2' });
        expect(await creator(contextFor())).toMatchObject({ refresh_token: 'r2' });
        expect(sent()).toEqual(['r1', 'r2', 'r2']);
    });

    test('never goes back to the refresh token of a grant that a source still has', async () => {
        server.reply(grant({ refresh_token: 'r2' }), grant({ refresh_token: 'r3' }), grant({ refresh_token: 'r4' }));
        const previous = await creator(contextFor());
        await creator(contextFor(undefined, { previous }));
        await creator(contextFor(undefined, { previous }));

        expect(sent()).toEqual(['r1', 'r2', 'r3']);
    });

    test('keeps the refresh token that an unusable answer came for', async () => {
        server.reply(json({ token_type: 'Bearer' }), grant({ refresh_token: 'r2' }));

        await expect(creator(contextFor())).rejects.toMatchObject({ code: 'response' });
        await creator(contextFor());

        expect(sent()).toEqual(['r1', 'r1']);
    });
});

async function loggedIn(creator: TokenCreator): Promise<TokenCreator> {
    await creator();
    return creator;
}

describe('the lifetime of a refresh token', () => {
    useFakeTime();

    test('is told with each grant that keeps it, as the seconds that are left', async () => {
        const refreshing = await createLoggedIn(undefined, { refresh_token_expires_in: 600 });
        const { creator, refreshes } = refreshing;

        for (const [index, left] of [540, 480, 480].entries()) {
            if (index < 2) jest.advanceTimersByTime(60_000);
            const pending = creator(contextFor());
            await settled();
            await refreshes.at(-1)?.answer(grantWith());
            expect(await pending).toMatchObject({ refresh_token: 'r1', refresh_token_expires_in: left });
        }
    });

    test('is that of the answer, also when this keeps the refresh token', async () => {
        const { creator, refreshes } = await createLoggedIn(undefined, { refresh_token_expires_in: 600 });
        const pending = creator(contextFor());
        await settled();
        await refreshes[0]?.answer(grantWith(undefined, { refresh_token_expires_in: 900 }));

        expect(await pending).toMatchObject({ refresh_token: 'r1', refresh_token_expires_in: 900 });
    });

    test('lets nobody send it when it is over and the creator can be asked', async () => {
        const refreshing = await createLoggedIn(undefined, { refresh_token_expires_in: 600 });
        jest.advanceTimersByTime(600_000);
        const pending = refreshing.creator(contextFor());
        await settled();
        await refreshing.logIns[1]?.answer(grantWith('s1'));

        expect(await pending).toMatchObject({ refresh_token: 's1' });
        expect(sentBy(refreshing)).toEqual([]);
        const next = refreshing.creator(contextFor());
        await settled();
        await refreshing.refreshes[0]?.answer(grantWith('s2'));
        await next;
        expect(sentBy(refreshing)).toEqual(['s1']);
    });

    test('is not in the way where there is nobody else to ask: the server decides', async () => {
        const tokens: string[] = [];
        const creator = createRefreshTokenCreator(
            { refreshToken: 'r1' },
            {
                client: {
                    baseURL: 'https://login.example',
                    adapter: async (config) => {
                        tokens.push(new URLSearchParams(config.data as string).get('refresh_token') ?? '');
                        const data = JSON.stringify(
                            grantWith(`r${tokens.length + 1}`, { refresh_token_expires_in: 60 }),
                        );
                        return { data, status: 200, statusText: '', headers: {}, config };
                    },
                },
            },
        );
        await creator(contextFor());
        jest.advanceTimersByTime(61_000);
        await creator(contextFor());

        expect(tokens).toEqual(['r1', 'r2']);
    });

    test('goes with it: a grant without a refresh token tells none', async () => {
        const { creator, refreshes, logIns } = await createLoggedIn(undefined, { refresh_token_expires_in: 600 });
        const pending = creator(contextFor());
        await settled();
        await refreshes[0]?.fail(refused());
        await logIns[1]?.answer(grantWith());

        expect(await pending).toStrictEqual(grantWith());
    });
});
