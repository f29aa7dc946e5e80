import { connect } from 'node:net';
import type { Fault, InjectionOptions, TestAuthorizationServer } from '../../src/testing/index.js';
import { until } from '../support/servers.js';
import { expectTypeError } from '../support/type-error.js';
import { BODY, callApi, HEAD, logIn, refresh, say, useTestServers } from './test-servers.js';

const serve = useTestServers();
const unavailable: Fault = { type: 'status', status: 503 };
const BEFORE: Fault = { type: 'reset', when: 'before-request' };

async function statusesOf(server: TestAuthorizationServer, requests: number): Promise<number[]> {
    const statuses: number[] = [];
    for (let index = 0; index < requests; index += 1) {
        const answer = await say(server, HEAD + BODY);
        statuses.push(Number(/^HTTP\/1\.1 (\d+)/.exec(answer.text)?.[1] ?? 0));
    }
    return statuses;
}

describe('a fault befalls', () => {
    it('one request', async () => {
        const server = await serve();
        server.inject(unavailable);

        expect(await statusesOf(server, 3)).toEqual([503, 200, 200]);
        expect(server.counts.faults).toBe(1);
    });

    it('as many requests as were asked for', async () => {
        const server = await serve();
        server.inject(unavailable, { times: 3 });

        expect(await statusesOf(server, 5)).toEqual([503, 503, 503, 200, 200]);
    });

    it('all requests, until it is ended', async () => {
        const server = await serve();
        const end = server.inject(unavailable, { times: Infinity });

        expect(await statusesOf(server, 20)).toEqual(Array.from({ length: 20 }, () => 503));
        end();
        end();

        expect(await statusesOf(server, 1)).toEqual([200]);
    });

    it('requests in the order in which the faults were injected, one each', async () => {
        const server = await serve();
        server.inject({ type: 'status', status: 401 });
        server.inject({ type: 'status', status: 403 });
        server.inject({ type: 'html', status: 502 });

        expect(await statusesOf(server, 4)).toEqual([401, 403, 502, 200]);
    });

    it('no more than its share of requests that come at once', async () => {
        const server = await serve();
        server.inject(unavailable, { times: 7 });

        const answers = await Promise.all(Array.from({ length: 50 }, () => say(server, HEAD + BODY)));

        expect(answers.filter(({ text }) => text.startsWith('HTTP/1.1 503'))).toHaveLength(7);
        expect(server.counts).toMatchObject({ tokenRequests: 50, tokensIssued: 43, faults: 7 });
    });

    it('those with its grant_type, whatever comes before them', async () => {
        const server = await serve();
        const { body } = await logIn(server);
        server.inject({ type: 'status', status: 400, error: 'invalid_grant' }, { grantType: 'refresh_token' });

        expect(await statusesOf(server, 2)).toEqual([200, 200]);
        expect((await refresh(server, body.refresh_token)).status).toBe(400);
        expect((await refresh(server, body.refresh_token)).status).toBe(200);
    });

    it.each([
        ['resource', '/api/orders', 'GET'],
        ['revocation', '/token/revoke', 'POST'],
        ['introspection', '/token/introspect', 'POST'],
        ['metadata', '/.well-known/openid-configuration', 'GET'],
        ['metadata', '/.well-known/oauth-authorization-server', 'GET'],
    ] as const)('the %s endpoint (%s) alone', async (endpoint, path, method) => {
        const server = await serve();
        server.inject(unavailable, { endpoint });

        expect(await statusesOf(server, 1)).toEqual([200]);
        expect((await fetch(server.url + path, { method })).status).toBe(503);
        expect((await fetch(server.url + path, { method })).status).not.toBe(503);
    });

    it('a resource after its work was done, where it takes effect', async () => {
        const server = await serve();
        const { body } = await logIn(server);
        const end = server.inject({ type: 'hold' }, { endpoint: 'resource' });
        const answer = callApi(server, body.access_token);
        await until(() => server.counts.resourceRequests === 1);

        server.revoke();
        end();

        expect((await answer).status).toBe(200);
        expect((await callApi(server, body.access_token)).status).toBe(401);
    });
});

