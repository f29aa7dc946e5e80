import axios from 'axios';
import {
    createOriginRule,
    finalUrl,
    isAbsolute,
    originOf,
    type OriginRule,
    type RequestTarget,
} from '../src/request-url.js';

type Settings = Partial<Parameters<typeof createOriginRule>[0]>;

function ruleOf(settings: Settings): OriginRule {
    return createOriginRule({
        origins: undefined,
        ownBase: () => undefined,
        honoursAllowAbsoluteUrls: true,
        ...settings,
    });
}

const verdicts = (rule: OriginRule, urls: string[]): boolean[] => urls.map((url) => rule.permits({ url }, true));

/** Runs something as on a page of that origin. */
function onPage(origin: string, run: () => void): void {
    const original = Object.getOwnPropertyDescriptor(globalThis, 'location');
    Object.defineProperty(globalThis, 'location', { value: { origin, href: `${origin}/app` }, configurable: true });
    try {
        run();
    } finally {
        if (original) Object.defineProperty(globalThis, 'location', original);
        else Reflect.deleteProperty(globalThis, 'location');
    }
}

const ANYWHERE: [string, boolean][] = [
    ['https://one.example/', true],
    ['http://one.example:8080/', true],
    ['http://localhost:3000/', true],
    ['http://[::1]:3000/', true],
    ['/me', true],
    ['me', true],
    ['', true],
    ['https://user:pw@one.example/', false],
    ['ftp://one.example/', false],
    ['file:///etc/passwd', false],
    ['data:text/plain,a', false],
    ['javascript:alert(1)', false],
    ['blob:https://one.example/0b3c', false],
    ['ws://one.example/', false],
    ['xhttp://one.example/', false],
    ['https://', false],
];

describe('the origins that a token may go to', () => {
    it.each(ANYWHERE)("'*' is everywhere by http(s), without credentials in the URL: %p: %p", (url, expected) => {
        expect(ruleOf({ origins: '*' }).permits({ url }, true)).toBe(expected);
        expect(ruleOf({ origins: '*' }).permitsUrl(url)).toBe(expected);
    });

    it.each(ANYWHERE)('an instance without an absolute baseURL: everywhere it goes: %p: %p', (url, expected) => {
        expect(ruleOf({ ownBase: () => undefined }).permits({ url }, true)).toBe(expected);
        expect(ruleOf({ ownBase: () => '' }).permits({ url }, true)).toBe(expected);
        expect(ruleOf({ ownBase: () => '/api' }).permits({ url }, true)).toBe(expected);
    });

    it('a list is all that counts: the own base of the instance does not', () => {
        const rule = ruleOf({
            origins: ['https://one.example', 'http://two.example:8080'],
            ownBase: () => 'https://own.example',
        });
        const urls = [
            'https://one.example/me',
            'http://two.example:8080/me',
            'https://own.example/me',
            'http://one.example/me',
            'https://two.example:8080/me',
            'http://two.example/me',
            '/me',
        ];
        expect(verdicts(rule, urls)).toEqual([true, true, false, false, false, false, true]);
        expect(rule.permits({ baseURL: 'https://own.example', url: '/me' }, true)).toBe(false);
        expect(rule.permits({ baseURL: 'https://one.example', url: '/me' }, true)).toBe(true);
    });

    it('an empty list is nowhere', () => {
        const rule = ruleOf({ origins: [], ownBase: () => 'https://own.example' });
        expect(verdicts(rule, ['https://own.example/', 'https://one.example/'])).toEqual([false, false]);
    });

    const RESERVED = ['own.invalid', 'own', 'nowhere.invalid', 'nowhere-else.invalid', 'base.invalid', 'localhost'];

    it('no host that stands for something inside is an origin from outside', () => {
        const rule = ruleOf({ origins: ['https://one.example'] });
        const urls = RESERVED.flatMap((host) => [`http://${host}`, `https://${host}/me`, `//${host}/me`]);
        expect(urls.filter((url) => rule.permits({ url }, true))).toEqual([]);
    });

    it('no host that stands for something inside is an origin from outside, not even without slashes', () => {
        const rule = ruleOf({ origins: ['https://one.example'] });
        const urls = RESERVED.flatMap((host) => [`http:${host}`, `http:/${host}`, `http:\\\\${host}`]);
        expect(urls.map((url) => new URL(url).hostname)).toEqual(RESERVED.flatMap((host) => [host, host, host]));
        expect(urls.filter((url) => rule.permits({ url }, true))).toEqual([]);
    });
});

