import fc from 'fast-check';
import { createTokenSource, parseChallenges, type Challenge, type TokenParameters } from '../../src/index.js';
import { nameOf } from '../../src/parameters.js';
import { purposeOf } from '../support/purposes.js';
import { expectTypeError } from '../support/type-error.js';

// What separates values somewhere: in JSON, in headers, in forms, in lists. Two values of these collide where a name
// is put together without care.
const tricky = fc.constantFrom(...'a b,c|[]{}":\\;=\0\u00e9\ud83d\ude00\u2028'.split(''), '","', '],[', 'null', '[]');
const value = fc.string({ unit: tricky, minLength: 1, maxLength: 3 });
/** RFC 6749 section 3.3: no space in it, no quote, no backslash. */
const scopeToken = fc.stringMatching(/^[a-c,[\]|=]{1,2}$/);
const scope = fc.array(scopeToken, { minLength: 1, maxLength: 3 }).map((names) => names.join(' '));
const names = fc.oneof(value, fc.array(value, { maxLength: 3 }));
const challenge: fc.Arbitrary<Challenge> = fc.record({
    scheme: fc.constantFrom('bearer', 'dpop'),
    parameters: fc.record(
        {
            error: fc.constantFrom('insufficient_user_authentication', 'insufficient_claims'),
            acr_values: value,
            max_age: fc.constantFrom('0', '5'),
            claims: value,
            scope: value,
            realm: value,
        },
        { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>,
});
const parameters: fc.Arbitrary<TokenParameters> = fc.record(
    { scope, resource: names, audience: names, key: value, challenge },
    { requiredKeys: [] },
);

// Few enough that many pairs ask for the same.
const few = fc.constantFrom('a', 'b');
const alike: fc.Arbitrary<TokenParameters> = fc.record(
    { resource: fc.oneof(few, fc.array(few, { maxLength: 2 })), key: few },
    { requiredKeys: [] },
);
const pairs = fc.oneof(fc.tuple(parameters, parameters), fc.tuple(alike, alike));

const shuffledList = (list: string | readonly string[]): fc.Arbitrary<string | readonly string[]> => {
    const all = [list].flat();
    const repeated = fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length, maxLength: 2 * all.length });
    return all.length === 1 ? fc.oneof(repeated, fc.constant(all[0] ?? '')) : repeated;
};

/** The same parameters, written in another way: other orders, repetitions, spaces, and fields without a value. */
const rewritten = (given: TokenParameters): fc.Arbitrary<TokenParameters> =>
    fc
        .record({
            order: fc.shuffledSubarray(['scope', 'resource', 'audience', 'key', 'challenge'] as const, {
                minLength: 5,
                maxLength: 5,
            }),
            scope: shuffledList((given.scope ?? '').split(' ')),
            gap: fc.constantFrom(' ', '  '),
            resource: shuffledList(given.resource ?? []),
            audience: shuffledList(given.audience ?? []),
        })
        .map(({ order, gap, ...lists }) => {
            const scopes = [lists.scope].flat().join(gap);
            const all = { ...given, ...lists, scope: given.scope === undefined ? undefined : ` ${scopes}` };
            return Object.fromEntries(order.map((name) => [name, all[name]]));
        });

const named = (header: string): string => nameOf({ challenge: parseChallenges(header)[0] });

