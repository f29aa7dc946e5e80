import { join } from 'node:path';
import type { ConsoleMessage, Page as BrowserPage } from 'playwright-core';
import { bundleForPage, describeWithChromium, startChromium, type Chromium } from '../support/chromium.js';
import { clients, startOpenidProvider, users, type OpenidProvider } from '../support/openid-provider.js';
import { athOf, proofOf } from '../support/proofs.js';
import { startResourceServer, type TestResourceServer } from '../support/resource-server.js';
import { claimsOf } from '../support/resource-server/proofs.js';
import { sendJson, useServers, type Exchange, type TestServer } from '../support/servers.js';
import type { Page, PageSettings } from './page.js';

const serve = useServers();

type Names = { [Name in keyof Page]: Page[Name] extends (...args: never[]) => unknown ? Name : never }[keyof Page];

/** Calls a function in the page. */
async function call<Name extends Names>(
    page: BrowserPage,
    name: Name,
    ...args: Parameters<Page[Name]>
): Promise<Awaited<ReturnType<Page[Name]>>> {
    const result: unknown = await page.evaluate(
        ([key, values]) => {
            const { page: functions } = globalThis as unknown as {
                page: Record<string, (...given: unknown[]) => unknown>;
            };
            return functions[key as string]?.(...(values as unknown[]));
        },
        [name, args] as const,
    );
    return result as Awaited<ReturnType<Page[Name]>>;
}

