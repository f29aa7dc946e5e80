import { parseChallenges } from '../src/index.js';

type Expected = readonly [scheme: string, parameters?: Record<string, string>, token68?: string];
type Vector = readonly [header: string, ...expected: Expected[]];

const plain = (header: string) =>
    parseChallenges(header).map(({ parameters, ...rest }) => ({ ...rest, parameters: { ...parameters } }));

const written = ([scheme, parameters = {}, token68]: Expected) => ({
    scheme,
    parameters,
    ...(token68 !== undefined && { token68 }),
});

const METADATA = 'https://resource.example.com/.well-known/oauth-protected-resource';
const CLAIMS = 'eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwNDEwNjY1MSJ9fX0=';
const AZURE_METADATA = 'https://login.microsoftonline.com/common/oauth2/authorize';

const SECTIONS: Record<string, readonly Vector[]> = {
    'RFC 9110 section 11.6.1: several challenges in one header': [
        [
            'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
            ['basic', { realm: 'simple' }],
            ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
        ],
        ['Basic, Bearer', ['basic'], ['bearer']],
        ['Bearer realm="a", Basic', ['bearer', { realm: 'a' }], ['basic']],
        ['Bearer scope=a, Basic realm=b, DPoP', ['bearer', { scope: 'a' }], ['basic', { realm: 'b' }], ['dpop']],
        // Each with a scheme of its own, though it is the same.
        ['Bearer error=a, Bearer error=b', ['bearer', { error: 'a' }], ['bearer', { error: 'b' }]],
    ],
    'RFC 9110 section 5.3: several headers, joined': [
        ['Basic realm="a", Bearer', ['basic', { realm: 'a' }], ['bearer']],
        ['Bearer realm="a",Basic realm="b"', ['bearer', { realm: 'a' }], ['basic', { realm: 'b' }]],
        ['Negotiate,NTLM,Basic realm="x"', ['negotiate'], ['ntlm'], ['basic', { realm: 'x' }]],
        ['Negotiate abc==, Bearer error="x"', ['negotiate', {}, 'abc=='], ['bearer', { error: 'x' }]],
        [',Basic realm="a", , Bearer', ['basic', { realm: 'a' }], ['bearer']],
    ],
    'RFC 9110 section 11.2: token68': [
        ['Negotiate a87421000492aa874209af8bc028', ['negotiate', {}, 'a87421000492aa874209af8bc028']], // RFC 4559
        ['Scheme -._~+/09azAZ', ['scheme', {}, '-._~+/09azAZ']],
        ['Scheme abc=', ['scheme', {}, 'abc=']],
        ['Scheme abc==', ['scheme', {}, 'abc==']],
        ['Scheme abc========', ['scheme', {}, 'abc========']],
        ['Scheme   abc==  ,  Other', ['scheme', {}, 'abc=='], ['other']],
        ['Scheme abc=def', ['scheme', { abc: 'def' }]],
        ['Scheme abc = def', ['scheme', { abc: 'def' }]],
        ['Scheme abc="def"', ['scheme', { abc: 'def' }]],
    ],
    'RFC 9110 section 5.6.4: quoted strings': [
        ['Basic realm="a, b"', ['basic', { realm: 'a, b' }]],
        ['Basic realm="a=b"', ['basic', { realm: 'a=b' }]],
        [
            'Basic realm="Bearer error=\\"insufficient_scope\\""',
            ['basic', { realm: 'Bearer error="insufficient_scope"' }],
        ],
        [
            'Basic realm="x", error_description="a, Bearer error=b", error=c',
            ['basic', { realm: 'x', error_description: 'a, Bearer error=b', error: 'c' }],
        ],
        ['Basic realm="\\\\"', ['basic', { realm: '\\' }]],
        ['Basic realm="\\\\\\"", a=b', ['basic', { realm: '\\"', a: 'b' }]],
        ['Basic realm="\\a\\,\\ "', ['basic', { realm: 'a, ' }]],
        ['Basic realm="\ttab"', ['basic', { realm: '\ttab' }]],
        ['Basic realm="\u00fc\u00ff"', ['basic', { realm: '\u00fc\u00ff' }]],
        ['Basic realm=""', ['basic', { realm: '' }]],
        ["Basic realm='single'", ['basic', { realm: "'single'" }]],
    ],
    'RFC 9110 section 5.6.1: empty list elements': [
        [',,, Bearer', ['bearer']],
        ['Bearer,,,', ['bearer']],
        ['Bearer a=b,,c=d', ['bearer', { a: 'b', c: 'd' }]],
        ['Bearer , a=b', ['bearer', { a: 'b' }]],
        [', ,\t, ,'],
    ],
    'white space, also BWS around = (RFC 9110 section 5.6.3), and tabs': [
        ['\t Bearer \t realm \t = \t "a" \t , \t error \t=\tb \t', ['bearer', { realm: 'a', error: 'b' }]],
        ['Bearer\trealm="a"', ['bearer', { realm: 'a' }]],
        ['Bearer realm= "a"', ['bearer', { realm: 'a' }]],
        ['Bearer realm ="a"', ['bearer', { realm: 'a' }]],
        ['Bearer realm= a', ['bearer', { realm: 'a' }]],
        // Obsolete line folding.
        ['Bearer realm="a",\r\n error="b"', ['bearer', { realm: 'a', error: 'b' }]],
    ],
    'case: schemes and names have none, values do': [
        ['bEARER ReAlM="Aa"', ['bearer', { realm: 'Aa' }]],
        ['BEARER ERROR=INVALID_TOKEN', ['bearer', { error: 'INVALID_TOKEN' }]],
        ['Bearer errorDescription=x', ['bearer', { errordescription: 'x' }]],
    ],
    'strings that never end, and garbage': [
        ['Bearer realm="open', ['bearer', { realm: 'open' }]],
        ['Bearer realm="open, error="x"', ['bearer', { realm: 'open, error=' }], ['x']],
        ['Bearer realm="open\\', ['bearer', { realm: 'open' }]],
        ['"'],
        ['='],
        ['=,='],
        ['\0'],
        ['\u{1f600}, Bearer', ['bearer']],
        ['Bearer @, error=x', ['bearer', { error: 'x' }]],
        // By the grammar a parameter, of no scheme.
        ['Bearer =x, error=y'],
        ['Bearer a==b', ['bearer', { a: '=b' }]],
        ['Bearer error=', ['bearer', {}, 'error=']],
        ['Bearer x=y, error=, scope=z', ['bearer', { x: 'y', error: '', scope: 'z' }]],
        ['a=b, c=d'],
        ['Bearer a="b"c="d"', ['bearer', { a: 'b', c: 'd' }]],
        ['<html>Bearer</html>'],
        ['Bearer: error=x, scope=a', ['bearer', { scope: 'a' }]],
    ],
    'Basic (RFC 7617)': [
        ['Basic realm="WallyWorld"', ['basic', { realm: 'WallyWorld' }]],
        ['Basic realm="foo", charset="UTF-8"', ['basic', { realm: 'foo', charset: 'UTF-8' }]],
    ],
    'Digest (RFC 7616), SCRAM (RFC 7804)': [
        [
            'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
            [
                'digest',
                {
                    realm: 'http-auth@example.org',
                    qop: 'auth, auth-int',
                    algorithm: 'SHA-256',
                    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
                    opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
                },
            ],
        ],
        [
            'SCRAM-SHA-256 sid=AAAABBBBCCCCDDDD, data=cj1yT3==',
            ['scram-sha-256', { sid: 'AAAABBBBCCCCDDDD', data: 'cj1yT3==' }],
        ],
    ],
    'Bearer (RFC 6750 section 3)': [
        ['Bearer realm="example"', ['bearer', { realm: 'example' }]],
        [
            'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
            ['bearer', { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' }],
        ],
        [
            'Bearer realm="example", error="insufficient_scope", scope="openid profile email", error_uri="https://x.example/e?a=b,c"',
            [
                'bearer',
                {
                    realm: 'example',
                    error: 'insufficient_scope',
                    scope: 'openid profile email',
                    error_uri: 'https://x.example/e?a=b,c',
                },
            ],
        ],
        // "MUST NOT appear more than once": of a server that errs, the first.
        ['Bearer realm="a", scope="b", realm="c", scope="d"', ['bearer', { realm: 'a', scope: 'b' }]],
    ],
    'DPoP (RFC 9449)': [
        [
            'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
            ['dpop', { error: 'use_dpop_nonce', error_description: 'Resource server requires nonce in DPoP proof' }],
        ],
        [
            'DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256"',
            ['dpop', { error: 'invalid_token', error_description: 'Invalid DPoP key binding', algs: 'ES256' }],
        ],
        ['Bearer, DPoP algs="ES256 PS256"', ['bearer'], ['dpop', { algs: 'ES256 PS256' }]],
    ],
    'step-up (RFC 9470 section 3)': [
        [
            'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR"',
            [
                'bearer',
                {
                    error: 'insufficient_user_authentication',
                    error_description: 'A different authentication level is required',
                    acr_values: 'myACR',
                },
            ],
        ],
        [
            'Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5"',
            [
                'bearer',
                {
                    error: 'insufficient_user_authentication',
                    error_description: 'More recent authentication is required',
                    max_age: '5',
                },
            ],
        ],
    ],
    'max_age as a token, scope beside it (RFC 9470 section 3)': [
        [
            'Bearer error=insufficient_user_authentication, max_age=5, acr_values="a b", scope="read"',
            ['bearer', { error: 'insufficient_user_authentication', max_age: '5', acr_values: 'a b', scope: 'read' }],
        ],
    ],
    'resource metadata (RFC 9728 section 5.1)': [
        [`Bearer resource_metadata="${METADATA}"`, ['bearer', { resource_metadata: METADATA }]],
        [
            `Bearer error="invalid_token", resource_metadata="${METADATA}", DPoP resource_metadata="${METADATA}", algs="ES256"`,
            ['bearer', { error: 'invalid_token', resource_metadata: METADATA }],
            ['dpop', { resource_metadata: METADATA, algs: 'ES256' }],
        ],
    ],
    'claims challenges of Microsoft Entra': [
        [
            `Bearer realm="", authorization_uri="${AZURE_METADATA}", error="insufficient_claims", claims="${CLAIMS}"`,
            ['bearer', { realm: '', authorization_uri: AZURE_METADATA, error: 'insufficient_claims', claims: CLAIMS }],
        ],
        // Base64 that is not quoted keeps its padding.
        [
            `Bearer error=insufficient_claims, claims=${CLAIMS}`,
            ['bearer', { error: 'insufficient_claims', claims: CLAIMS }],
        ],
    ],
};

describe.each(Object.entries(SECTIONS))('%s', (_section, vectors) => {
    it.each(vectors.map(([header, ...expected]) => [header, expected] as const))('%p', (header, expected) => {
        expect(plain(header)).toEqual(expected.map(written));
    });
});