describe('the name of parameters', () => {
    it('is the same for two that ask for the same, and for no others', () => {
        let same = 0;
        fc.assert(
            fc.property(pairs, ([one, other]) => {
                const isSame = purposeOf(one) === purposeOf(other);
                if (isSame) same += 1;
                expect(nameOf(one) === nameOf(other)).toBe(isSame);
            }),
            {
                numRuns: 5_000,
                examples: [
                    [[{ scope: 'a b' }, { resource: ['a', 'b'] }]],
                    [[{ resource: ['a', 'b'] }, { audience: ['a', 'b'] }]],
                    [[{ resource: 'a,b' }, { resource: ['a', 'b'] }]],
                    [[{ resource: ['a","b'] }, { resource: ['a', 'b'] }]],
                    [[{ audience: 'a b' }, { audience: ['a', 'b'] }]],
                    [[{ scope: 'a b' }, { scope: 'ab' }]],
                    [[{ scope: 'a' }, { scope: 'A' }]],
                    [[{ key: 'a' }, { scope: 'a' }]],
                    [[{ key: '__proto__' }, { key: 'constructor' }]],
                    [[{ key: 'null' }, {}]],
                    [[{ key: '\u00e9' }, { key: 'e\u0301' }]],
                    [[{ key: '\ud800' }, { key: '\ufffd' }]],
                    [[{ key: '\ud800' }, { key: '\\ud800' }]],
                ],
            },
        );
        expect(same).toBeGreaterThan(50);
    });

    it('does not change with order, repetition, spaces, or fields that are undefined', () => {
        fc.assert(
            fc.property(
                parameters.chain((given) => fc.tuple(fc.constant(given), rewritten(given))),
                ([given, again]) => {
                    expect(nameOf(again)).toBe(nameOf(given));
                },
            ),
            { numRuns: 1_000 },
        );
    });

    it.each<[string, TokenParameters | undefined]>([
        ['nothing', undefined],
        ['no fields', {}],
        ['fields that are undefined', { scope: undefined, key: undefined, challenge: undefined }],
        ['a scope of spaces', { scope: '  ' }],
        ['empty lists', { resource: [], audience: [] }],
    ])('the ordinary token has none: %s', (_name, given) => {
        expect(nameOf(given)).toBe('');
    });

    it('any one value asks for another token than the ordinary one', () => {
        fc.assert(
            fc.property(parameters, (given) => {
                expect(nameOf(given) === '').toBe(purposeOf(given) === purposeOf());
            }),
        );
    });

    it('of a challenge, what the token must give counts; the scheme, the realm and the words do not', () => {
        const asked = 'error="insufficient_user_authentication", acr_values="gold"';
        const ordinary = named(`Bearer ${asked}`);

        expect(named(`Bearer realm="b", ${asked}, error_description="log in", error_uri="https://x/"`)).toBe(ordinary);
        expect(named(`DPoP ${asked}, resource_metadata="https://x/y"`)).toBe(ordinary);
        for (const more of ['max_age="5"', 'claims="e30="', 'scope="a"'])
            expect(named(`Bearer ${asked}, ${more}`)).not.toBe(ordinary);
        expect(named('Bearer error="insufficient_claims"')).not.toBe(named('Bearer error="insufficient_scope"'));
        // RFC 9470 section 3: in order of preference.
        expect(named('Bearer acr_values="a b"')).not.toBe(named('Bearer acr_values="b a"'));
    });

    it('takes parameters that are frozen, without a prototype, or an instance of a class', () => {
        class Tenant {
            constructor(readonly key: string) {}
        }
        const plain = nameOf({ key: 'a' });
        expect(nameOf(Object.freeze({ key: 'a' }))).toBe(plain);
        expect(nameOf(Object.assign(Object.create(null) as object, { key: 'a' }))).toBe(plain);
        expect(nameOf(new Tenant('a'))).toBe(plain);
        expect(nameOf({ resource: Object.freeze(['a', 'b']) })).toBe(nameOf({ resource: ['b', 'a'] }));
    });
});

const wrong: [name: string, parameters: unknown, words: string[]][] = [
    ['a string', 'read', ['token source: parameters must be an object', 'string']],
    ['null', null, ['parameters must be an object', 'null']],
    ['an array', ['read'], ['parameters must be an object']],
    ['a function', () => ({}), ['parameters must be an object', 'function']],
    ['an unknown field', { scopes: 'a' }, ['unknown parameters.scopes', 'scope, resource, audience, key']],
    ['an own __proto__', JSON.parse('{"__proto__": {"key": "a"}}'), ['unknown parameters.__proto__']],
    ['a constructor', { constructor: 'a' }, ['unknown parameters.constructor']],
    ['a scope that is a list', { scope: ['a', 'b'] }, ['parameters.scope must be a string', '["a", "b"]']],
    ['an empty scope', { scope: '' }, ['parameters.scope must be a string that is not empty']],
    ['a scope of null', { scope: null }, ['parameters.scope', 'null']],
    ['a resource that is a URL object', { resource: new URL('https://a.example') }, ['parameters.resource', 'object']],
    ['an empty resource', { resource: '' }, ['parameters.resource']],
    ['an empty resource in a list', { resource: ['a', ''] }, ['parameters.resource']],
    ['a list in a list', { audience: [['a']] }, ['parameters.audience']],
    ['a number in a list', { audience: ['a', 1] }, ['parameters.audience']],
    ['a key that is a number', { key: 7 }, ['parameters.key must be a string that is not empty', 'number']],
    ['an empty key', { key: '' }, ['parameters.key', 'an empty string']],
    ['a key that is an object', { key: { canary: 'canary' } }, ['parameters.key', 'object']],
    ['a challenge that is a header', { challenge: 'Bearer error="x"' }, ['parameters.challenge must be a challenge']],
    ['a challenge of null', { challenge: null }, ['parameters.challenge']],
    ['a challenge without parameters', { challenge: { scheme: 'bearer' } }, ['parameters.challenge']],
    ['a challenge whose parameters are null', { challenge: { parameters: null } }, ['parameters.challenge']],
    ['a list of challenges', { challenge: parseChallenges('Bearer error="x"') }, ['parameters.challenge']],
];

describe('parameters that are none', () => {
    it.each(wrong)('%s: a TypeError that names them', (_name, given, words) => {
        expectTypeError(() => nameOf(given as TokenParameters), ...words);
    });

    it.each(wrong)('%s: getToken rejects, current throws, and nothing is created', async (_name, given, words) => {
        let created = 0;
        const source = createTokenSource(async () => ({
            access_token: `token-${(created += 1)}`,
            token_type: 'Bearer',
        }));
        // undefined stands for none; null does not
        const asked = given as TokenParameters;

        const failure = source.getToken({ parameters: asked });

        await expect(failure).rejects.toThrow(TypeError);
        await expect(failure).rejects.toThrow(words[0] ?? '');
        expectTypeError(() => source.current(asked), ...words);
        expect(created).toBe(0);
    });
});
