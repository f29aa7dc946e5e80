import axios from 'axios';
import fc from 'fast-check';
import { createOriginRule, type OriginRule, type RequestTarget } from '../src/request-url.js';

const BASE = 'https://api.example.com/v1';
const OWN = 'https://api.example.com';

type Settings = Partial<Parameters<typeof createOriginRule>[0]>;

/** The rule of an instance whose `baseURL` is that of the tests, unless told otherwise. */
function ruleOf(settings: Settings = {}): OriginRule {
    return createOriginRule({ origins: undefined, ownBase: () => BASE, honoursAllowAbsoluteUrls: true, ...settings });
}

const permits = (target: RequestTarget, settings?: Settings): boolean => ruleOf(settings).permits(target, true);

/** Where axios would really send a request; `undefined` if it would not. */
function destinationOf(target: RequestTarget): URL | undefined {
    try {
        return new URL(axios.getUri(target));
    } catch {
        return undefined;
    }
}

/** Whether a token may go to where axios would really send a request; `undefined` if axios would send none. */
function isOwnDestination(target: RequestTarget): boolean | undefined {
    const destination = destinationOf(target);
    return destination && destination.origin === OWN && !destination.username && !destination.password;
}

const APPENDED_OR_OWN = [
    '',
    '/me',
    'me',
    'me?next=https://evil.example/',
    '?page=2',
    '#top',
    './me',
    '../me',
    '/../../..',
    '/%2e%2e/%2e%2e/me',
    'users/me@evil.example',
    '@evil.example',
    '/@evil.example',
    '.evil.example',
    ':8443/me',
    ':pw@evil.example',
    'evil.example',
    '\\evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    ' https://evil.example/',
    '\thttps://evil.example/',
    'ht\ntps://evil.example/',
    '\0https://evil.example/',
    'https:evil.example',
    'https:/evil.example',
    'https:\\\\evil.example',
    'mailto:a@evil.example',
    'javascript:alert(1)',
    'data:text/plain,a',
    '1https://evil.example/',
    'https://api.example.com',
    'https://api.example.com/other',
    'https://api.example.com?page=2',
    'https://api.example.com#top',
    'https://api.example.com\\me',
    'https://api.example.com\\@evil.example',
    'https://api.example.com/@evil.example',
    'https://api.example.com?@evil.example',
    'https://api.example.com#@evil.example',
    'https://api.example.com:443/me',
    'https://api.example.com:/me',
    'HTTPS://API.EXAMPLE.COM/me',
    'https://@api.example.com/me',
    'https://api%2Eexample%2ecom/me',
    'https://api\u3002example.com/me',
    'https://\uFF41pi.example.com/me',
    'https://api.exam\tple.com/me',
    'https://\napi.example.com/me',
    'https:///api.example.com/me',
    'https://\\api.example.com/me',
    'https://\t/api.example.com/me',
];

const ELSEWHERE = [
    'https://evil.example',
    'https://evil.example/https://api.example.com/',
    'https://evil.example?https://api.example.com/',
    'https://evil.example#@api.example.com/',
    'https://evil.example\\@api.example.com/',
    'https://evil.example/@api.example.com/',
    'http://api.example.com/me',
    'https://api.example.com:8443/me',
    'https://api.example.com:80/me',
    'https://api.example.com./me',
    'https://api.example.com.evil.example/me',
    'https://api.example.comevil.example/me',
    'https://api-example.com/me',
    'https://sub.api.example.com/me',
    'https://example.com/me',
    'https://api.example.com@evil.example/me',
    'https://api.example.com:443@evil.example/me',
    'https://api.example.com%2f@evil.example/me',
    'https://api.example.com%2eevil.example/me',
    'https://api.example.com\t.evil.example/me',
    'https://api.example.com\n@evil.example/me',
    'https://user:pw@api.example.com/me',
    'https://user@api.example.com/me',
    'https://:pw@api.example.com/me',
    'https://\u0430pi.example.com/me',
    'https://api\u2024example.com.evil.example/me',
    '//evil.example/me',
    '///evil.example/me',
    'https:///evil.example/me',
    'https:////evil.example/me',
    'https://\\evil.example/me',
    'https://\tevil.example/me',
    'https://\t/evil.example/me',
    'https://\n/evil.example/me',
    'https://\r\\evil.example/me',
    'https://\t\n\r/\t/evil.example/me',
    'https://[::1]/me',
    'https://127.0.0.1/me',
    'https://2130706433/me',
    'ftp://api.example.com/me',
    'ws://api.example.com/me',
    'wss://api.example.com/me',
    'file:///etc/passwd',
    'custom://api.example.com/me',
    'blob://api.example.com/me',
    'h://api.example.com/me',
    'http://own.invalid/me',
];

