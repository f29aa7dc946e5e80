import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { TabSettings } from '../browser/tabs-page.js';
import { bundleForPage, startChromium, type Chromium } from './chromium.js';
import { post, passwordGrant } from './openid-client.js';
import { clients, startOpenidProvider, users, type OpenidProvider } from './openid-provider.js';
import { startResourceServer, type TestResourceServer } from './resource-server.js';
import { Tab } from './tab.js';
import { until, useServers, type Exchange, type TestServer } from './servers.js';

export type { Outcome } from '../browser/tabs-page.js';
export type { Tab };

export const admin = { name: users.admin.username, password: users.admin.password };
export const granted = { status: 200, subject: users.admin.username };

const tokenPath = '/oauth2/token';

/** A token request that waits between its tab and the authorization server, which knows nothing of it yet. */
export interface HeldRequest {
    /** Path and query. */
    readonly url: string;
    readonly fields: URLSearchParams;
    /** Hands it on; the answer goes to the tab, if it is still there. */
    letGo(): Promise<void>;
    /** It never gets there, as when the network breaks. */
    lose(): void;
    /** Whether the tab gave it up. */
    readonly isCut: Promise<boolean>;
}

export interface Tabs {
    readonly provider: OpenidProvider;
    readonly api: TestResourceServer;
    /** The origin of the tabs. */
    readonly origin: string;
    /** What a tab begins with. */
    readonly settings: TabSettings;
    /** What was held so far, in order of arrival. */
    readonly held: readonly HeldRequest[];
    /** How many of the next token requests are held; only those to the endpoint of the tabs' own origin can be. */
    holdNext: number;
    /** Whether a token request of that URL is lost on its way. */
    isLost: (url: string) => boolean;
    readonly context: BrowserContext;
    readonly browser: Chromium;
    /** Opens a tab without beginning anything in it. */
    openPage(options?: OpenOptions): Promise<Tab>;
    open(settings?: Partial<TabSettings>, options?: OpenOptions): Promise<Tab>;
    openMany(count: number, settings?: Partial<TabSettings>): Promise<Tab[]>;
    /** What came to the token endpoint. */
    readonly refreshes: readonly OpenidProvider['requests'][number][];
    readonly logIns: readonly OpenidProvider['requests'][number][];
    /** A refresh token of a user who logged in somewhere. */
    newSession(fields?: { scope?: string; resource?: readonly string[] }): Promise<string>;
    /** Each refresh token came once, none while another one was under way, and all were taken. */
    expectNoReuse(): void;
    /** Each refresh token came once, and all were taken; those of several sessions at the same time. */
    expectEachFamilyIntact(): void;
    /** Has another origin, which need not exist, lead to the same site, and its `/api` to the API. */
    serveAs(origin: string): Promise<void>;
}

interface OpenOptions {
    /** Runs before the page does. */
    readonly init?: () => void;
    readonly context?: BrowserContext;
    readonly origin?: string;
}

/**
 * Tabs of one origin, new for each test, and the servers that they use.
 *
 * @param options.areHidden - whether tabs that are not in front are hidden, and throttled, as those of a user are
 */
