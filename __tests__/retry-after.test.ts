import { AxiosHeaders } from 'axios';
import { parseRetryAfter, retryAfterOf } from '../src/retry-after.js';

const NOW = Date.UTC(2030, 5, 15, 12, 0, 0);

describe('parseRetryAfter', () => {
    it.each([
        ['0', 0],
        ['1', 1_000],
        ['120', 120_000],
        ['007', 7_000],
        [' 5 ', 5_000],
        ['86400', 86_400_000],
    ])('seconds: %p', (value, milliseconds) => {
        expect(parseRetryAfter(value, NOW)).toBe(milliseconds);
    });

    it('more seconds than a number can count are a very long time', () => {
        expect(parseRetryAfter('9'.repeat(400), NOW)).toBe(Infinity);
    });

    it.each([
        ['Sat, 15 Jun 2030 12:00:00 GMT', 0],
        ['Sat, 15 Jun 2030 12:00:01 GMT', 1_000],
        ['Sat, 15 Jun 2030 13:00:00 GMT', 3_600_000],
        ['Saturday, 15-Jun-30 12:02:00 GMT', 120_000], // RFC 850
        ['Fri, 31 Dec 1999 23:59:59 GMT', 0],
        ['2030-06-15T12:00:30Z', 30_000],
    ])('a date, none below zero: %s', (value, milliseconds) => {
        expect(parseRetryAfter(value, NOW)).toBe(milliseconds);
    });

    it.each([
        undefined,
        null,
        '',
        '   ',
        'soon',
        'in 5 minutes',
        '1e3',
        '0x10',
        '120, 120',
        5,
        NaN,
        {},
        [],
        ['5'],
        true,
    ])('what cannot be read: %p', (value) => {
        expect(parseRetryAfter(value, NOW)).toBeUndefined();
    });

    it.each(['-5', '+5', '1.5', '5;', '5s'])('what is neither seconds nor a date asks for no wait: %p', (value) => {
        expect(parseRetryAfter(value, NOW) ?? 0).toBe(0);
    });
});

const answered = (headers: unknown): unknown => ({ response: { status: 503, headers } });

describe('retryAfterOf', () => {
    it.each([
        ['our own errors: milliseconds', { retryAfter: 1_500 }, 1_500],
        ['zero', { retryAfter: 0 }, 0],
        ['our own errors come before the answer', { retryAfter: 1, response: { headers: { 'retry-after': '9' } } }, 1],
        ['an answer with seconds', answered({ 'retry-after': '7' }), 7_000],
        ['an answer with a date', answered({ 'retry-after': 'Sat, 15 Jun 2030 12:00:09 GMT' }), 9_000],
        ['a header that is a number', answered({ 'retry-after': 5 }), 5_000],
        ['a header name in another case', answered({ 'Retry-After': '7' }), 7_000],
        ['the headers of fetch', answered(new Headers({ 'Retry-After': '7' })), 7_000],
        ['the headers of axios', answered(new AxiosHeaders({ 'retry-after': '7' })), 7_000],
        [
            'a retryAfter that is no number does not hide the answer',
            { retryAfter: '1', ...Object(answered({ 'retry-after': '7' })) },
            7_000,
        ],
    ])('%s', (_, error, milliseconds) => {
        expect(retryAfterOf(error, NOW)).toBe(milliseconds);
    });

    it.each([
        undefined,
        null,
        'error',
        42,
        new Error('down'),
        { retryAfter: -1 },
        { retryAfter: NaN },
        { retryAfter: '5' },
        { response: undefined },
        { response: null },
        { response: 'text' },
        { response: { headers: undefined } },
        { response: { headers: null } },
        { response: { headers: {} } },
    ])('nothing to be read: %p', (error) => {
        expect(retryAfterOf(error, NOW)).toBeUndefined();
    });
});