const target = (url: string, baseURL?: string): RequestTarget => ({ url, baseURL });

describe('on a page', () => {
    it('a URL that stays relative resolves against it', () => {
        onPage('https://page.example', () => {
            const own = ruleOf({ ownBase: () => 'https://page.example/api' });
            expect(own.permits(target('/me'), true)).toBe(true);
            expect(own.permits(target('/me', '/api'), true)).toBe(true);
            expect(own.permits(target('//page.example/me'), true)).toBe(true);
            expect(own.permits(target('//evil.example/me'), true)).toBe(false);

            const other = ruleOf({ ownBase: () => 'https://api.example.com' });
            expect(other.permits(target('/me'), true)).toBe(false);
            expect(other.permits(target('me', '/api'), true)).toBe(false);
            expect(other.permits(target('/me', 'https://api.example.com'), true)).toBe(true);
            expect(other.permits(target('//api.example.com/me'), true)).toBe(true);
        });
    });

    it('a relative baseURL of the instance is the page, and nothing else', () => {
        onPage('https://page.example', () => {
            const rule = ruleOf({ ownBase: () => '/api' });
            expect(rule.permits(target('/me', '/api'), true)).toBe(true);
            expect(rule.permits(target('https://page.example/me'), true)).toBe(true);
            expect(rule.permits(target('https://evil.example/me'), true)).toBe(false);
        });
    });

    it('backslashes and schemes without slashes resolve as the page resolves them', () => {
        onPage('https://page.example', () => {
            const rule = ruleOf({ origins: ['https://page.example'] });
            expect(rule.permits(target('\\\\evil.example/me'), true)).toBe(false);
            expect(rule.permits(target('/\\evil.example/me'), true)).toBe(false);
            expect(rule.permits(target('\t//evil.example/me'), true)).toBe(false);
            expect(rule.permits(target('http:evil.example'), true)).toBe(false);
            expect(rule.permits(target('https:me'), true)).toBe(true);
        });
    });

    it('a URL that stays relative counts anew where the page is another one', () => {
        const rule = ruleOf({ origins: ['https://page.example'] });
        onPage('https://page.example', () => expect(rule.permits(target('/me'), true)).toBe(true));
        onPage('https://evil.example', () => expect(rule.permits(target('/me'), true)).toBe(false));
        onPage('https://page.example', () => expect(rule.permits(target('/me'), true)).toBe(true));
    });

    it('a page without an origin that http knows is no page', () => {
        for (const origin of ['null', 'file://', '']) {
            onPage(origin, () => {
                expect(ruleOf({ origins: ['https://one.example'] }).permits(target('/me'), true)).toBe(true);
            });
        }
    });
});

const destinationOf = (request: RequestTarget): URL => new URL(axios.getUri(request));

describe('allowAbsoluteUrls: false', () => {
    const BASE = 'https://api.example.com/v1';
    const OWN_BASE = { ownBase: () => BASE };
    const appended = { baseURL: BASE, url: 'https://evil.example/me', allowAbsoluteUrls: false };

    it('is appended to the base by an axios that honours it', () => {
        expect(destinationOf(appended).origin).toBe('https://api.example.com');
        expect(ruleOf(OWN_BASE).permits(appended, true)).toBe(true);
        expect(ruleOf(OWN_BASE).permits({ ...appended, url: '//evil.example/me' }, true)).toBe(true);
    });

    it.each<[string, boolean, boolean]>([
        ['an axios that ignores it', false, true],
        ['an adapter of unknown origin', true, false],
        ['both', false, false],
    ])('where unsure, both readings must be allowed: %s', (_, honoursAllowAbsoluteUrls, adapterIsNamed) => {
        const rule = ruleOf({ ...OWN_BASE, honoursAllowAbsoluteUrls });
        expect(rule.permits(appended, adapterIsNamed)).toBe(false);
        expect(rule.permits({ ...appended, url: 'https://api.example.com/me' }, adapterIsNamed)).toBe(true);
        expect(rule.permits({ ...appended, url: '/me' }, adapterIsNamed)).toBe(true);
        expect(rule.permits({ ...appended, baseURL: 'https://evil.example', url: BASE }, adapterIsNamed)).toBe(false);
        expect(rule.permits({ ...appended, baseURL: 'https://evil.example', url: '/me' }, adapterIsNamed)).toBe(false);
    });

    it('the base of the request counts even if the absolute URL would be allowed', () => {
        const request = { baseURL: 'https://evil.example', url: BASE, allowAbsoluteUrls: false };
        expect(destinationOf(request).origin).toBe('https://evil.example');
        expect(ruleOf(OWN_BASE).permits(request, true)).toBe(false);
    });

    it('changes nothing without a base', () => {
        const request = { url: 'https://evil.example/me', allowAbsoluteUrls: false };
        expect(destinationOf(request).origin).toBe('https://evil.example');
        expect(ruleOf(OWN_BASE).permits(request, true)).toBe(false);
    });
});

