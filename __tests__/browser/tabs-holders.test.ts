import { describeWithChromium } from '../support/chromium.js';
import { admin, granted, untilHeld, useTabs, type Tab } from '../support/tabs.js';

// Who waits for a tab that is gone must not wait for this to pass.
const LONG = 60_000;
const SHORT = 1_500;
// Timers of hidden tabs fire once a second.
const SOON = 5_000;

async function beginWaiting(tab: Tab): Promise<{ done: ReturnType<Tab['request']> }> {
    const done = tab.request();
    done.catch(() => undefined);
    await tab.until(async () => (await tab.call('sharing', 'waiting')).length > 0);
    return { done };
}

async function took(work: Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work;
    return performance.now() - start;
}

describeWithChromium('a tab that is left while it creates a token', () => {
    const tabs = useTabs({ areHidden: true });

    async function openLoggedIn(count: number, lockDuration: number): Promise<[Tab, Tab, Tab]> {
        const all = await tabs.openMany(count, { lockDuration });
        await all[0]?.call('logIn', await tabs.newSession());
        for (const tab of all) expect(await tab.request()).toEqual(granted);
        return all as [Tab, Tab, Tab];
    }

    /** Its token was refused, and the request for another one does not get to the server. */
    async function beginRenewal(tab: Tab): Promise<{ done: ReturnType<Tab['request']> }> {
        tabs.provider.revokeAccessTokens();
        tabs.holdNext = 1;
        const done = tab.request();
        done.catch(() => undefined); // the tab may be left
        await untilHeld(tabs, tabs.held.length + 1);
        return { done };
    }

    it.each<[string, (tab: Tab) => Promise<unknown>]>([
        ['is closed', (tab) => tab.close()],
        ['crashes', (tab) => tab.crash()],
        ['is loaded again', (tab) => tab.page.reload()],
        ['goes to another page, and may come back', (tab) => tab.goAway()],
    ])('holds nobody up when it %s', async (_, leave) => {
        const [first, second, third] = await openLoggedIn(3, LONG);
        await beginRenewal(first);
        const waiting = [await beginWaiting(second), await beginWaiting(third)];

        const duration = await took(Promise.all([leave(first), ...waiting.map(({ done }) => done)]));

        expect(duration).toBeLessThan(SOON);
        expect(await Promise.all(waiting.map(({ done }) => done))).toEqual([granted, granted]);
        expect(tabs.refreshes).toHaveLength(2);
        tabs.expectNoReuse();
    });

    it('adopts what the others have when the user comes back to it', async () => {
        const [first, second] = await openLoggedIn(2, LONG);
        await beginRenewal(first);
        const { done } = await beginWaiting(second);
        await first.goAway();
        expect(await done).toEqual(granted);
        tabs.held[0]?.lose();

        await first.goBack();
        await first.beginUnlessBegun({ lockDuration: LONG });

        expect(await first.request()).toEqual(granted);
        expect(await first.call('getToken')).toBe(await second.call('getToken'));
        expect(tabs.refreshes).toHaveLength(2);
        tabs.expectNoReuse();
    });

    it('holds nobody up when it goes to another page while it waits', async () => {
        const [first, second, third] = await openLoggedIn(3, LONG);
        await beginRenewal(first);
        await beginWaiting(second);
        const { done } = await beginWaiting(third);
        await second.goAway();
        await tabs.held[0]?.letGo();
        expect(await done).toEqual(granted);

        tabs.provider.revokeAccessTokens();
        expect(await took(third.request())).toBeLessThan(SOON);

        expect(await third.request()).toEqual(granted);
        expect(tabs.refreshes).toHaveLength(3);
        tabs.expectNoReuse();
    });

    it('delays the others by no more than lockDuration when it is frozen, and adopts when it is resumed', async () => {
        const [first, second, third] = await openLoggedIn(3, SHORT);
        const begun = await beginRenewal(first);
        const { done } = await beginWaiting(second);
        await first.freeze();
        const duration = await took(done);

        expect(await done).toEqual(granted);
        expect(duration).toBeLessThan(SHORT + SOON);
        expect(await third.request()).toEqual(granted);
        tabs.held[0]?.lose();
        await first.resume();
        expect(await begun.done).toEqual(granted);
        expect(await first.call('getToken')).toBe(await second.call('getToken'));
        expect(tabs.refreshes).toHaveLength(2);
        tabs.expectNoReuse();
    });

    it('adopts when it was frozen before it had read its own token', async () => {
        const [first, second] = await tabs.openMany(2, { lockDuration: SHORT, user: admin });
        tabs.holdNext = 1;
        const begun = first!.call('getToken');
        await untilHeld(tabs);
        await first!.freeze();
        await tabs.held[0]?.letGo();

        const token = await second!.call('getToken');
        await first!.resume();

        expect(await begun).toBe(token);
        expect(tabs.logIns).toHaveLength(2);
        tabs.provider.revokeAccessTokens();
        expect(await Promise.all([first!.request(), second!.request()])).toEqual([granted, granted]);
        expect(tabs.refreshes).toHaveLength(1);
        tabs.expectNoReuse();
    });

    it('holds nobody up when it is frozen while it waits, and adopts when it is resumed', async () => {
        const [first, second, third] = await openLoggedIn(3, LONG);
        await beginRenewal(first);
        await beginWaiting(second);
        const { done } = await beginWaiting(third);
        await second.freeze();
        await tabs.held[0]?.letGo();
        expect(await done).toEqual(granted);

        tabs.provider.revokeAccessTokens();
        expect(await took(third.request())).toBeLessThan(SOON);
        expect(await third.request()).toEqual(granted);
        await second.resume();

        expect(await second.request()).toEqual(granted);
        expect(await second.call('getToken')).toBe(await third.call('getToken'));
        expect(tabs.refreshes).toHaveLength(3);
        tabs.expectNoReuse();
    });

    it('adopts when it was frozen for many renewals of the others', async () => {
        const [first, second, third] = await openLoggedIn(3, SHORT);
        await first.freeze();
        for (let round = 1; round <= 10; round += 1) {
            tabs.provider.revokeAccessTokens();
            expect(await Promise.all([second.request(), third.request()])).toEqual([granted, granted]);
        }
        await first.resume();

        expect(await first.request()).toEqual(granted);
        expect(tabs.refreshes).toHaveLength(11);
        tabs.expectNoReuse();
    });

    it('is asked in vain by a new tab when it is frozen, which is not held up', async () => {
        const first = await tabs.open({ user: admin });
        expect(await first.request()).toEqual(granted);
        const second = await tabs.openPage();
        await first.freeze();
        await second.begin({ user: admin });

        expect(await took(second.request())).toBeLessThan(SOON);
        expect(await second.request()).toEqual(granted);
    });

    it('has no token any more when the others logged out while it was frozen', async () => {
        const [first, second] = await openLoggedIn(2, SHORT);
        await first.freeze();
        await second.call('clear');
        await first.resume();

        await first.until(async () => (await first.call('events', 'cleared')).length > 0);
        expect(await first.call('current')).toBeUndefined();
        expect(await first.request()).toMatchObject({ error: { code: 'cleared' } });
        expect(tabs.refreshes).toHaveLength(1);
    });

    it('has no token any more when the user comes back to it after a log-out elsewhere', async () => {
        const [first, second] = await openLoggedIn(2, SHORT);
        await first.goAway();
        await second.call('clear');
        await second.close();

        await first.goBack();
        await first.beginUnlessBegun({});

        expect(await first.call('current')).toBeUndefined();
        expect(await first.request()).toMatchObject({ error: { code: 'cleared' } });
        expect(tabs.refreshes).toHaveLength(1);
    });
});
