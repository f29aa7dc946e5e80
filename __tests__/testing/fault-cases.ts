import { createGunzip } from 'node:zlib';
import { TokenEndpointError, TokenError, TokenResponseError, type TokenGrantResponse } from '../../src/index.js';
import type { Fault, TestAuthorizationServer } from '../../src/testing/index.js';
import { until } from '../support/servers.js';
import type { Received } from './test-servers.js';

type Type = Fault['type'];
type OfType<T extends Type> = Extract<Fault, { readonly type: T }>;

export interface Case<T extends Type = Type> {
    readonly fault: OfType<T>;
    /** Whether a token is issued. */
    readonly takesEffect: boolean;
    /** What is seen on the connection. */
    readonly seen: (received: Received, server: TestAuthorizationServer) => unknown;
    /** How a creator of this package ends. */
    readonly outcome: Outcome;
    /** Bytes after which the connection is left. */
    readonly enough?: number;
}

interface Outcome {
    /** Of a grant, `Object`. */
    readonly kind: new (
        ...args: never[]
    ) => object;
    readonly like: object;
}

const grant = (like: object): Outcome => ({ kind: Object, like });
const granted = grant({ token_type: 'Bearer', expires_in: 3_600 });
const network: Outcome = { kind: TokenError, like: { name: 'TokenError', code: 'network' } };
const unusable: Outcome = { kind: TokenResponseError, like: { code: 'response' } };
const refused = (like: object): Outcome => ({ kind: TokenEndpointError, like });

const bodyOf = ({ text }: Received): string => text.slice(text.indexOf('\r\n\r\n') + 4);
const jsonOf = (received: Received): unknown => JSON.parse(bodyOf(received));

function expectStatus({ text }: Received, status: number): void {
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
}

