import { join } from 'node:path';
import type { Page as BrowserPage } from 'playwright-core';
import type { Page, PageSettings } from '../browser/bundled-page.js';
import { bundleProject, bundlers, type Bundle, type Bundler, type Project } from './bundlers.js';
import { startChromium, type Chromium } from './chromium.js';
import { forOtherOrigins, startHttp2Api, startSite, tokenEndpoint, type Http2Api, type Site } from './cross-origin.js';
import {
    createIssuer,
    protectedBy,
    useServers,
    type Issuer,
    type ReceivedRequest,
    type Route,
    type TestServer,
} from './servers.js';

const modules = {
    'main.js': `
        import './page.js';
        globalThis.startWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });`,
    'page.js': { path: join(process.cwd(), '__tests__/browser/bundled-page.ts') },
    'worker.js': `import './page.js';`,
    'attach.js': `export { attachTokenCreator } from 'axios-token-creator';`,
    'all.js': ['', '/dpop', '/jwt', '/redis', '/shared', '/tabs']
        .map((path) => `export * as all${path.slice(1)} from 'axios-token-creator${path}';`)
        .join(''),
    'wrong.js': `import * as all from 'axios-token-creator'; console.log(all.missing);`,
};

const bundles = bundlers.flatMap((bundler) => [
    { name: `${bundler} page`, bundler, entries: ['main.js', 'worker.js'] },
    ...['attach', 'all', 'wrong'].map((module) => {
        return { name: `${bundler} ${module}`, bundler, entries: [`${module}.js`], external: ['axios'] };
    }),
]);

export interface Bundles {
    readonly bundle: (bundler: Bundler, name: 'page' | 'attach' | 'all' | 'wrong') => Bundle;
    /** A page for the tests of a suite; for each of them a token endpoint of another origin. */
    readonly usePages: (bundler: Bundler, adapter: string) => BundledPage;
}

type Call = <Name extends keyof Page>(
    name: Name,
    ...args: Parameters<Page[Name]>
) => Promise<Awaited<ReturnType<Page[Name]>>>;

interface BundledPage {
    readonly issuer: Issuer;
    readonly site: Site;
    readonly tokens: TestServer;
    /** Calls a function in the page. */
    readonly call: Call;
    /** Calls a function in its worker. */
    readonly callWorker: Call;
    begin(settings?: Partial<PageSettings>): Promise<void>;
    /** An API of another origin that wants a token, for which the page begins; to preflights it says nothing of `refused`. */
    serveApi(route?: Route, refused?: string): Promise<TestServer>;
    /** The same over HTTP/2, without which Chromium sends no body that is a stream. */
    serveHttp2(): Promise<Http2Api>;
    /** From now on the page holds a token which the API no longer accepts. */
    holdRefused(): Promise<void>;
}

/** One browser, and one build by each bundler, for all tests of a suite. */
export function useBundles(): Bundles {
    const serve = useServers();
    let browser: Chromium;
    let project: Project;

    beforeAll(async () => {
        const [started, bundled] = await Promise.allSettled([startChromium(), bundleProject({ modules, bundles })]);
        if (started.status === 'fulfilled') browser = started.value;
        if (bundled.status === 'fulfilled') project = bundled.value;
        const failed = [started, bundled].find(({ status }) => status === 'rejected');
        if (failed) throw new Error('it cannot begin', { cause: failed });
    }, 180_000);

    afterAll(() => Promise.all([browser?.close(), project?.remove()]));

    const bundle: Bundles['bundle'] = (bundler, name) => project.bundle(`${bundler} ${name}`);

    function usePages(bundler: Bundler, adapter: string): BundledPage {
        let page: BrowserPage;
        const [complaints, printed]: [string[], string[]] = [[], []];
        let [issuer, site, tokens]: [Issuer?, Site?, TestServer?] = [];
        const closing: (() => Promise<void>)[] = [];

        beforeAll(async () => {
            site = await startSite(bundle(bundler, 'page').directory, 'main.js');
            page = await browser.context.newPage();
            page.on('console', (message) => printed.push(message.text()));
            page.on('pageerror', ({ message }) => complaints.push(message));
            await page.goto(`${site.url}/app/index.html`);
        });

        afterAll(() => Promise.all([page?.close(), site?.close()]));

        beforeEach(async () => {
            issuer = createIssuer();
            tokens = await serve(tokenEndpoint(issuer));
            bundled.site.protectBy(issuer);
        });

        afterEach(async () => {
            complaints.push(...(await bundled.call('unhandled')));
            await browser.context.clearCookies();
            await Promise.all(closing.splice(0).map((close) => close()));
            expect(complaints.splice(0)).toEqual([]);
            expect(printed.splice(0).filter((text) => /token-\d|start123/.test(text))).toEqual([]);
        });

        const callIn =
            (place: 'callHere' | 'callWorker'): Call =>
            async (name, ...args) => {
                const result: unknown = await page.evaluate(
                    ([caller, called, values]) => {
                        const functions = globalThis as unknown as Record<string, (...given: unknown[]) => unknown>;
                        return functions[caller as string]?.(called, values);
                    },
                    [place, name, args] as const,
                );
                return result as never;
            };

        const bundled: BundledPage = {
            get issuer() {
                return there(issuer);
            },
            get site() {
                return there(site);
            },
            get tokens() {
                return there(tokens);
            },
            call: callIn('callHere'),
            callWorker: callIn('callWorker'),
            begin: (settings) => bundled.call('begin', { adapter, tokenUrl: bundled.tokens.url, ...settings }),
            async serveApi(route = protectedBy(bundled.issuer), refused) {
                const api = await serve(forOtherOrigins(route, refused));
                await bundled.begin({ baseURL: api.url });
                return api;
            },
            async serveHttp2() {
                const api = await startHttp2Api(bundled.issuer);
                closing.push(() => api.close());
                const session = await browser.context.newCDPSession(page);
                await session.send('Security.setIgnoreCertificateErrors', { ignore: true });
                await bundled.begin({ baseURL: api.url });
                return api;
            },
            async holdRefused() {
                await bundled.call('prepare');
                bundled.issuer.revoke();
            },
        };
        return bundled;
    }

    return { bundle, usePages };
}

function there<T>(value: T | undefined): T {
    if (value === undefined) throw new Error('there is a page in tests only');
    return value;
}

export const isPreflight = ({ method }: ReceivedRequest): boolean => method === 'OPTIONS';

/** What was sent to a server, besides preflights. */
export const sentTo = ({ received }: TestServer): ReceivedRequest[] =>
    received.filter((request) => !isPreflight(request));

export const tokensSentTo = (server: TestServer): (string | undefined)[] =>
    sentTo(server).map(({ headers }) => headers.authorization);

/** What the page sends: 0, 1, … 255, 0 and so on. */
export function patternOf(length: number): Buffer {
    return Buffer.from(Uint8Array.from({ length }, (_, index) => index));
}

export function readForm({ body, headers }: ReceivedRequest): Promise<FormData> {
    const type = String(headers['content-type']);
    return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
}