describe('healing', () => {
    it('ends all faults, of which more requests were to come', async () => {
        const server = await serve();
        server.inject(unavailable, { times: Infinity });
        server.inject(BEFORE, { times: 3 });
        server.inject(unavailable, { endpoint: 'metadata' });

        server.heal();

        expect(await statusesOf(server, 3)).toEqual([200, 200, 200]);
        expect((await fetch(`${server.url}/.well-known/openid-configuration`)).status).toBe(200);
        expect(server.counts.faults).toBe(0);
    });

    it.each<Fault>([
        { type: 'hold' },
        { type: 'delay', milliseconds: 2 ** 31 - 1 },
        { type: 'slow-loris', milliseconds: 1_000_000 },
    ])('sends what is kept back at once: %p', async (fault) => {
        const server = await serve();
        server.inject(fault, { times: 30 });
        const answers = Array.from({ length: 30 }, () => say(server, HEAD + BODY));
        await until(() => server.counts.tokensIssued === 30);

        server.heal();

        const texts = (await Promise.all(answers)).map(({ text }) => text);
        expect(texts.filter((text) => /^HTTP\/1\.1 200 [^]*"expires_in":3600,[^]*\}$/.test(text))).toHaveLength(30);
    });

    it('does so where no more requests were to come, too, and one fault may be ended alone', async () => {
        const server = await serve();
        const end = server.inject({ type: 'hold' });
        server.inject({ type: 'hold' });
        const answers = [say(server, HEAD + BODY)];
        await until(() => server.counts.tokensIssued === 1);
        answers.push(say(server, HEAD + BODY));
        await until(() => server.counts.tokensIssued === 2);
        let isHeld = true;
        void answers[1]?.then(() => (isHeld = false));

        end();

        expect((await answers[0])?.text).toContain('test-access-token-1-');
        await say(server, HEAD + BODY); // what was sent by now has arrived
        expect(isHeld).toBe(true);
        server.heal();
        expect((await answers[1])?.text).toContain('test-access-token-2-');
    });
});

it('healing sends what is kept back, also when the client of another such request has left', async () => {
    const server = await serve();
    server.inject({ type: 'hold' }, { times: 2 });
    const leaving = connect(Number(new URL(server.url).port), '127.0.0.1', () => leaving.write(HEAD + BODY));
    await until(() => server.counts.tokensIssued === 1);
    const answer = say(server, HEAD + BODY);
    await until(() => server.counts.tokensIssued === 2);

    leaving.destroy();
    await until(() => server.counts.connections === 1);
    server.heal();

    expect((await answer).text).toContain('test-access-token-2-');
});

