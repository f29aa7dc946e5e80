import type { CDPSession, Page } from 'playwright-core';
import type { Outcome, TabPage, TabSettings } from '../browser/tabs-page.js';

type Names = {
    [Name in keyof TabPage]: TabPage[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof TabPage];

/** A tab, and what is done to it. */
export class Tab {
    private session: Promise<CDPSession> | undefined;

    constructor(
        readonly page: Page,
        private readonly defaults: TabSettings,
    ) {}

    /** Calls a function of the page. */
    async call<Name extends Names>(
        name: Name,
        ...args: Parameters<TabPage[Name]>
    ): Promise<Awaited<ReturnType<TabPage[Name]>>> {
        const result: unknown = await this.page.evaluate(
            ([key, values]) => {
                const { tab } = globalThis as unknown as { tab: Record<string, (...given: unknown[]) => unknown> };
                return tab[key as string]?.(...(values as unknown[]));
            },
            [name, args] as const,
        );
        return result as Awaited<ReturnType<TabPage[Name]>>;
    }

    begin(settings: Partial<TabSettings> = {}): Promise<void> {
        return this.call('begin', { ...this.defaults, ...settings });
    }

    request(...args: Parameters<TabPage['request']>): Promise<Outcome> {
        return this.call('request', ...args);
    }

    /** As the browser does with tabs that were hidden for long; only what is hidden freezes. */
    async freeze(): Promise<void> {
        await this.setLifecycle('frozen');
        await this.until(async () => (await this.call('lifecycle')).at(-1) === 'freeze');
    }

    async resume(): Promise<void> {
        await this.setLifecycle('active');
        await this.until(async () => (await this.call('lifecycle')).at(-1) === 'resume');
    }

    /** Its process ends. */
    async crash(): Promise<void> {
        const crashed = this.page.waitForEvent('crash');
        (await this.cdp()).send('Page.crash').catch(() => undefined);
        await crashed;
    }

    /** To another page of the same origin, from where the user may come back. */
    async goAway(): Promise<void> {
        await this.page.goto(new URL('/elsewhere.html', this.page.url()).href);
    }

    async goBack(): Promise<void> {
        // Not as Playwright does it: it waits for a load, and a page that was kept is not loaded again.
        await this.page.evaluate(() => void setTimeout(() => history.back()));
        await this.page.waitForURL(/index\.html$/, { waitUntil: 'commit' });
    }

    /** A page that the browser did not keep was loaded again. */
    async beginUnlessBegun(settings: Partial<TabSettings>): Promise<void> {
        await this.page.waitForFunction(() => 'tab' in globalThis);
        if (!(await this.call('hasBegun'))) await this.begin(settings);
    }

    close(): Promise<void> {
        return this.page.close();
    }

    async until(isTrue: () => Promise<boolean>): Promise<void> {
        const deadline = Date.now() + 10_000;
        while (!(await isTrue())) {
            if (Date.now() > deadline) throw new Error(`never became true in a tab: ${String(isTrue)}`);
        }
    }

    private async setLifecycle(state: 'frozen' | 'active'): Promise<void> {
        await (await this.cdp()).send('Page.setWebLifecycleState', { state });
    }

    private cdp(): Promise<CDPSession> {
        this.session ??= this.page.context().newCDPSession(this.page);
        return this.session;
    }
}
