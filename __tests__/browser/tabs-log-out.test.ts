import { describeWithChromium } from '../support/chromium.js';
import { wait } from '../support/servers.js';
import type { TabPage } from './tabs-page.js';
import { granted, untilHeld, useTabs, type Tab } from '../support/tabs.js';

const sentBy = (all: Tab[]) => Promise.all(all.map((tab) => tab.call('sent')));

const timesCleared = (all: Tab[]) => Promise.all(all.map(async (tab) => (await tab.call('events', 'cleared')).length));

const untilCleared = (all: Tab[]) =>
    Promise.all(all.map((tab) => tab.until(async () => (await tab.call('events', 'cleared')).length > 0)));

const held = (all: Tab[]) => Promise.all(all.map((tab) => tab.call('current')));

const nothing = (count: number) => Array<undefined>(count).fill(undefined);

const outcomes = (all: Tab[]) => Promise.all(all.map((tab) => tab.request()));

/** A log-out is told by few messages, each of which is answered once at most, and not sent on. */
async function expectFewMessages(all: Tab[], before: number[], logOuts: number): Promise<void> {
    const total = async () => (await sentBy(all)).reduce((sum, count, index) => sum + count - (before[index] ?? 0), 0);
    const sent = await total();
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(logOuts * (3 + all.length - 1));
    await wait(200);
    expect(await total()).toBe(sent);
}

describeWithChromium('a log-out in one tab', () => {
    const tabs = useTabs();

    async function openLoggedIn(count: number): Promise<Tab[]> {
        const all = await tabs.openMany(count);
        await all[0]!.call('logIn', await tabs.newSession());
        for (const tab of all) expect(await tab.request()).toEqual(granted);
        return all;
    }

    const cleared = { error: expect.objectContaining({ name: 'TokenError', code: 'cleared' }) as unknown };

    async function expectLoggedOut(all: Tab[]): Promise<void> {
        expect(await held(all)).toEqual(nothing(all.length));
        expect(await outcomes(all)).toEqual(all.map(() => cleared));
        expect(await held(all)).toEqual(nothing(all.length));
    }

    it('is one in all tabs, told once in each, and nobody sends it on', async () => {
        const all = await openLoggedIn(4);
        const before = await sentBy(all);

        await all[2]!.call('clear');
        await untilCleared(all);

        expect(await held(all)).toEqual(nothing(4));
        await wait(200); // that nothing follows
        expect(await timesCleared(all)).toEqual([1, 1, 1, 1]);
        await expectFewMessages(all, before, 1);
        await expectLoggedOut(all);
        expect(await timesCleared(all)).toEqual([1, 1, 1, 1]);
        expect(tabs.refreshes).toHaveLength(1);
    });

    it('is one in all tabs when a tab does it that has never asked for a token', async () => {
        const all = await openLoggedIn(2);
        const newcomer = await tabs.open();

        await newcomer.call('clear');
        await untilCleared(all);

        await expectLoggedOut(all);
    });

    it('is one in all tabs when two tabs do it at once', async () => {
        const all = await openLoggedIn(4);
        const before = await sentBy(all);

        await Promise.all([all[1]!.call('clear'), all[2]!.call('clear')]);
        await untilCleared(all);

        await wait(200); // that nothing follows
        await expectFewMessages(all, before, 2);
        for (const times of await timesCleared(all)) expect(times).toBeLessThanOrEqual(2);
        await expectLoggedOut(all);
        expect(tabs.refreshes).toHaveLength(1);
    });

    it.each([
        ['by the tab that creates', 0],
        ['by one that waits for it', 1],
        ['by another one', 3],
    ])('ends what tabs wait for, and the grant that comes late is adopted by nobody: %s', async (_, index) => {
        const all = await openLoggedIn(4);
        const [first, second, third] = all as [Tab, Tab, Tab, Tab];
        await Promise.all([first, second, third].map((tab) => tab.call('expire')));
        tabs.holdNext = 1;
        const creating = first.request();
        await untilHeld(tabs);
        const waiting = [second.request(), third.request()];
        for (const tab of [second, third]) {
            await tab.until(async () => (await tab.call('sharing', 'waiting')).length > 0);
        }

        await all[index]!.call('clear');

        expect(await Promise.all([creating, ...waiting])).toEqual([cleared, cleared, cleared]);
        await tabs.held[0]?.letGo();
        await untilCleared(all);
        await expectLoggedOut(all);
        expect(tabs.refreshes).toHaveLength(2);
        const latecomer = await tabs.open();
        await expectLoggedOut([...all, latecomer]);
        expect(tabs.refreshes).toHaveLength(2);
        expect(await timesCleared(all)).toEqual([1, 1, 1, 1]);
    });

    it('is over for all when a user logs in again, in whatever tab', async () => {
        const all = await openLoggedIn(4);
        await all[2]!.call('clear');
        await untilCleared(all);

        await all[1]!.call('logIn', await tabs.newSession());
        expect(await all[1]!.request()).toEqual(granted);

        expect(await outcomes(all)).toEqual(all.map(() => granted));
        expect(tabs.refreshes).toHaveLength(2);
        const latecomer = await tabs.open();
        expect(await latecomer.call('getToken')).toBe(await all[0]!.call('getToken'));
        tabs.provider.revokeAccessTokens();
        expect(await outcomes(all)).toEqual(all.map(() => granted));
        expect(tabs.refreshes).toHaveLength(3);
        tabs.expectNoReuse();
        expect(await timesCleared([...all, latecomer])).toEqual([1, 1, 1, 1, 0]);
    });

    it('does not end the log-in that follows at once in the same tab', async () => {
        const all = await openLoggedIn(4);
        const session = await tabs.newSession();

        const followed = await all[2]!.page.evaluate(async (refreshToken) => {
            const { tab } = globalThis as unknown as { tab: TabPage };
            tab.clear();
            tab.logIn(refreshToken);
            return tab.request();
        }, session);

        expect(followed).toEqual(granted);
        expect(await outcomes(all)).toEqual(all.map(() => granted));
        expect(tabs.refreshes).toHaveLength(2);
        expect(await timesCleared(all)).toEqual([1, 1, 1, 1]);
        tabs.expectNoReuse();
    });

    it('happens 20 times, each after a log-in in another tab, and no token of an earlier user is left', async () => {
        const all = await openLoggedIn(4);
        for (let round = 1; round <= 20; round += 1) {
            await all[round % 4]!.call('clear');
            await Promise.all(
                all.map((tab) => tab.until(async () => (await tab.call('events', 'cleared')).length === round)),
            );
            await all[(round * 3) % 4]!.call('logIn', await tabs.newSession());
            expect(await all[(round * 3) % 4]!.request()).toEqual(granted);
            expect(await outcomes(all)).toEqual(all.map(() => granted));
            expect(new Set(await held(all)).size).toBe(1);
            expect(tabs.refreshes).toHaveLength(1 + round);
        }
        tabs.expectNoReuse();
        expect(await timesCleared(all)).toEqual([20, 20, 20, 20]);
    });
});