describe('wrong faults and options are a TypeError at once', () => {
    let server: TestAuthorizationServer;

    beforeEach(async () => {
        server = await serve();
    });

    it.each<[fault: unknown, ...words: string[]]>([
        [undefined, 'inject: fault must be an object, not undefined'],
        [null, 'inject: fault must be an object, not null'],
        ['reset', 'inject: fault must be an object, not string'],
        [{}, 'fault.type must be one of delay, hold, reset', 'not undefined'],
        [{ type: 'no-such' }, 'fault.type must be one of delay, hold, reset', 'not "no-such"'],
        [{ type: 'toString' }, 'fault.type must be one of'],
        [{ type: 'hold', times: 3 }, 'unknown fault.times; there are type'],
        [
            { type: 'delay' },
            'fault.milliseconds must be a number of milliseconds, from 0 to 2147483647',
            'not undefined',
        ],
        [{ type: 'delay', milliseconds: NaN }, 'fault.milliseconds', 'not NaN'],
        [{ type: 'delay', milliseconds: -1 }, 'fault.milliseconds', 'not -1'],
        [{ type: 'delay', milliseconds: Infinity }, 'fault.milliseconds', 'not Infinity'],
        [{ type: 'delay', milliseconds: '5' }, 'fault.milliseconds', 'not "5"'],
        [{ type: 'slow-loris', milliseconds: NaN }, 'fault.milliseconds', 'not NaN'],
        [{ type: 'reset' }, 'fault.when must be one of before-request, after-request', 'not undefined'],
        [{ type: 'reset', when: 'later' }, 'fault.when', 'not "later"'],
        [{ type: 'cut', within: 'trailers' }, 'fault.within must be one of headers, body'],
        [{ type: 'status' }, 'fault.status must be an HTTP status from 200 to 599, not undefined'],
        [{ type: 'status', status: 99 }, 'fault.status', 'not 99'],
        [{ type: 'status', status: 503, retryAfter: 0.5 }, 'fault.retryAfter must be a whole number of seconds'],
        [{ type: 'status', status: 503, retryAfter: NaN }, 'fault.retryAfter', 'not NaN'],
        [{ type: 'status', status: 503, retryAfterForm: 'iso' }, 'fault.retryAfterForm must be one of seconds, date'],
        [{ type: 'status', status: 400, error: '' }, 'fault.error'],
        [{ type: 'html', status: 'OK' }, 'fault.status'],
        [{ type: 'redirect', status: 200 }, 'fault.status must be an HTTP status from 300 to 399, not 200'],
        [{ type: 'redirect', location: 'a\r\nb: c' }, 'fault.location must be a text that a header can carry'],
        [{ type: 'content-type', contentType: 'ä' }, 'fault.contentType must be a text that a header can carry'],
        [{ type: 'huge-token', characters: 5 }, 'fault.characters must be a whole number of characters'],
        [{ type: 'grant-parameters' }, 'fault.parameters must be an object of values that JSON has', 'not undefined'],
        [{ type: 'grant-parameters', parameters: { expires_in: NaN } }, 'fault.parameters'],
        [{ type: 'grant-parameters', parameters: { access_token: () => 'a-canary' } }, 'fault.parameters'],
        [{ type: 'grant-parameters', parameters: { access_token: 1n } }, 'fault.parameters'],
    ])('%p', async (fault, ...words) => {
        expectTypeError(() => server.inject(fault as Fault), ...words);
        expect(await statusesOf(server, 1)).toEqual([200]);
    });

    it.each<[options: unknown, ...words: string[]]>([
        [null, 'inject: options must be an object, not null'],
        [5, 'inject: options must be an object, not number'],
        [{ time: 3 }, 'unknown options.time; there are times, grantType, endpoint'],
        [{ times: NaN }, 'options.times must be a whole number of times, at least 1, or Infinity, not NaN'],
        [{ times: 0 }, 'options.times', 'not 0'],
        [{ times: 1.5 }, 'options.times', 'not 1.5'],
        [{ times: '2' }, 'options.times', 'not "2"'],
        [{ grantType: '' }, 'options.grantType must be a string that is not empty'],
        [{ endpoint: '/token' }, 'options.endpoint must be one of token, revocation, introspection', 'not "/token"'],
        [{ grantType: 'password', endpoint: 'resource' }, 'options.grantType is for the token endpoint, not resource'],
    ])('%p', async (options, ...words) => {
        expectTypeError(() => server.inject({ type: 'hold' }, options as InjectionOptions), ...words);
        expect(await statusesOf(server, 1)).toEqual([200]);
    });

    it('for what does not go together', () => {
        expectTypeError(() => server.inject(BEFORE, { grantType: 'password' }), 'not known before the request is read');
        for (const fault of [{ type: 'duplicate-keys' }, { type: 'huge-token' }] as const) {
            expectTypeError(() => server.inject(fault, { endpoint: 'resource' }), fault.type, 'for the token endpoint');
        }
    });
});
