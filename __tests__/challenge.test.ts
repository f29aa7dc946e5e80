import { AxiosHeaders, type AxiosResponse } from 'axios';
import fc from 'fast-check';
import { parseChallenges } from '../src/index.js';
import { refusalReader } from '../src/rejection.js';

type Expected = [scheme: string, parameters?: Record<string, string>, token68?: string];

const VECTORS: [string, Expected[]][] = [
    ['', []],
    [' ', []],
    [',', []],
    [' , ,, ', []],
    ['Bearer', [['bearer']]],
    ['bearer ', [['bearer']]],
    ['Bearer,', [['bearer']]],
    ['Bearer, Basic', [['bearer'], ['basic']]],
    ['Basic realm="simple"', [['basic', { realm: 'simple' }]]],
    ['Basic realm=simple', [['basic', { realm: 'simple' }]]],
    ['BASIC REALM="Kept As It Is"', [['basic', { realm: 'Kept As It Is' }]]],
    ['Basic realm=""', [['basic', { realm: '' }]]],
    ['Basic realm = "foo"', [['basic', { realm: 'foo' }]]],
    ['Basic\trealm\t=\t"foo"', [['basic', { realm: 'foo' }]]],
    ['Basic  realm="foo"', [['basic', { realm: 'foo' }]]],
    ['Basic ,realm="foo"', [['basic', { realm: 'foo' }]]],
    ['Basic realm="foo", bar="baz"', [['basic', { realm: 'foo', bar: 'baz' }]]],
    ['Basic realm="foo",bar=baz,', [['basic', { realm: 'foo', bar: 'baz' }]]],
    ['Basic realm="foo" , , bar="baz"', [['basic', { realm: 'foo', bar: 'baz' }]]],
    ['Basic realm="foo" bar="baz"', [['basic', { realm: 'foo', bar: 'baz' }]]], // commas left out, seen in the wild
    [String.raw`Basic realm="a \"quoted\" word"`, [['basic', { realm: 'a "quoted" word' }]]],
    [String.raw`Basic realm="back\\slash"`, [['basic', { realm: String.raw`back\slash` }]]],
    [String.raw`Basic realm="\f\o\o"`, [['basic', { realm: 'foo' }]]],
    ['Basic realm="a, b=c, Bearer d"', [['basic', { realm: 'a, b=c, Bearer d' }]]],
    [
        'Basic realm="a", Bearer realm="b"',
        [
            ['basic', { realm: 'a' }],
            ['bearer', { realm: 'b' }],
        ],
    ],
    ['Bearer, Basic realm="b", Digest', [['bearer'], ['basic', { realm: 'b' }], ['digest']]],
    [
        'Bearer realm="a", Bearer realm="b"',
        [
            ['bearer', { realm: 'a' }],
            ['bearer', { realm: 'b' }],
        ],
    ],
    [
        'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"', // RFC 9110
        [
            ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
            ['basic', { realm: 'simple' }],
        ],
    ],
    ['Bearer realm="example"', [['bearer', { realm: 'example' }]]], // RFC 6750
    [
        'Bearer realm="example", error="invalid_token", error_description="The access token expired"', // RFC 6750
        [['bearer', { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' }]],
    ],
    [
        'Bearer error="insufficient_scope", scope="read write"',
        [['bearer', { error: 'insufficient_scope', scope: 'read write' }]],
    ],
    [
        'Bearer error=insufficient_user_authentication, max_age="5", acr_values="myACR"', // RFC 9470
        [['bearer', { error: 'insufficient_user_authentication', max_age: '5', acr_values: 'myACR' }]],
    ],
    [
        'Bearer resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"', // RFC 9728
        [['bearer', { resource_metadata: 'https://api.example.com/.well-known/oauth-protected-resource' }]],
    ],
    [
        'DPoP error="use_dpop_nonce", error_description="Nonce needed", algs="ES256 PS256"', // RFC 9449
        [['dpop', { error: 'use_dpop_nonce', error_description: 'Nonce needed', algs: 'ES256 PS256' }]],
    ],
    [
        'Bearer realm="x", DPoP algs="ES256", error="invalid_token"',
        [
            ['bearer', { realm: 'x' }],
            ['dpop', { algs: 'ES256', error: 'invalid_token' }],
        ],
    ],
    ['Negotiate', [['negotiate']]],
    ['Negotiate oYG/+w==', [['negotiate', {}, 'oYG/+w==']]],
    ['NTLM TlRMTVNTUAACAAAA', [['ntlm', {}, 'TlRMTVNTUAACAAAA']]],
    [
        'NTLM TlRM, Basic realm="x"',
        [
            ['ntlm', {}, 'TlRM'],
            ['basic', { realm: 'x' }],
        ],
    ],
    [
        'Basic realm="x", Negotiate abc==',
        [
            ['basic', { realm: 'x' }],
            ['negotiate', {}, 'abc=='],
        ],
    ],
    ['Negotiate abc= , NTLM', [['negotiate', {}, 'abc='], ['ntlm']]],
    ['Bearer error=invalid_token', [['bearer', { error: 'invalid_token' }]]],
    // a naive reader finds a challenge `x` here
    ['Bearer error_uri=https://x/y', [['bearer', { error_uri: 'https://x/y' }]]],
    ['Bearer error_uri=https://x/y, scope=a', [['bearer', { error_uri: 'https://x/y', scope: 'a' }]]],
    ['Bearer error_uri=https://x/y?a=b&c=d, scope=a', [['bearer', { error_uri: 'https://x/y?a=b&c=d', scope: 'a' }]]],
    ['Bearer error="https://x/y, Basic realm=z"', [['bearer', { error: 'https://x/y, Basic realm=z' }]]],
    ['Bearer error="first", error="second"', [['bearer', { error: 'first' }]]],
    ['Bearer error="first", ERROR="second"', [['bearer', { error: 'first' }]]],
    ['Bearer __proto__="x", error="y"', [['bearer', { error: 'y' }]]],
    ['Bearer constructor="x", hasownproperty=y', [['bearer', { constructor: 'x', hasownproperty: 'y' }]]],
    ['Bearer error="never closed', [['bearer', { error: 'never closed' }]]],
    ['Bearer error="', [['bearer', { error: '' }]]],
    ['realm="without a scheme"', []],
    ['realm="without a scheme", Bearer error=x', [['bearer', { error: 'x' }]]],
    ['"quoted", Bearer', [['bearer']]],
    ['@@@, Bearer error=x', [['bearer', { error: 'x' }]]],
    ['Bearer realm="ünïcödé"', [['bearer', { realm: 'ünïcödé' }]]],
    ['X-Custom!#$ a=b', [['x-custom!#$', { a: 'b' }]]],
];

const plain = (header: string): Expected[] =>
    parseChallenges(header).map(({ scheme, parameters, token68 }) =>
        token68 === undefined ? [scheme, { ...parameters }] : [scheme, { ...parameters }, token68],
    );

const quote = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

const write = (item: { scheme: string; parameters: Record<string, string>; token68?: string }): string =>
    [
        item.scheme,
        item.token68 ??
            Object.entries(item.parameters)
                .map(([key, value]) => `${key}=${quote(value)}`)
                .join(', '),
    ]
        .filter(Boolean)
        .join(' ');

describe('parseChallenges', () => {
    it.each(VECTORS)('%p', (header, expected) => {
        expect(plain(header)).toEqual(
            expected.map(([scheme, parameters = {}, ...rest]) => [scheme, parameters, ...rest]),
        );
    });

    it('keeps no key that reaches a prototype', () => {
        const [challenge] = parseChallenges('Bearer __proto__=x, constructor=y, toString=z');
        expect(Object.getPrototypeOf(challenge?.parameters)).toBeNull();
        expect(challenge?.parameters['__proto__']).toBeUndefined();
        expect(({} as Record<string, unknown>)['x']).toBeUndefined();
        expect(parseChallenges('Bearer')[0]?.parameters['error']).toBeUndefined();
    });

    it('leaves token68 out where there is none', () => {
        expect('token68' in (parseChallenges('Bearer error=x')[0] ?? {})).toBe(false);
    });

    const name = fc.stringMatching(/^[!#$%&'*+.^`|~a-z0-9_-]{1,12}$/).filter((text) => text !== '__proto__');
    const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const parameters = fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, minLength: 1, maxLength: 5 });
    const challenge = fc.oneof(
        fc.tuple(name, parameters).map(([scheme, list]) => ({ scheme, parameters: Object.fromEntries(list) })),
        fc.tuple(name, fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,20}={0,2}$/)).map(([scheme, token68]) => ({
            scheme,
            parameters: {},
            token68,
        })),
        name.map((scheme) => ({ scheme, parameters: {} })),
    );

    it('reads back whatever is written by the grammar', () => {
        fc.assert(
            fc.property(fc.array(challenge, { maxLength: 5 }), (challenges) => {
                const read = parseChallenges(challenges.map(write).join(', '));
                expect(read.map((item) => ({ ...item, parameters: { ...item.parameters } }))).toEqual(challenges);
            }),
        );
    });

    it('never throws, whatever a server sends', () => {
        const characters = fc.constantFrom(...' \t,="\\/:@;abBearer__proto__ü\0\r\n'.split(''));
        fc.assert(
            fc.property(fc.string({ unit: characters, maxLength: 80 }), (header) => {
                for (const { scheme, parameters: found } of parseChallenges(header)) {
                    expect(scheme).toBe(scheme.toLowerCase());
                    for (const value of Object.values(found)) expect(typeof value).toBe('string');
                }
            }),
            { numRuns: 1_000 },
        );
    });
});

function refusal(challenges: string): AxiosResponse {
    const headers = new AxiosHeaders({ 'www-authenticate': challenges });
    return { status: 401, statusText: 'Unauthorized', data: '', headers, config: { headers } };
}

it('the challenges of answers that say the same are read once', () => {
    const read = refusalReader(undefined);

    const first = read(refusal('Bearer realm="a"'));

    expect(first).toMatchObject([{ parameters: { realm: 'a' } }]);
    expect(read(refusal('Bearer realm="a"'))).toBe(first);
    expect(read(refusal('Bearer realm="b"'))).toMatchObject([{ parameters: { realm: 'b' } }]);
});
