import { createClientTokenCreator, createUserTokenCreator, type TokenGrantResponse } from '../../src/index.js';
import { adapters, failOnUnhandledRejections, failureOf, until } from '../support/servers.js';
import { HTTP_DATE, rows } from './fault-cases.js';
import { BODY, HEAD, say, useTestServers } from './test-servers.js';

const serve = useTestServers();
failOnUnhandledRejections();

/** The grant, or the error. */
function outcomeOf(grant: Promise<TokenGrantResponse>): Promise<Partial<TokenGrantResponse>> {
    return grant.then(
        (granted) => ({ expires_in: undefined, ...granted }),
        (error: unknown) => error as object,
    );
}

describe('on the wire', () => {
    it.each(rows)('%s', async (_, { fault, takesEffect, seen, enough }) => {
        const server = await serve();
        server.inject(fault);

        await seen(await say(server, HEAD + BODY, enough), server);

        expect(server.counts).toMatchObject({ tokensIssued: takesEffect ? 1 : 0, tokenRequests: 1, faults: 1 });
        expect((await say(server, HEAD + BODY)).text).toMatch(/^HTTP\/1\.1 200 [^]*"access_token"/);
    });
});

describe.each(adapters)('a creator ends as it should, over the %s adapter', (adapter) => {
    it.each(rows)('%s', async (_, { fault, takesEffect, outcome }) => {
        const server = await serve();
        const client = { baseURL: server.url, adapter };
        const creator = createUserTokenCreator({ name: 'admin', password: 'a-canary' }, { client });
        server.inject(fault);

        const came = await outcomeOf(creator());

        expect(came).toBeInstanceOf(outcome.kind);
        expect(came).toMatchObject(outcome.like);
        expect(server.isLive(came.access_token)).toBe(outcome.kind === Object);
        expect(server.counts).toMatchObject({
            tokensIssued: takesEffect ? 1 : 0,
            faults: 1,
            followedRedirects: 0,
            tokenRequests: 1,
        });
        expect(server.isLive((await creator()).access_token)).toBe(true);
    });

    it('a TLS handshake fails', async () => {
        const server = await serve();
        const creator = createClientTokenCreator(
            { id: 'a', secret: 'b' },
            { client: { baseURL: server.tlsUrl, adapter } },
        );

        expect(await failureOf(creator())).toMatchObject({ name: 'TokenError', code: 'network' });

        expect(new URL(server.tlsUrl)).toMatchObject({ protocol: 'https:', host: new URL(server.url).host });
        expect(server.counts.tokenRequests).toBe(0);
    });

    it('a held answer is late for a client with a time limit', async () => {
        const server = await serve();
        server.inject({ type: 'hold' });
        const client = { baseURL: server.url, adapter, timeout: 200 };

        const error: unknown = await failureOf(createClientTokenCreator({ id: 'a', secret: 'b' }, { client })());

        expect(error).toMatchObject({ name: 'TokenError', code: 'timeout' });
        expect(server.counts.tokensIssued).toBe(1);
    });
});

describe('what only time tells', () => {
    it('delay: the token is there at once, its answer is not', async () => {
        const server = await serve();
        server.inject({ type: 'delay', milliseconds: 150 });
        const started = performance.now();
        const answer = say(server, HEAD + BODY);

        await until(() => server.counts.tokensIssued === 1);
        await answer;

        expect(performance.now() - started).toBeGreaterThan(75);
    });

    it('reset before the request is read: no body has to be sent for it', async () => {
        const server = await serve();
        server.inject({ type: 'reset', when: 'before-request' });

        expect(await say(server, HEAD)).toMatchObject({ ending: 'reset', text: '' });

        expect(server.counts).toMatchObject({ tokenRequests: 1, byGrantType: {} });
    });

    it('reset after the request is read: all of it has to be there', async () => {
        const server = await serve();
        server.inject({ type: 'reset', when: 'after-request' });

        expect(await say(server, HEAD + BODY)).toMatchObject({ ending: 'reset', text: '' });

        expect(server.counts).toMatchObject({ tokenRequests: 1, byGrantType: { password: 1 } });
    });

    it('hold: the answer comes when the fault is ended', async () => {
        const server = await serve();
        const end = server.inject({ type: 'hold' });
        const answer = say(server, HEAD + BODY);
        await until(() => server.counts.tokensIssued === 1);
        const first = await Promise.race([answer, say(server, HEAD + BODY).then(() => 'another')]);

        end();

        expect(first).toBe('another');
        expect((await answer).text).toContain('"access_token":"test-access-token-1-');
    });

    it('Retry-After as a date is never less than the seconds that were asked for', async () => {
        const server = await serve();
        server.inject({ type: 'status', status: 503, retryAfter: 60, retryAfterForm: 'date' });
        const before = Date.now();

        const [, date = ''] = HTTP_DATE.exec((await say(server, HEAD + BODY)).text) ?? [];

        expect(Date.parse(date) - before).toBeGreaterThanOrEqual(60_000);
        expect(Date.parse(date) - Date.now()).toBeLessThanOrEqual(61_000);
    });
});