/** Those that are no URL, whatever it is that they are. */
const UNREADABLE = [
    'https://',
    'https:// /',
    'https://?',
    'https://#',
    'https://@/api.example.com',
    'https://:443/',
    'https://api.example.com:99999/',
    'https://api.example.com:abc/',
    'https://api.example.com%00.evil.example/',
    'https://api.example.com evil.example/',
    'https://[api.example.com]/',
    'https://<evil>/',
];

const VERDICTS: [string, boolean][] = [
    ...APPENDED_OR_OWN.map((url): [string, boolean] => [url, true]),
    ...ELSEWHERE.map((url): [string, boolean] => [url, false]),
    ...UNREADABLE.map((url): [string, boolean] => [url, false]),
];

const counted = (urls: string[]): number => urls.filter((url) => destinationOf({ baseURL: BASE, url })).length;

describe('an instance with an absolute baseURL', () => {
    it.each(VERDICTS)('%p: %p, as axios would really send it', (url, expected) => {
        const target = { baseURL: BASE, url };
        expect(permits(target)).toBe(expected);
        expect(isOwnDestination(target) ?? expected).toBe(expected);
    });

    it('the tables are about what axios sends: to the own origin, elsewhere, and not at all', () => {
        expect(counted(APPENDED_OR_OWN)).toBeGreaterThanOrEqual(APPENDED_OR_OWN.length - 3); // axios refuses `https:x`
        expect(counted(ELSEWHERE)).toBeGreaterThanOrEqual(ELSEWHERE.length - 3); // protocol-relative ones want a page
        expect(counted(UNREADABLE)).toBe(0);
    });

    it.each<[string, string, boolean]>([
        ['https://api.example.com', '/me', true],
        ['https://api.example.com/', '/me', true],
        ['https://api.example.com///', '/me', true],
        ['https://api.example.com/other', '', true],
        ['https://api.example.com?base', '/me', true],
        ['https://api.example.com:', '/me', true],
        ['https://api.example.com', '@evil.example', true],
        ['https://api.example.com', '.evil.example', true],
        ['https://api.example.com\\', '@evil.example', true],
        [' https://api.example.com', '/me', true],
        ['https://evil.example', '/me', false],
        ['https://evil.example', 'https://api.example.com/me', true],
        ['https://evil.example', '', false],
        ['https://api.example.com@evil.example', '/me', false],
        ['https://user:pw@api.example.com', '/me', false],
        ['http://api.example.com', '/me', false],
        [' https://evil.example', '/me', false],
        ['https:', '/evil.example/me', false],
        ['https:', 'api.example.com/me', true],
        ['https://', 'evil.example/me', false],
        ['https:///', '\\evil.example/me', false],
        ['https://\t', '/evil.example/me', false],
        ['https://\t/', 'evil.example/me', false],
        ['\\\\evil.example', '/me', false],
        ['//evil.example', '/me', false],
        ['ftp://api.example.com', '/me', false],
    ])("a request's own baseURL never widens it: %p and %p: %p", (baseURL, url, expected) => {
        const target = { baseURL, url };
        expect(permits(target)).toBe(expected);
        expect(isOwnDestination(target) ?? expected).toBe(expected);
    });

    it.each(['/proxy', './proxy', 'proxy'])('a URL that stays relative counts as its own (%p)', (baseURL) => {
        expect(permits({ baseURL, url: '/me' })).toBe(true);
        expect(permits({ url: '/me' })).toBe(true);
        expect(permits({})).toBe(true);
    });

    it.each([BASE, '/proxy', '//', 'https:', 'https://evil.example'])('no URL is an empty one (%p)', (baseURL) => {
        expect(permits({ baseURL })).toBe(permits({ baseURL, url: '' }));
    });

    it.each<[string, (host: string) => RequestTarget]>([
        ['a URL', (host) => ({ url: `${host}/me` })],
        ['what is appended to a base', (baseURL) => ({ baseURL, url: '/me' })],
    ])('its baseURL is read at request time, for %s', (_, targetAt) => {
        let base: string | undefined = 'https://one.example';
        const rule = ruleOf({ ownBase: () => base });
        const one = targetAt('https://one.example');
        const two = targetAt('https://two.example');
        expect([rule.permits(one, true), rule.permits(two, true)]).toEqual([true, false]);
        base = 'https://two.example/v2';
        expect([rule.permits(one, true), rule.permits(two, true)]).toEqual([false, true]);
        expect(['https://one.example', 'https://two.example'].map(rule.permitsUrl)).toEqual([false, true]);
        base = undefined;
        expect([rule.permits(one, true), rule.permits(two, true)]).toEqual([true, true]);
        base = 'https://one.example';
        expect([rule.permits(one, true), rule.permits(two, true)]).toEqual([true, false]);
    });
});

