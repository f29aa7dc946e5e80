import { createOriginRule, type OriginRule } from '../src/request-url.js';

const BASE = 'https://api.example.com/v1';
const MOST_REMEMBERED = 100;
const OriginalUrl = globalThis.URL;
let parsed: string[] = [];

class CountedUrl extends OriginalUrl {
    constructor(...given: ConstructorParameters<typeof URL>) {
        super(...given);
        parsed.push(String(given[0]));
    }
}

beforeAll(() => {
    globalThis.URL = CountedUrl;
});

afterAll(() => {
    globalThis.URL = OriginalUrl;
});

/** The URLs that are parsed to decide about these, by a rule that knows the base of its instance already. */
function parsingsOf(urls: string[], rule = freshRule()): string[] {
    parsed = [];
    for (const url of urls) rule.permitsUrl(url);
    return parsed;
}

function freshRule(): OriginRule {
    const rule = createOriginRule({ origins: undefined, ownBase: () => BASE, honoursAllowAbsoluteUrls: true });
    rule.permitsUrl(BASE);
    return rule;
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, i) => `https://host-${i}.example`);

describe('whether a token may go to a URL', () => {
    it.each([
        ['https://one.example', ['https://one.example', 'https://one.example/a', 'https://one.example?b']],
        ['http://one.example:80', ['http://one.example:80#c', 'http://one.example:80\\d', 'http://one.example:80']],
    ])('is decided once for an origin, by %p, whatever follows that', (origin, urls) => {
        expect(parsingsOf([...urls, ...urls])).toEqual([origin]);
    });

    it('is decided once for a base, whatever is appended to it', () => {
        const rule = freshRule();
        parsed = [];

        for (const url of ['/me', 'you?a=1', '']) rule.permits({ baseURL: 'https://one.example/v2', url }, true);

        expect(parsed).toEqual(['https://one.example/v2']);
    });

    it('is decided once for each of two origins that are asked for in turn', () => {
        const [one = '', two = ''] = hosts(2);

        expect(parsingsOf([one, two, one, two])).toEqual([one, two]);
    });

    it('is remembered for a hundred origins, and no longer when there are more: memory does not grow', () => {
        const rule = createOriginRule({ origins: [BASE], ownBase: () => BASE, honoursAllowAbsoluteUrls: true });
        const hundred = hosts(MOST_REMEMBERED);
        const [first = ''] = hundred;
        const more = 'https://one.more.example';

        expect(parsingsOf(hundred, rule)).toEqual(hundred);
        expect(parsingsOf(hundred, rule)).toEqual([]);
        expect(parsingsOf([more, more, first], rule)).toEqual([more, first]);
    });

    it('is remembered for a hundred bases, and no longer when there are more', () => {
        const rule = createOriginRule({ origins: [BASE], ownBase: () => BASE, honoursAllowAbsoluteUrls: true });
        const ask = (bases: string[]): string[] => {
            parsed = [];
            for (const baseURL of bases) rule.permits({ baseURL, url: '/me' }, true);
            return parsed;
        };
        const hundred = hosts(MOST_REMEMBERED);
        const [first = ''] = hundred;
        const more = 'https://one.more.example';

        expect(ask(hundred)).toEqual(hundred);
        expect(ask(hundred)).toEqual([]);
        expect(ask([more, more, first])).toEqual([more, first]);
    });
});