describeWithChromium('DPoP in Chromium', () => {
    let browser: Chromium;
    let script: string;
    let provider: OpenidProvider;
    let resource: TestResourceServer;
    let site: TestServer;
    let page: BrowserPage;
    let complaints: string[];

    beforeAll(async () => {
        [browser, script] = await Promise.all([startChromium(), bundleForPage(join(__dirname, 'page.ts'))]);
    });

    afterAll(() => browser?.close());

    beforeEach(async () => {
        complaints = [];
        provider = await startOpenidProvider();
        resource = await startResourceServer({ provider, dpop: 'required', requireNonce: true, cors: true });
        site = await serve(answer);
        page = await browser.context.newPage();
        page.on('console', note);
        page.on('pageerror', ({ message }) => complaints.push(message));
        await page.goto(`http://localhost:${site.port}/shop/index.html?x#y`);
    });

    afterEach(async () => {
        await Promise.all([page?.close(), provider?.close(), resource?.close()]);
        expectNoComplaints();
    });

    function expectNoComplaints(): void {
        expect(complaints).toEqual([]);
        expect(resource.downgrades).toBe(0);
    }

    /** Chromium tells of every answer of 400 or more, and of nothing else here. */
    function note(message: ConsoleMessage): void {
        const isAnswer = /^Failed to load resource: the server responded with a status of 40[01] /.test(message.text());
        if (!isAnswer && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
    }

    function answer(exchange: Exchange): void {
        const { received, response } = exchange;
        if (!received.url.includes('.html')) return sendJson(exchange, 200, {});
        const to = /base=([^&]+)/.exec(received.url)?.[1];
        const base = to ? `<base href="${decodeURIComponent(to)}">` : '';
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(`<!doctype html><link rel="icon" href="data:,">${base}<script>${script}</script>`);
    }

    const settings = (adapter: string, more: Partial<PageSettings> = {}): PageSettings => ({
        adapter,
        tokenEndpoint: provider.endpoints.token,
        clientId: clients.dpopPublic.id,
        user: { name: users.admin.username, password: users.admin.password },
        apiUrl: resource.url,
        ...more,
    });

    const outcomes = () => provider.requests.map(({ fields, status }) => `${fields.get('grant_type')} ${status}`);
    const answers = () => resource.received.map(({ status, error }) => [status, error].filter(Boolean).join(' '));

    describe.each(['xhr', 'fetch'])('over %s', (adapter) => {
        it('a page of another origin gets a bound token and uses it, with the nonce of each server', async () => {
            await call(page, 'begin', settings(adapter));

            const answered = await call(page, 'request', '/orders?x=1#y', 'post', { item: 1 });

            expect(answered).toMatchObject({ status: 200, data: { subject: 'admin', method: 'POST' } });
            expect(outcomes()).toEqual(['password 400', 'password 200']);
            expect(answers()).toEqual(['401 use_dpop_nonce', '200']);
            const origin = `http://localhost:${site.port}`;
            expect(resource.received.map(({ headers }) => headers.origin)).toEqual([origin, origin]);
            expect(resource.received[1]?.proof).toMatchObject({ htm: 'POST', htu: `${resource.url}/orders` });
            const { access_token: token } = await call(page, 'grant');
            expect((await provider.findToken(token))?.jkt).toMatch(/^[\w-]{43}$/);
        });

        it('a token that is refused is replaced once for all who use it, under a new nonce', async () => {
            await call(page, 'begin', settings(adapter));
            await call(page, 'request', '/me');
            provider.revokeAccessTokens();
            resource.rotateNonce();

            const statuses = await call(page, 'requestMany', 20);

            expect(statuses).toEqual(Array(20).fill(200));
            expect(outcomes()).toEqual(['password 400', 'password 200', 'refresh_token 200']);
            const ids = resource.received.map(({ proof }) => proof?.['jti']);
            expect(new Set(ids).size).toBe(resource.received.length);
        });

        it('relative URLs are resolved as the page does it', async () => {
            await call(page, 'begin', settings(adapter, { apiUrl: undefined }));

            for (const url of ['/api/me?x', 'orders', './orders/1#y', '../sibling/%7Ea'])
                await call(page, 'request', url);

            await expectTargets(['/api/me', '/shop/orders', '/shop/orders/1', '/sibling/%7Ea']);
        });

        it('relative URLs are resolved as the page does it, also under a <base>', async () => {
            await page.goto(`http://localhost:${site.port}/based/index.html?base=/elsewhere/`);
            await call(page, 'begin', settings(adapter, { apiUrl: undefined }));

            for (const url of ['/api/me', 'orders', '../x']) await call(page, 'request', url);

            await expectTargets(['/api/me', '/elsewhere/orders', '/x']);
        });
    });

    it.each(['xhr', 'fetch'])('a <base> leads no token to where it must not go, over %s', async (adapter) => {
        const other = await serve((exchange) => {
            const { received, response } = exchange;
            response.setHeader('access-control-allow-origin', received.headers.origin ?? '*');
            response.setHeader('access-control-allow-headers', 'authorization,dpop');
            sendJson(exchange, 200, {});
        });
        const origin = `http://localhost:${site.port}`;
        await page.goto(`${origin}/index.html?base=${encodeURIComponent(other.url)}/`);
        await call(page, 'begin', settings(adapter, { apiUrl: undefined, origins: [origin] }));

        for (const url of ['/me', 'me']) await call(page, 'request', url);

        const received = other.received.filter(({ method }) => method === 'GET');
        expect(received.map(({ url, headers }) => [url, headers.authorization, headers['dpop']])).toEqual([
            ['/me', undefined, undefined],
            ['/me', undefined, undefined],
        ]);
    });

    /** Whatever URL a proof names, the browser has to have asked for it. */
    async function expectTargets(paths: string[]): Promise<void> {
        const proven = site.received.filter(({ headers }) => headers['dpop']);
        expect(proven.map(({ url }) => url.split('?')[0])).toEqual(paths);
        const proofs = await Promise.all(proven.map(proofOf));
        const origin = `http://localhost:${site.port}`;
        expect(proofs.map(({ claims }) => claims.htu)).toEqual(paths.map((path) => origin + path));
        const { access_token: token } = await call(page, 'grant');
        expect(new Set(proofs.map(({ claims }) => claims.ath))).toEqual(new Set([athOf(token)]));
    }

    it('the private key cannot be exported, stays over a reload, and keeps the refresh token usable', async () => {
        await call(page, 'begin', settings('fetch', { keepsKeys: true }));
        await call(page, 'request', '/me');
        const { access_token: token, refresh_token: refreshToken } = await call(page, 'grant');
        const keys = await call(page, 'describeKeys');

        await page.reload();
        await call(page, 'begin', settings('xhr', { keepsKeys: true, refreshToken }));
        const { status } = await call(page, 'request', '/me');

        const fails = 'InvalidAccessError';
        expect(keys).toEqual({ extractable: false, exported: [fails, fails] });
        expect(await call(page, 'describeKeys')).toEqual(keys);
        expect(status).toBe(200);
        expect(outcomes()).toEqual(['password 400', 'password 200', 'refresh_token 400', 'refresh_token 200']);
        const after = await provider.findToken((await call(page, 'grant')).access_token);
        expect(after?.jkt).toBe((await provider.findToken(token))?.jkt);
    });

    it('a refresh token is worth nothing to a page without the key that it is bound to', async () => {
        await call(page, 'begin', settings('fetch'));
        await call(page, 'request', '/me');
        const { refresh_token: refreshToken } = await call(page, 'grant');

        await page.reload();
        await call(page, 'begin', settings('fetch', { refreshToken }));
        await call(page, 'request', '/me');

        const last = provider.requests
            .slice(2)
            .map(({ fields, answer: { error } }) => [fields.get('grant_type'), error]);
        expect(last.slice(0, 2)).toEqual([
            ['refresh_token', 'use_dpop_nonce'],
            ['refresh_token', 'invalid_grant'],
        ]);
        const ids = provider.requests.map(({ headers }) => claimsOf(headers['dpop'] as string | undefined)?.['jti']);
        expect(new Set(ids).size).toBe(provider.requests.length);
    });

    it('its keys, and pages of loopback, are those of a secure context', async () => {
        expect(await call(page, 'isSecure')).toBe(true);
    });
});
