import fc from 'fast-check';
import { parseChallenges } from '../src/index.js';

const plain = (header: string) =>
    parseChallenges(header).map(({ parameters, ...rest }) => ({ ...rest, parameters: { ...parameters } }));

const tchar = fc.constantFrom(..."!#$%&'*+-.^_`|~09azAZ".split(''));
const token = fc.string({ unit: tchar, minLength: 1, maxLength: 6 });
const name = token.map((text) => text.toLowerCase());
/** What a quoted string can hold (RFC 9110 section 5.6.4). */
const text = fc.string({ unit: fc.constantFrom(...'\t !"#,;=\\[]ab~\u0080\u00ff'.split('')), maxLength: 8 });
const ows = fc.constantFrom('', ' ', '\t', ' \t ');
const gap = fc.tuple(ows, fc.constantFrom(',', ', ,', ',,,'), ows).map((parts) => parts.join(''));

interface Written {
    readonly scheme: string;
    readonly parameters: Record<string, string>;
    readonly token68?: string;
}

/** A parameter, as a token where that is possible, or quoted, with more pairs than it takes. */
const parameter = fc
    .record({
        name,
        value: fc.oneof(token, text),
        asToken: fc.boolean(),
        escapesAll: fc.boolean(),
        before: ows,
        after: ows,
    })
    .map(({ name: key, value, asToken, escapesAll, before, after }) => {
        const isToken = asToken && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value);
        const quoted = `"${value.replace(escapesAll ? /[^]/g : /["\\]/g, '\\$&')}"`;
        return { key, value, header: `${key}${before}=${after}${isToken ? value : quoted}` };
    });

/** A challenge by the grammar, beside what it says. */
const challenge: fc.Arbitrary<{ header: string; says: Written }> = fc
    .record({
        scheme: token,
        body: fc.oneof(
            fc.constant(undefined),
            fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,20}={0,2}$/),
            fc.uniqueArray(parameter, { selector: ({ key }) => key, minLength: 1, maxLength: 4 }),
        ),
        gap,
        space: fc.constantFrom(' ', '  ', '\t'),
    })
    .map(({ scheme, body, gap: between, space }) => {
        const says = { scheme: scheme.toLowerCase(), parameters: {} };
        if (body === undefined) return { header: scheme, says };
        if (typeof body === 'string') return { header: scheme + space + body, says: { ...says, token68: body } };
        const parameters = Object.fromEntries(body.map(({ key, value }) => [key, value]));
        return {
            header: scheme + space + body.map(({ header }) => header).join(between),
            says: { ...says, parameters },
        };
    });

describe('parseChallenges', () => {
    it('reads whatever the grammar allows to write, in whatever way it is written', () => {
        fc.assert(
            fc.property(fc.array(challenge, { maxLength: 5 }), gap, fc.boolean(), (challenges, between, isPadded) => {
                const joined = challenges.map(({ header }) => header).join(between);
                const header = isPadded ? between + joined + between : joined;
                expect(plain(header)).toEqual(challenges.map(({ says }) => says));
            }),
            { numRuns: 2_000 },
        );
    });

    it('never throws, and gives nothing but strings, whatever a server sends', () => {
        const pieces = fc.constantFrom(
            ...' \t\r\n,="\\@:\0\u00fc'.split(''),
            'Bearer ',
            'error=',
            '="',
            '__proto__=',
            'a',
        );
        fc.assert(
            fc.property(
                fc.oneof(fc.string({ unit: pieces, maxLength: 60 }), fc.string({ unit: 'binary' })),
                (header) => {
                    for (const { scheme, parameters, token68 = '' } of parseChallenges(header)) {
                        expect(
                            [scheme, token68, ...Object.values(parameters)].every((one) => typeof one === 'string'),
                        ).toBe(true);
                        expect(scheme).toMatch(/^[^\sA-Z",=]+$/);
                        expect(Object.getPrototypeOf(parameters)).toBeNull();
                    }
                },
            ),
            { numRuns: 2_000 },
        );
    });

    it('reads a string longer than any header', () => {
        const realm = 'x'.repeat(4_000_000);

        expect(parseChallenges(`Bearer realm="${realm}"`)[0]?.parameters['realm']?.length).toBe(realm.length);
    });
});