describe('what is remembered of one URL settles no other', () => {
    const targets = [BASE, undefined, 'https://evil.example', 'https://\t'].flatMap((baseURL) =>
        VERDICTS.map(([url]): RequestTarget => ({ baseURL, url })),
    );
    const alone = targets.map((target) => permits(target));

    it.each<[string, (list: number[]) => number[]]>([
        ['in order', (list) => list],
        ['in reverse order', (list) => [...list].reverse()],
        ['again and again', (list) => list.flatMap((index) => [index, index])],
    ])('%s', (_, order) => {
        const rule = ruleOf();
        const indices = order(targets.map((__, index) => index));
        const wrong = indices.filter((index) => rule.permits(targets[index] ?? {}, true) !== alone[index]);
        expect(wrong.map((index) => targets[index])).toEqual([]);
    });

    it('however many hosts there are', () => {
        const rule = ruleOf();
        for (let i = 0; i < 1_000; i++) {
            expect(rule.permitsUrl(`https://host-${i}.example/`)).toBe(false);
            expect(rule.permits({ baseURL: BASE, url: `/${i}` }, true)).toBe(true);
        }
        expect(rule.permitsUrl(`https://host-0.example/`)).toBe(false);
    });

    const pick = fc.constantFrom<string[]>;
    const filler = pick('', '', '', '\t', '\n', '\r', '/', '\\', '@', 'user@', ' ', '\0');
    const hostile = fc
        .tuple(
            pick('https://', 'https://', 'https:', 'http://', '//', '', ' https://', 'ht\ttps://'),
            filler,
            filler,
            pick('api.example.com', 'API.EXAMPLE.COM', 'evil.example', 'own.invalid', ''),
            pick('', '', '\t', '.', ':443', ':8443', '@evil.example', '.evil.example', '%2eevil.example'),
            pick('', '/', '\\', '?', '#', '/@', '\\@', '\t@'),
            pick('', 'me', 'evil.example'),
        )
        .map((parts) => parts.join(''));

    it('a token never goes where it may not, whatever was asked before', () => {
        const requests = fc.array(fc.record({ baseURL: fc.oneof(fc.constant(BASE), hostile), url: hostile }), {
            minLength: 2,
            maxLength: 12,
        });
        fc.assert(
            fc.property(requests, (asked) => {
                const rule = ruleOf();
                const verdicts = asked.map((target) => rule.permits(target, true));
                expect(verdicts).toEqual(asked.map((target) => permits(target)));
                const leaks = asked.filter((target, index) => verdicts[index] && isOwnDestination(target) === false);
                expect(leaks).toEqual([]);
            }),
            { numRuns: 1_500 },
        );
    });
});