describe('originOf', () => {
    it.each<[string, string | undefined]>([
        ['https://one.example/path?query#hash', 'https://one.example'],
        ['HTTP://ONE.EXAMPLE:80/', 'http://one.example'],
        ['https://one.example:8443', 'https://one.example:8443'],
        ['https://münchen.example/', 'https://xn--mnchen-3ya.example'],
        ['http:one.example', 'http://one.example'],
        ['http:\\\\one.example', 'http://one.example'],
        ['https://user:pw@one.example/', undefined],
        ['https://user@one.example/', undefined],
        ['blob:https://one.example/0b3c', undefined],
        ['ftp://one.example/', undefined],
        ['https://', undefined],
        ['https://one.example:99999', undefined],
    ])('%p: %p', (url, origin) => {
        expect(originOf(url)).toBe(origin);
    });
});

describe('isAbsolute', () => {
    it.each<[string, boolean]>([
        ['https://one.example', true],
        ['//one.example', true],
        ['/path', false],
        ['path', false],
        ['../path', false],
        ['?query', false],
        ['', false],
    ])('%p: %p', (url, expected) => {
        expect(isAbsolute(url)).toBe(expected);
    });
});

describe('finalUrl', () => {
    const BASE = 'https://api.example.com/v1';
    const ELSEWHERE = 'https://one.example/me';

    it.each<[RequestTarget, string]>([
        [{}, ''],
        [{ url: '/me' }, '/me'],
        [{ url: ELSEWHERE }, ELSEWHERE],
        [{ url: ELSEWHERE, allowAbsoluteUrls: false }, ELSEWHERE],
        [{ url: 'HTTPS://ONE.EXAMPLE:443/you/../me' }, ELSEWHERE],
        [{ baseURL: BASE }, BASE],
        [{ baseURL: BASE, url: '' }, BASE],
        [{ baseURL: BASE, url: '/me' }, `${BASE}/me`],
        [{ baseURL: `${BASE}//`, url: 'me' }, `${BASE}/me`],
        [{ baseURL: '/api', url: '/me' }, '/api/me'],
        [{ baseURL: BASE, url: ELSEWHERE }, ELSEWHERE],
        [{ baseURL: BASE, url: ELSEWHERE, allowAbsoluteUrls: true }, ELSEWHERE],
        [{ baseURL: BASE, url: ELSEWHERE, allowAbsoluteUrls: false }, `${BASE}/${ELSEWHERE}`],
        [{ baseURL: BASE, url: '//one.example/me', allowAbsoluteUrls: false }, `${BASE}/one.example/me`],
    ])('%j goes to %p, as axios sends it', (request, expected) => {
        const anywhere = 'http://localhost';
        expect(finalUrl(request)).toBe(expected);
        expect(new URL(axios.getUri({ url: '', ...request }), anywhere)).toEqual(new URL(expected, anywhere));
    });

    it('a URL that stays relative goes to the page', () => {
        onPage('https://page.example', () => {
            expect(finalUrl({ url: '/me' })).toBe('https://page.example/me');
            expect(finalUrl({ baseURL: 'api', url: '/me' })).toBe('https://page.example/api/me');
        });
    });
});