async function inflated({ bytes }: Received): Promise<number> {
    let length = 0;
    const gunzip = createGunzip();
    gunzip.end(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
    for await (const chunk of gunzip) length += (chunk as Buffer).length;
    return length;
}

function silence<T extends 'reset' | 'lost-answer'>(fault: OfType<T>, takesEffect: boolean): Case<T> {
    return {
        fault,
        takesEffect,
        seen: (received) => expect(received).toMatchObject({ ending: 'reset', text: '' }),
        outcome: network,
    };
}

function refusal(fault: OfType<'status'>, headers: RegExp, body: string, like: object): Case<'status'> {
    return {
        fault,
        takesEffect: false,
        seen(received) {
            expectStatus(received, fault.status);
            expect(received.text).toMatch(headers);
            expect(bodyOf(received)).toBe(body);
        },
        outcome: refused({ status: fault.status, ...like }),
    };
}

function expiry(expires_in: unknown, told: number | undefined): Case<'grant-parameters'> {
    return {
        fault: { type: 'grant-parameters', parameters: { expires_in } },
        takesEffect: true,
        seen(received) {
            expect(Object.entries(jsonOf(received) as object)).toEqual(
                expect.arrayContaining(expires_in === undefined ? [] : [['expires_in', expires_in]]),
            );
            expect(bodyOf(received).includes('expires_in')).toBe(expires_in !== undefined);
        },
        outcome: grant({ expires_in: told }),
    };
}

function page(code: number): Case<'html'> {
    return {
        fault: { type: 'html', status: code },
        takesEffect: false,
        seen(received) {
            expectStatus(received, code);
            expect(received.text).toContain('text/html');
            expect(bodyOf(received)).toMatch(/^<!doctype html>/);
        },
        outcome: code === 200 ? unusable : refused({ status: 502 }),
    };
}

function redirect(code: number): Case<'redirect'> {
    return {
        fault: { type: 'redirect', status: code },
        takesEffect: false,
        async seen(received, server) {
            expectStatus(received, code);
            const [, location = ''] = /location: (\S+)/.exec(received.text) ?? [];
            await fetch(server.url + location);
            expect(server.counts.followedRedirects).toBe(1);
        },
        outcome: refused({ status: code }),
    };
}

export const HTTP_DATE = /retry-after: (\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)\r\n/i;

/** Every fault that there is; the compiler sees to that. */
const cases: { readonly [T in Type]: readonly Case<T>[] } = {
    delay: [
        {
            fault: { type: 'delay', milliseconds: 120 },
            takesEffect: true,
            seen: (received) => expectStatus(received, 200),
            outcome: granted,
        },
    ],
    hold: [],
    reset: [
        silence({ type: 'reset', when: 'before-request' }, false),
        silence({ type: 'reset', when: 'after-request' }, false),
    ],
    'lost-answer': [silence({ type: 'lost-answer' }, true)],
    cut: [
        {
            fault: { type: 'cut', within: 'headers' },
            takesEffect: true,
            seen(received) {
                expect(received.ending).toBe('ended');
                expect(received.text).toMatch(/^HTTP\/1\.1 200 \r\n[^]+\w$/);
                expect(received.text).not.toContain('\r\n\r\n');
            },
            outcome: network,
        },
        {
            fault: { type: 'cut', within: 'body' },
            takesEffect: true,
            seen(received) {
                const [, length] = /content-length: (\d+)/.exec(received.text) ?? [];
                expect(received.ending).toBe('ended');
                expect(bodyOf(received)).toMatch(/^\{"access_token":"/);
                expect(bodyOf(received).length).toBe(Math.floor(Number(length) / 2));
            },
            outcome: network,
        },
    ],
    'slow-loris': [
        {
            fault: { type: 'slow-loris', milliseconds: 2 },
            takesEffect: true,
            seen(received) {
                // On a busy machine several bytes may be read at once.
                expect(received.pieces).toBeGreaterThan(received.bytes.length / 10);
                expect(jsonOf(received)).toMatchObject({ token_type: 'Bearer' });
            },
            outcome: granted,
        },
    ],
    'endless-body': [
        {
            fault: { type: 'endless-body' },
            takesEffect: false,
            enough: 8_000_000,
            async seen(received, server) {
                expect(received).toMatchObject({ ending: 'left' });
                expectStatus(received, 200);
                await until(() => server.counts.connections === 0);
            },
            outcome: unusable,
        },
    ],
    'gzip-bomb': [
        {
            fault: { type: 'gzip-bomb' },
            takesEffect: false,
            async seen(received) {
                expect(received.text).toContain('content-encoding: gzip');
                expect(received.bytes.length).toBeLessThan(300_000);
                expect(await inflated(received)).toBe(256 * 1_048_576);
            },
            outcome: unusable,
        },
    ],
    'truncated-json': [
        {
            fault: { type: 'truncated-json' },
            takesEffect: true,
            seen(received) {
                expectStatus(received, 200);
                expect(received.text).toContain(`content-length: ${bodyOf(received).length}\r\n`);
                expect(() => jsonOf(received)).toThrow(SyntaxError);
            },
            outcome: unusable,
        },
    ],
    html: [page(200), page(502)],
    'content-type': [
        {
            fault: { type: 'content-type', contentType: 'image/png' },
            takesEffect: true,
            seen(received) {
                expect(received.text).toContain('content-type: image/png\r\n');
                expect(jsonOf(received)).toMatchObject({ token_type: 'Bearer' });
            },
            outcome: granted,
        },
    ],
    redirect: [redirect(301), redirect(307)],
    status: [
        refusal({ type: 'status', status: 401 }, /content-length: 0/, '', { error: undefined }),
        refusal({ type: 'status', status: 403 }, /content-length: 0/, '', { error: undefined }),
        refusal(
            { type: 'status', status: 400, error: 'invalid_grant' },
            /application\/json/,
            '{"error":"invalid_grant"}',
            { error: 'invalid_grant' },
        ),
        refusal({ type: 'status', status: 429, retryAfter: 7 }, /retry-after: 7\r\n/, '', { retryAfter: 7_000 }),
        refusal({ type: 'status', status: 503, retryAfter: 60, retryAfterForm: 'date' }, HTTP_DATE, '', {}),
    ],
    'duplicate-keys': [
        {
            fault: { type: 'duplicate-keys' },
            takesEffect: true,
            seen(received) {
                for (const key of ['access_token', 'token_type', 'expires_in']) {
                    expect(bodyOf(received).split(`"${key}":`)).toHaveLength(3);
                }
            },
            outcome: granted,
        },
    ],
    'huge-token': [
        {
            fault: { type: 'huge-token', characters: 100_000 },
            takesEffect: true,
            async seen(received, server) {
                const { access_token: token } = jsonOf(received) as TokenGrantResponse;
                expect(token).toHaveLength(100_000);
                const headers = { Authorization: `Bearer ${token}` };
                expect((await fetch(`${server.url}/api`, { headers })).status).toBe(200);
            },
            outcome: granted,
        },
        {
            fault: { type: 'huge-token', characters: 2_000_000 },
            takesEffect: true,
            seen: (received) => expect((jsonOf(received) as TokenGrantResponse).access_token).toHaveLength(2_000_000),
            outcome: unusable,
        },
    ],
    'grant-parameters': [
        expiry('3600', 3_600),
        expiry('3600.5', 3_600.5),
        expiry(-1, -1),
        expiry(0, 0),
        expiry(0.5, 0.5),
        expiry(1e308, 1e308),
        expiry('NaN', undefined),
        expiry('soon', undefined),
        expiry(null, undefined),
        expiry(true, undefined),
        expiry({}, undefined),
        expiry([3_600], undefined),
        expiry(undefined, undefined),
        {
            fault: { type: 'grant-parameters', parameters: { access_token: undefined } },
            takesEffect: true,
            seen: (received) => expect(Object.keys(jsonOf(received) as object)).not.toContain('access_token'),
            outcome: unusable,
        },
        {
            fault: {
                type: 'grant-parameters',
                parameters: JSON.parse('{"__proto__":{"polluted":1}}') as object as never,
            },
            takesEffect: true,
            seen: (received) => expect(bodyOf(received)).toContain('"__proto__":{"polluted":1}'),
            outcome: granted,
        },
    ],
};

/** JSON, in which `undefined` is seen. */
function nameOf(fault: Fault): string {
    return JSON.stringify(fault, (_, value: unknown) => (value === undefined ? 'absent' : value));
}

/** For `it.each`. */
export const rows = Object.values(cases)
    .flat()
    .map((each): [string, Case] => [nameOf(each.fault), each as Case]);
