import { describeWithChromium } from '../support/chromium.js';
import { admin, granted, useTabs, type Tab } from '../support/tabs.js';

const logIns = { user: admin };

const tokenOf = (tab: Tab, id?: string) => tab.call('getToken', undefined, id);

describeWithChromium('tabs that cannot be coordinated', () => {
    const tabs = useTabs();

    async function expectAlone(all: Tab[]): Promise<void> {
        expect(await Promise.all(all.map((tab) => tab.request()))).toEqual(all.map(() => granted));
        expect(tabs.logIns).toHaveLength(all.length);
        tabs.provider.revokeAccessTokens();
        expect(await Promise.all(all.map((tab) => tab.request()))).toEqual(all.map(() => granted));
        expect(tabs.refreshes).toHaveLength(all.length);
        tabs.expectEachFamilyIntact();
        for (const tab of all) {
            const told = await tab.call('sharing');
            expect(told).toEqual([{ type: 'uncoordinated', error: expect.stringMatching(/Web Locks/) as unknown }]);
        }
    }

    it.each<[string, () => void]>([
        ['Web Locks', () => void Reflect.deleteProperty(Navigator.prototype, 'locks')],
        ['BroadcastChannel', () => void Reflect.deleteProperty(globalThis, 'BroadcastChannel')],
    ])('work each by itself without %s, and say so once', async (_, init) => {
        const all = [await tabs.open(logIns, { init }), await tabs.open(logIns, { init })];
        await expectAlone(all);
        await all[0]!.call('clear');
        expect(await all[1]!.request()).toEqual(granted);
    });

    it('work each by itself where the context is not secure, and say so once', async () => {
        const origin = 'http://shop.test';
        await tabs.serveAs(origin);
        const settings = { ...logIns, tokenEndpoint: `${origin}/oauth2/token`, apiUrl: `${origin}/api` };
        const all = [await tabs.open(settings, { origin }), await tabs.open(settings, { origin })];

        expect(await all[0]!.call('isSecure')).toBe(false);
        await expectAlone(all);
    });
});

describeWithChromium('tabs that have nothing in common', () => {
    const tabs = useTabs();

    it('do not share under different names, nor does a log-out', async () => {
        const [one, two] = await Promise.all(['one', 'two'].map((name) => tabs.openMany(2, { ...logIns, name })));
        const all = [...one!, ...two!];

        const tokens = await Promise.all(all.map((tab) => tokenOf(tab)));
        expect(tokens[0]).toBe(tokens[1]);
        expect(tokens[2]).toBe(tokens[3]);
        expect(tokens[0]).not.toBe(tokens[2]);
        expect(tabs.logIns).toHaveLength(2);

        await one![0]!.call('clear');
        await one![1]!.until(async () => (await one![1]!.call('current')) === undefined);
        expect(await Promise.all(two!.map((tab) => tab.call('current')))).toEqual(tokens.slice(2));
    });

    it('do not share with those of another origin, nor does a log-out', async () => {
        const other = tabs.origin.replace('localhost', '127.0.0.1');
        const here = await tabs.open(logIns);
        const there = await tabs.open({ ...logIns, tokenEndpoint: `${other}/oauth2/token` }, { origin: other });

        const token = await tokenOf(here);
        expect(await tokenOf(there)).not.toBe(token);
        expect(tabs.logIns).toHaveLength(2);
        expect(await Promise.all([here.call('sharing', 'adopted'), there.call('sharing', 'adopted')])).toEqual([
            [],
            [],
        ]);
        await there.call('clear');
        expect(await here.call('current')).toBe(token);
    });

    it('do not share with those of another profile', async () => {
        const context = await tabs.context.browser()!.newContext();
        const all = [await tabs.open(logIns), await tabs.open(logIns, { context })];
        expect(await tokenOf(all[0]!)).not.toBe(await tokenOf(all[1]!));
        expect(tabs.logIns).toHaveLength(2);
        await context.close();
    });
});

describeWithChromium('sources of one tab', () => {
    const tabs = useTabs();
    const ids = ['a', 'b', 'c'];

    it('share one token by one name, also with those of another tab, and are cleared once each', async () => {
        const [first, second] = await tabs.openMany(2, { id: 'a', ...logIns });
        const both = [first!, second!];
        for (const tab of both) for (const id of ids.slice(1)) await tab.begin({ id, ...logIns });
        const each = <T>(ask: (tab: Tab, id: string) => Promise<T>) =>
            Promise.all(both.flatMap((tab) => ids.map((id) => ask(tab, id))));

        const tokens = await each((tab, id) => tab.call('getToken', undefined, id));
        expect(new Set(tokens).size).toBe(1);
        expect(tabs.logIns).toHaveLength(1);
        tabs.provider.revokeAccessTokens();
        expect(await each((tab, id) => tab.request(undefined, id))).toEqual(Array(6).fill(granted));
        expect(tabs.refreshes).toHaveLength(1);

        await first!.call('clear', 'b');
        await each((tab, id) => tab.until(async () => (await tab.call('current', id)) === undefined));
        expect(await each(async (tab, id) => (await tab.call('events', 'cleared', id)).length)).toEqual([
            1, 1, 1, 1, 1, 1,
        ]);
        tabs.expectNoReuse();
    });
});

describeWithChromium('tabs with a store', () => {
    const tabs = useTabs();
    const stored = { isStored: true };

    it('a tab that is loaded again finds its token there, and renews with the refresh token from there', async () => {
        const tab = await tabs.open(stored);
        await tab.call('logIn', await tabs.newSession());
        const token = await tab.call('getToken');

        await tab.page.reload();
        await tab.begin(stored);

        expect(await tab.call('getToken')).toBe(token);
        expect(tabs.refreshes).toHaveLength(1);
        tabs.provider.revokeAccessTokens();
        expect(await tab.request()).toEqual(granted);
        await tab.page.reload();
        await tab.begin(stored);
        expect(await tab.request()).toEqual(granted);
        expect(tabs.refreshes).toHaveLength(2);
        tabs.expectNoReuse();
    });

    it('leave neither the name nor anything else there after a log-out', async () => {
        const tab = await tabs.open(stored);
        await tab.call('logIn', await tabs.newSession());
        await tab.request();
        const { keys } = await tab.call('left');
        expect(keys).toHaveLength(1);
        expect(keys[0]).not.toContain('test');

        await tab.call('clear');

        await tab.until(async () => (await tab.call('left')).keys.length === 0);
        await tab.page.reload();
        await tab.begin(stored);
        expect(await tab.request()).toMatchObject({ error: { code: 'cleared' } });
        expect(tabs.refreshes).toHaveLength(1);
    });

    it('are told of what the others write there', async () => {
        const all = await tabs.openMany(3, stored);
        await all[0]!.call('logIn', await tabs.newSession());
        const token = await all[0]!.call('getToken');
        expect(await Promise.all(all.map((tab) => tab.call('getToken')))).toEqual([token, token, token]);

        await all[1]!.call('clear');
        await Promise.all(all.map((tab) => tab.until(async () => (await tab.call('current')) === undefined)));
        expect(tabs.refreshes).toHaveLength(1);
    });
});
