import { bundlers, type Bundle } from '../support/bundlers.js';
import { isPreflight, patternOf, readForm, sentTo, tokensSentTo, useBundles } from '../support/bundled-pages.js';
import { describeWithChromium } from '../support/chromium.js';
import { forOtherOrigins } from '../support/cross-origin.js';
import { ok, protectedBy, refuse, sendJson, until, useServers } from '../support/servers.js';

describeWithChromium('bundled for Chromium', () => {
    const serve = useServers();
    const { bundle, usePages } = useBundles();

    describe.each(bundlers)('by %s', (bundler) => {
        it('the package gives no warning', () => {
            for (const name of ['page', 'attach', 'all'] as const) expect(bundle(bundler, name).warnings).toEqual([]);
            expect(bundle(bundler, 'wrong').warnings.join()).toContain('missing');
        });

        it('attachTokenCreator alone brings nothing of Node.js, of a creator or of a sub-path', () => {
            const alone = bundle(bundler, 'attach');
            const code = codeOf(alone);
            const whole = codeOf(bundle(bundler, 'all'));

            expect(code).not.toMatch(/\bnode:|\bBuffer\b|\bprocess\.|\brequire\b/);
            expect(code.match(/\bfrom ?["'][^"']+["']/g)).toEqual([expect.stringContaining('axios')]);
            const ofRoot = /^axios-token-creator\/dist\/(index\.js|chunks\/)/;
            expect(alone.modules.filter((name) => !ofRoot.test(name))).toEqual([]);
            // What no minifier renames.
            const marks = ['device_code', 'client_assertion', 'PEXPIRE', 'BroadcastChannel', 'dpop+jwt'];
            expect(marks.filter((mark) => !whole.includes(mark))).toEqual([]);
            expect(marks.filter((mark) => code.includes(mark))).toEqual([]);
        });

        describe('over fetch, which takes streams,', () => {
            const page = usePages(bundler, 'fetch');

            it('a body that is one is sent once', async () => {
                const api = await page.serveHttp2();
                await page.holdRefused();

                const refused = await page.call('request', { body: 'stream' });
                const next = await page.call('request', { body: 'stream' });

                expect([refused.status, next.status]).toEqual([401, 200]);
                const arrived = api.received.map(({ authorization, length }) => [authorization, length]);
                expect(arrived).toEqual(['Bearer token-1', 'Bearer token-2'].map((each) => [each, 1_000]));
            });
        });

        describe.each(['xhr', 'fetch'])('over %s', (adapter) => {
            const page = usePages(bundler, adapter);

            it('a page of another origin heals the 401s of fifty requests with one token, asked for beforehand', async () => {
                const api = await page.serveApi();
                await page.holdRefused();

                const outcomes = await page.call('requestMany', 50);

                expect(outcomes.map(({ status }) => status)).toEqual(Array(50).fill(200));
                expect(page.issuer.created).toBe(2);
                const preflights = api.received.filter(isPreflight);
                expect(new Set(preflights.map(({ headers }) => headers['access-control-request-headers']))).toEqual(
                    new Set([expect.stringMatching(/\bauthorization\b/)]),
                );
                expect(preflights.map(({ headers }) => headers.authorization).filter(Boolean)).toEqual([]);
                expect(new Set(tokensSentTo(api))).toEqual(new Set(['Bearer token-1', 'Bearer token-2']));
                expect(new Set(sentTo(api).map(({ headers }) => headers.origin))).toEqual(new Set([page.site.url]));
            });

            it('an API that allows no Authorization is a network error, which costs no replay and no token', async () => {
                const api = await page.serveApi(protectedBy(page.issuer), 'authorization');
                await page.call('prepare');

                const outcome = await page.call('request', { url: '/me' });

                expect(outcome.error).toEqual({ code: 'ERR_NETWORK', message: 'Network Error' });
                expect(outcome.showsToken).toBe(false);
                expect(api.received.map(({ method }) => method)).toEqual(['OPTIONS']);
                expect(page.issuer.created).toBe(1);
            });

            it('a request that is aborted while it waits for a token leaves the others waiting', async () => {
                const api = await page.serveApi();
                const release = page.issuer.hold();
                await page.call('start', 'aborted', { url: '/aborted' });
                await page.call('start', 'other', { url: '/other' });
                await until(() => page.issuer.created === 1);

                await page.call('abort', 'aborted');
                const aborted = await page.call('outcome', 'aborted');
                release();
                const other = await page.call('outcome', 'other');

                expect([aborted?.error?.code, other?.status]).toEqual(['ERR_CANCELED', 200]);
                expect(sentTo(api).map(({ url }) => url)).toEqual(['/other']);
                expect(page.issuer.created).toBe(1);
            });

            it('a request that is aborted while it is sent again is cut', async () => {
                const api = await page.serveApi((exchange) => {
                    if (!page.issuer.isValid(exchange.received.headers.authorization)) return refuse(exchange);
                });
                await page.holdRefused();
                await page.call('start', 'aborted', { url: '/held' });
                await until(() => sentTo(api).length === 2);

                await page.call('abort', 'aborted');
                const outcome = await page.call('outcome', 'aborted');

                expect(outcome).toMatchObject({ error: { code: 'ERR_CANCELED' }, showsToken: false });
                expect(await sentTo(api)[1]?.isCut).toBe(true);
            });

            it('a timeout holds while a request waits for a token, and while it is sent', async () => {
                const api = await page.serveApi(() => undefined);
                const release = page.issuer.hold();
                const waiting = await page.call('request', { url: '/me', timeout: 500 });
                release();
                await page.call('prepare');
                const sending = await page.call('request', { url: '/me', timeout: 500 });

                const late = expect.objectContaining({ message: 'timeout of 500ms exceeded' }) as unknown;
                expect([waiting.error, sending.error]).toEqual([late, late]);
                for (const { error } of [waiting, sending])
                    expect(['ETIMEDOUT', 'ECONNABORTED']).toContain(error?.code);
                expect([waiting.showsToken, sending.showsToken]).toEqual([false, false]);
                expect(sentTo(api).length).toBe(1);
            });

            it('a form with a file is whole at the replay', async () => {
                const api = await page.serveApi();
                await page.holdRefused();

                const { status } = await page.call('request', { url: '/forms', body: 'form' });

                expect(status).toBe(200);
                const forms = await Promise.all(sentTo(api).map(readForm));
                expect(forms.length).toBe(2);
                for (const form of forms) {
                    expect(form.getAll('text')).toEqual(['ünï\r\ncode']);
                    expect(form.getAll('twice')).toEqual(['1', '2']);
                    const file = form.get('file') as File;
                    expect([file.name, file.type]).toEqual(['a "b".bin', 'application/x-test']);
                    expect(Buffer.from(await file.arrayBuffer())).toEqual(patternOf(1_000));
                }
            });

            it('a body of any other kind that can be read again is the same to the byte at the replay', async () => {
                const api = await page.serveApi();
                const bytes = patternOf(1_000);
                const expected = {
                    blob: bytes,
                    buffer: bytes,
                    view: bytes,
                    parameters: Buffer.from('a=1+%26+2&b=%C3%BC'),
                    json: Buffer.from('{"text":"ü"}'),
                };
                for (const body of Object.keys(expected) as (keyof typeof expected)[]) {
                    await page.holdRefused();
                    const { status } = await page.call('request', { url: `/${body}`, body });

                    expect(status).toBe(200);
                    const sent = sentTo(api).slice(-2);
                    expect(sent.map((request) => request.body)).toEqual([expected[body], expected[body]]);
                    const types = sent.map(({ headers }) => headers['content-type']);
                    expect(types).toEqual([types[0], types[0]]);
                }
                expect(sentTo(api).map(({ url }) => url.slice(1))).toEqual(
                    Object.keys(expected).flatMap((body) => [body, body]),
                );
            });

            it('download progress ends with the answer that is given', async () => {
                await page.serveApi((exchange) => {
                    const isValid = page.issuer.isValid(exchange.received.headers.authorization);
                    exchange.response.writeHead(isValid ? 200 : 401, { 'content-length': isValid ? 200_000 : 9 });
                    exchange.response.end('x'.repeat(isValid ? 200_000 : 9));
                });
                await page.holdRefused();

                const { downloaded } = await page.call('request', { url: '/large', notesProgress: true });

                expect(downloaded.at(-1)).toMatchObject({ loaded: 200_000, total: 200_000 });
            });

            it('upload progress is that of each sending', async () => {
                const total = 3_000_000;
                // Over fetch axios makes a stream of a body whose progress is noted.
                await (adapter === 'fetch' ? page.serveHttp2() : page.serveApi());
                await page.holdRefused();

                const { uploaded, status } = await page.call('request', { body: 'large', notesProgress: true });

                expect(status).toBe(200);
                expect(uploaded.filter(({ loaded, bytes }) => loaded > 0 && loaded === bytes).length).toBe(2);
                expect(uploaded.filter(({ loaded }) => loaded === total).length).toBe(2);
                expect(uploaded.at(-1)).toMatchObject({ loaded: total, total });
            });

            it('cookies are those of `withCredentials`, at the replay as well', async () => {
                const api = await page.serveApi((exchange) => {
                    exchange.response.setHeader('set-cookie', 'session=abc; Path=/; HttpOnly');
                    return protectedBy(page.issuer)(exchange);
                });
                await page.call('request', { url: '/first', withCredentials: true });
                page.issuer.revoke();
                await page.call('request', { url: '/with', withCredentials: true });
                page.issuer.revoke();
                await page.call('request', { url: '/without', withCredentials: false });

                const cookies = sentTo(api).map(({ url, headers }) => [url, headers.cookie]);
                expect(cookies).toEqual([
                    ['/first', undefined],
                    ['/with', 'session=abc'],
                    ['/with', 'session=abc'],
                    ['/without', undefined],
                    ['/without', undefined],
                ]);
                expect(page.tokens.received.map(({ headers }) => headers.cookie).filter(Boolean)).toEqual([]);
            });

            it('a token goes to no other origin, neither by an absolute URL nor by a redirect', async () => {
                const other = await serve(forOtherOrigins(ok));
                const api = await page.serveApi(({ response }) => {
                    response.writeHead(307, { location: `${other.url}/redirected` }).end();
                });

                const absolute = await page.call('request', { url: `${other.url}/absolute` });
                const redirected = await page.call('request', { url: '/leave' });

                expect([absolute.status, redirected.status]).toEqual([200, 200]);
                expect(tokensSentTo(api)).toEqual(['Bearer token-1']);
                expect(sentTo(other).map(({ url, headers }) => [url, headers.authorization])).toEqual([
                    ['/absolute', undefined],
                    ['/redirected', undefined],
                ]);
            });

            it('relative URLs, without a base or on a relative one, are those of the page', async () => {
                const other = await serve(forOtherOrigins(ok));
                await page.begin();
                const plain = await page.call('request', { url: '/api/me' });
                await page.begin({ baseURL: '/api' });
                const based = await page.call('request', { url: 'orders' });
                const elsewhere = await page.call('request', { url: `${other.url}/x` });

                expect([plain.status, based.status, elsewhere.status]).toEqual([200, 200, 200]);
                expect(page.site.received).toEqual([
                    { url: '/api/me', authorization: 'Bearer token-1' },
                    { url: '/api/orders', authorization: 'Bearer token-2' },
                ]);
                expect(tokensSentTo(other)).toEqual([undefined]);
            });

            it('an error, or an answer, shows no token', async () => {
                await page.serveApi((exchange) => {
                    const status = Number(/\d+/.exec(exchange.received.url));
                    if (status) sendJson(exchange, status, {});
                    else exchange.response.destroy();
                });

                const outcomes = [];
                for (const url of ['/200', '/401', '/500', '/cut']) outcomes.push(await page.call('request', { url }));

                expect(outcomes.map(({ status, error }) => status ?? error?.code)).toEqual([
                    200,
                    401,
                    500,
                    'ERR_NETWORK',
                ]);
                expect(outcomes.map(({ showsToken }) => showsToken)).toEqual([false, false, false, false]);
            });

            it('a module worker heals, aborts and sends forms as a page does', async () => {
                const api = await page.serveApi();
                await page.callWorker('begin', { adapter, tokenUrl: page.tokens.url, baseURL: api.url });
                await page.callWorker('prepare');
                page.issuer.revoke();

                const outcomes = await page.callWorker('requestMany', 10);
                page.issuer.revoke();
                const form = await page.callWorker('request', { url: '/forms', body: 'form' });
                const release = page.issuer.hold();
                page.issuer.revoke();
                await page.callWorker('start', 'aborted', { url: '/aborted' });
                await until(() => page.issuer.created === 4);
                await page.callWorker('abort', 'aborted');
                const aborted = await page.callWorker('outcome', 'aborted');
                release();

                expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill(200));
                expect([form.status, aborted?.error?.code]).toEqual([200, 'ERR_CANCELED']);
                expect(await page.callWorker('unhandled')).toEqual([]);
            });
        });
    });
});

const codeOf = ({ code }: Bundle): string => Object.values(code).join('\n');
