import type { TokenParameters } from '../../src/index.js';
import { describeWithChromium } from '../support/chromium.js';
import { resources } from '../support/openid-provider.js';
import { granted, useTabs, type Tab } from '../support/tabs.js';

const eachOnce = (all: readonly Tab[]) => Promise.all(all.map((tab) => tab.request()));

const allGranted = (count: number) => Array<unknown>(count).fill(granted);

const tokensOf = async (all: readonly Tab[]) => new Set(await Promise.all(all.map((tab) => tab.call('getToken'))));

async function expectCoordination(all: readonly Tab[]): Promise<void> {
    const told = (await Promise.all(all.map((tab) => tab.call('sharing')))).flat();
    expect(told.filter(({ type }) => !['adopted', 'waiting', 'shared'].includes(type))).toEqual([]);
}

describeWithChromium(
    'tabs with one refresh token, of a server that revokes all that came of one which comes twice',
    () => {
        const tabs = useTabs();

        it('8 tabs renew 100 times, by one refresh each, and no request fails', async () => {
            const all = await tabs.openMany(8, { tokenEndpoint: tabs.provider.endpoints.token });
            await all[0]?.call('logIn', await tabs.newSession());
            expect(await all[0]?.request()).toEqual(granted);
            expect(await eachOnce(all)).toEqual(allGranted(8));
            expect(tabs.refreshes).toHaveLength(1);

            for (let round = 1; round <= 100; round += 1) {
                // Too old in all tabs, refused in all, or too old in some and refused in the others.
                const kind = round % 3;
                if (kind > 0) tabs.provider.revokeAccessTokens();
                const aged = all.slice(0, [8, 0, 4][kind]);
                await Promise.all(aged.map((tab) => tab.call('expire')));
                expect(await eachOnce(all)).toEqual(allGranted(8));
                expect(tabs.refreshes).toHaveLength(1 + round);
            }

            tabs.expectNoReuse();
            expect(tabs.logIns).toHaveLength(1);
            expect((await tokensOf(all)).size).toBe(1);
            await expectCoordination(all);
        }, 180_000);

        it('a new tab adopts what the others have, without a token request, and nothing is left behind', async () => {
            const first = await tabs.open();
            await first.call('logIn', await tabs.newSession());
            const token = await first.call('getToken');
            const before = tabs.provider.requests.length;

            const second = await tabs.open();
            expect(await second.call('getToken')).toBe(token);
            await first.close();
            const third = await tabs.open();
            expect(await third.request()).toEqual(granted);

            expect(await third.call('getToken')).toBe(token);
            expect(tabs.provider.requests).toHaveLength(before);
            for (const tab of [second, third]) {
                expect(await tab.call('sharing')).toEqual([
                    expect.objectContaining({ type: 'adopted', reason: 'missing' }),
                ]);
                expect(await tab.call('left')).toEqual({ keys: [], databases: [], cookies: '' });
            }
            expect(await tabs.context.cookies()).toEqual([]);
        });

        it('a tab that adopted renews with the refresh token of the one that logged in, though that is gone', async () => {
            const first = await tabs.open();
            await first.call('logIn', await tabs.newSession());
            await first.request();
            const others = await tabs.openMany(2);
            await eachOnce(others);
            await first.close();

            tabs.provider.revokeAccessTokens();
            expect(await eachOnce(others)).toEqual(allGranted(2));

            expect(tabs.refreshes).toHaveLength(2);
            tabs.expectNoReuse();
            await expectCoordination(others);
        });

        const { orders, reports } = resources;

        it.each<[string, { resource?: readonly string[] }, (TokenParameters | undefined)[]]>([
            ['scopes', {}, [undefined, { scope: 'read' }, { scope: 'write' }, { scope: 'read write' }]],
            [
                'resources',
                { resource: [orders.identifier, reports.identifier] },
                [
                    undefined,
                    { resource: orders.identifier },
                    { resource: orders.identifier, scope: 'orders:read' },
                    { resource: reports.identifier },
                ],
            ],
        ])(
            'tokens for several %s are had with the one refresh token, one refresh at a time',
            async (_, grant, purposes) => {
                const all = await tabs.openMany(4);
                await all[0]?.call('logIn', await tabs.newSession(grant));
                expect(await all[0]?.request()).toEqual(granted);
                const everything = () =>
                    Promise.all(
                        all.flatMap((tab, index) =>
                            // Each tab begins with another one.
                            purposes.map((__, place) => tab.request(purposes[(place + index) % purposes.length])),
                        ),
                    );

                expect(await everything()).toEqual(allGranted(16));
                expect(tabs.refreshes).toHaveLength(4);
                tabs.provider.revokeAccessTokens();
                expect(await everything()).toEqual(allGranted(16));

                expect(tabs.refreshes).toHaveLength(8);
                tabs.expectNoReuse();
                await expectCoordination(all);
            },
        );
    },
);