export function useTabs({ areHidden = false }: { areHidden?: boolean } = {}): Tabs {
    const serve = useServers();
    const opened: Page[] = [];
    const complaints: string[] = [];
    let browser: Chromium;
    let script: string;
    let provider: OpenidProvider;
    let api: TestResourceServer;
    let site: TestServer;
    let held: HeldRequest[];

    beforeAll(async () => {
        [browser, script] = await Promise.all([
            areHidden ? startWithHiddenTabs() : startChromium(),
            bundleForPage(join(__dirname, '../browser/tabs-page.ts')),
        ]);
    });

    afterAll(() => browser?.close());

    beforeEach(async () => {
        held = [];
        tabs.holdNext = 0;
        tabs.isLost = () => false;
        provider = await startOpenidProvider({ dpop: false });
        api = await startResourceServer({ provider, cors: true });
        site = await serve(answer);
    });

    afterEach(async () => {
        await Promise.all(opened.splice(0).map((page) => page.close().catch(() => undefined)));
        for (const request of held) request.lose();
        await Promise.all([provider?.close(), api?.close()]);
        expect(complaints.splice(0)).toEqual([]);
    });

    function answer(exchange: Exchange): void | Promise<void> {
        const { received, response } = exchange;
        // Chromium sends a request once more when a connection that it had used before ends without an answer.
        response.setHeader('connection', 'close');
        if (received.url.split('?')[0] === tokenPath) return answerTokenRequest(exchange);
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        const isTab = received.url.startsWith('/index.html');
        response.end(`<!doctype html><link rel="icon" href="data:,">${isTab ? `<script>${script}</script>` : ''}`);
    }

    async function answerTokenRequest({ received, response }: Exchange): Promise<void> {
        const fields = new URLSearchParams(received.body.toString());
        const letGo = async (): Promise<void> => {
            const { status, body } = await post(provider.endpoints.token, [...fields]);
            if (response.destroyed) return;
            response.writeHead(status, { 'content-type': 'application/json' });
            response.end(JSON.stringify(body));
        };
        if (tabs.isLost(received.url)) return lose(response);
        if (tabs.holdNext === 0) return letGo();
        tabs.holdNext -= 1;
        held.push({ url: received.url, fields, letGo, lose: () => lose(response), isCut: received.isCut });
    }

    const ofType = (grantType: string) =>
        provider.requests.filter(({ fields }) => fields.get('grant_type') === grantType);

    const tabs: Tabs = {
        holdNext: 0,
        isLost: () => false,
        get provider() {
            return provider;
        },
        get api() {
            return api;
        },
        get browser() {
            return browser;
        },
        get context() {
            return browser.context;
        },
        get origin() {
            return `http://localhost:${site.port}`;
        },
        get held() {
            return held;
        },
        get settings() {
            return {
                name: 'test',
                tokenEndpoint: tabs.origin + tokenPath,
                clientId: clients.public.id,
                apiUrl: api.url,
            };
        },
        async openPage({ init, context = browser.context, origin = tabs.origin } = {}) {
            const page = await context.newPage();
            opened.push(page);
            page.on('pageerror', ({ message }) => complaints.push(message));
            if (init) await page.addInitScript(init);
            await page.goto(`${origin}/index.html`);
            return new Tab(page, tabs.settings);
        },
        async open(settings, options) {
            const tab = await tabs.openPage(options);
            await tab.begin(settings);
            return tab;
        },
        openMany: (count, settings) => Promise.all(Array.from({ length: count }, () => tabs.open(settings))),
        get refreshes() {
            return ofType('refresh_token');
        },
        get logIns() {
            return ofType('password');
        },
        async newSession({ resource = [], ...more } = {}) {
            const fields = { ...passwordGrant(), client_id: clients.public.id, ...more };
            const wanted = resource.map((identifier): [string, string] => ['resource', identifier]);
            const { body } = await post(provider.endpoints.token, [...Object.entries(fields), ...wanted]);
            if (!body['refresh_token']) throw new Error(`no session: ${body.error} ${body['error_description']}`);
            return body['refresh_token'];
        },
        expectEachFamilyIntact() {
            const used = tabs.refreshes.map(({ fields }) => fields.get('refresh_token'));
            expect(new Set(used).size).toBe(used.length);
            expect(tabs.refreshes.map(({ status }) => status)).toEqual(used.map(() => 200));
        },
        async serveAs(origin) {
            await browser.context.route(`${origin}/**`, async (route) => {
                const { pathname, search } = new URL(route.request().url());
                const isOfApi = pathname.startsWith('/api');
                const url = isOfApi ? api.url + pathname.slice('/api'.length) : tabs.origin + pathname + search;
                await route.fulfill({ response: await route.fetch({ url }) });
            });
        },
        expectNoReuse() {
            tabs.expectEachFamilyIntact();
            const { refreshes } = tabs;
            const overlapping = refreshes.filter((refresh, index) => {
                const following = refreshes[index + 1];
                return following && following.startedAt < refresh.endedAt;
            });
            expect(overlapping).toEqual([]);
        },
    };
    return tabs;
}

/**
 * Breaks the connection off in the midst of an answer. Had it ended without any, Chromium might send the request up to
 * twice more: it does when the connection was open before, be it unused, as it is where an earlier request was aborted
 * while it connected.
 */
function lose(response: ServerResponse): void {
    if (response.destroyed) return;
    response.writeHead(200, { 'content-length': '2' });
    response.write('{', () => response.destroy());
}

/** Playwright lets all tabs count as visible and focused, where none is throttled, and none can be frozen. */
async function startWithHiddenTabs(): Promise<Chromium> {
    return startChromium({ noDefaults: true });
}

/** Waits until so many token requests are held. */
export function untilHeld(tabs: Tabs, count = 1): Promise<void> {
    return until(() => tabs.held.length >= count);
}
