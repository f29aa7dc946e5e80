import fc from 'fast-check';
import { parseChallenges } from '../../src/index.js';
import { headerOf } from '../../src/headers.js';
import { createRedact } from '../../src/redaction.js';
import { createOriginRule, finalUrl, originOf } from '../../src/request-url.js';
import { parseRetryAfter } from '../../src/retry-after.js';
import { nameOfError } from '../../src/shared/store-failure.js';
import { readRecord } from '../../src/shared/family-record.js';
import { isTokenGood, stepUpOf } from '../../src/step-up.js';
import { readBody } from '../../src/token-answer.js';
import { readGrant } from '../../src/token.js';
import { superlinear, TOO_MANY } from './linear-time.js';
import { regularExpressions } from './regular-expressions.js';

// What a hostile text repeats: everything that a pattern of ours, or a grammar that it reads, gives a meaning to.
const PIECES = [
    `a A 0 _ - . ~ + / = , ; : " \\ % @ # ? ( ) [ ] { } < > & * ! ' \` a= =a a, ,a a=" \\" ="\\ %2 %41 // /\\`.split(
        ' ',
    ),
    ['http://', 'a.', '.a', '0.', '1 ', '-1', 'ab', 'exceeded', 'json', 'DPoP ', '?#'],
    [' ', '\t', '\n', '\r\n', '\0', '\u00e4', '\u2028', '\u{1f600}', '\ud800', '\u202e'],
    ['a ', ' a', '" ', ', ', ' =', '= ', 'a a=', 'a =b ', 'a68= '],
].flat();
const STARTS = ['', 'Bearer ', 'Bearer a="', 'https://', 'timeout ', '-----BEGIN PRIVATE KEY-----', 'DPoP ', '"', '1'];
const ENDS = ['', '!', '\0', 'x', '"', '@'];

/** An input of that length that repeats a piece. */
const repeating =
    (start: string, piece: string, end: string) =>
    (length: number): string =>
        `${start}${piece.repeat(Math.ceil(length / piece.length))}${end}`;

// Of an application's own text, which no server can choose.
const OF_THE_APPLICATION = new Map([
    ['/\\/+$/', "the slashes at the end of a config's own baseURL; axios reads that in the same way"],
]);

// The testing kit is no part of what meets a network that is not its user's own.
const patterns = regularExpressions()
    .filter(({ file }) => !/^testing[\\/]/.test(file))
    .filter(({ literal }, index, all) => all.findIndex((other) => other.literal === literal) === index);

describe('each regular expression of the sources', () => {
    test('is found', () => {
        expect(patterns.length).toBeGreaterThan(30);
        const literals = patterns.map(({ literal }) => literal);
        expect([...OF_THE_APPLICATION.keys()].filter((literal) => !literals.includes(literal))).toEqual([]);
    });

    const networks = patterns.filter(({ literal }) => !OF_THE_APPLICATION.has(literal));

    test.each(networks.map(({ literal, pattern }) => [literal, pattern] as const))(
        '%s takes time linear in the length of hostile input',
        (_literal, pattern) => {
            const run = (text: string): unknown => {
                pattern.lastIndex = 0;
                return pattern.global ? text.replace(pattern, '') : pattern.exec(text);
            };
            const isSlow = (start: string, piece: string, end: string, longest: number) =>
                superlinear(repeating(start, piece, end), run, longest) !== undefined;
            // What is quadratic shows at 8,000 characters already.
            expect(PIECES.find((a) => STARTS.some((start) => isSlow(start, a, '!', 8_000)))).toBeUndefined();
            expect(PIECES.find((a) => ENDS.some((end) => isSlow('', a, end, 8_000)))).toBeUndefined();
            expect(PIECES.find((a) => isSlow('', a, '!', 100_000))).toBeUndefined();
        },
    );

    test('one that is quadratic would be seen', () => {
        const input = repeating('https://a', '/', '!');

        expect(superlinear(input, (text) => /\/+$/.exec(text), 8_000)).toBeGreaterThan(TOO_MANY);
    });
});

const rule = createOriginRule({
    origins: ['https://api.example'],
    ownBase: () => undefined,
    honoursAllowAbsoluteUrls: true,
});
const redact = createRedact(['canary-secret', 'a+b c', 'aaaa', '"\\"\\', 'redacted']);

const quietly = (run: () => unknown): unknown => {
    try {
        return run();
    } catch (error) {
        return error;
    }
};

// Whatever of ours reads what a server, or a store, has written.
const READERS: [string, (text: string) => unknown][] = [
    ['a WWW-Authenticate header', (text) => parseChallenges(text)],
    [
        'the challenges of a refusal',
        (text) => [stepUpOf(parseChallenges(text)), isTokenGood(parseChallenges(text), 'Bearer')],
    ],
    ['a Retry-After header', (text) => parseRetryAfter(text, 0)],
    ['the name of a header', (text) => headerOf({ [text]: 'x', 'Www-Authenticate': 'y' }, 'www-authenticate')],
    ['what an error repeats', (text) => redact(text)],
    ['the body of an answer', (text) => quietly(() => readBody({ status: 400, data: text }, redact, 'endpoint'))],
    [
        'the error of an answer',
        (text) => quietly(() => readBody({ status: 400, data: { error: text } }, redact, 'endpoint')),
    ],
    ['a grant', (text) => quietly(() => readGrant({ access_token: text, expires_in: text, scope: [text, text] }))],
    ['the URL of a redirect', (text) => rule.permitsUrl(text)],
    ['the URL of an endpoint', (text) => [originOf(text), finalUrl({ url: text })]],
    ['the entry of a store', (text) => quietly(() => readRecord(text, 1_000))],
    ['the error of a store', (text) => nameOfError(new Error(text))],
];

describe('reading', () => {
    test.each(READERS)('%s takes time linear in its length, whatever it repeats', (_what, read) => {
        const part = fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 4 });
        const slow: string[] = [];
        fc.assert(
            fc.property(
                fc.constantFrom(...STARTS),
                fc.tuple(fc.constantFrom(...PIECES), part),
                part,
                (start, piece, end) => {
                    if (slow.length > 0) return;
                    const input = repeating(start, piece.join(''), end);
                    const ratio = superlinear(input, read, 8_000) ?? superlinear(input, read, 100_000);
                    if (ratio !== undefined)
                        slow.push(`${JSON.stringify([start, piece, end])}: ${ratio.toFixed(0)} times`);
                },
            ),
            { numRuns: 25 },
        );
        expect(slow).toEqual([]);
    });
});
