import axios, {
    type AxiosInstance,
    type AxiosRequestConfig,
    type CreateAxiosDefaults,
    type InternalAxiosRequestConfig,
} from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import { createIssuer, failOnUnhandledRejections } from '../support/servers.js';

failOnUnhandledRejections();

const BASE = 'https://api.example.com';

interface Recorder {
    client: AxiosInstance;
    sent: InternalAxiosRequestConfig[];
    created: () => number;
    /** Whether a request would go with the token. */
    readonly carriesToken: (config: AxiosRequestConfig) => Promise<boolean>;
}

/** A client that sends nothing but remembers what it would send. */
function record(defaults: CreateAxiosDefaults, options?: AttachOptions): Recorder {
    const issuer = createIssuer();
    const sent: InternalAxiosRequestConfig[] = [];
    const client = axios.create({
        ...defaults,
        adapter: async (config) => {
            sent.push(config);
            return { status: 200, statusText: '', headers: {}, config, data: '' };
        },
    });
    attachTokenCreator(client, issuer.creator, options);
    return {
        client,
        sent,
        created: () => issuer.created,
        async carriesToken(config) {
            await client.request(config);
            return sent.at(-1)?.headers.get('Authorization') === 'Bearer token-1';
        },
    };
}

describe('without origins the token goes to the origin of the own baseURL', () => {
    it.each<[string, AxiosRequestConfig]>([
        ['a relative URL', { url: '/me' }],
        ['a relative URL without a slash', { url: 'me' }],
        ['no URL', {}],
        ['an absolute URL of that origin', { url: `${BASE}/v2/me` }],
        ['that origin with its default port', { url: 'https://api.example.com:443/me' }],
        ['that origin in capitals', { url: 'HTTPS://API.EXAMPLE.COM/me' }],
        ['backslashes, which make no absolute URL of it', { url: 'https:\\\\other.example\\me' }],
        ['white space before another origin, which is appended', { url: ' https://other.example/me' }],
        ['a baseURL of the request with that origin', { baseURL: `${BASE}/v2`, url: '/me' }],
        ['parameters that hold another origin', { url: '/me', params: { next: 'https://evil.example' } }],
        ['a path that holds another origin', { url: '/redirect/https://evil.example' }],
    ])('%s', async (_name, config) => {
        expect(await record({ baseURL: `${BASE}/v1` }).carriesToken(config)).toBe(true);
    });
});

describe('without origins the token goes nowhere else', () => {
    it.each<[string, AxiosRequestConfig]>([
        ['another host', { url: 'https://evil.example/me' }],
        ['another port', { url: 'https://api.example.com:8443/me' }],
        ['another scheme', { url: 'http://api.example.com/me' }],
        ['a subdomain', { url: 'https://a.api.example.com/me' }],
        ['a parent domain', { url: 'https://example.com/me' }],
        ['a host that only starts like it', { url: 'https://api.example.com.evil.example/me' }],
        ['a protocol-relative URL', { url: '//evil.example/me' }],
        ['backslashes without a base', { url: 'https:\\\\evil.example\\me', baseURL: '' }],
        ['a host after user information', { url: 'https://api.example.com@evil.example/me' }],
        ['a backslash before the @', { url: 'https://evil.example\\@api.example.com/me' }],
        ['a tab in the scheme', { url: 'ht\ttps://evil.example/me', baseURL: '' }],
        ['white space before the URL', { url: ' https://evil.example/me', baseURL: '' }],
        ["the request's own baseURL elsewhere", { baseURL: 'https://evil.example', url: '/me' }],
        ["the request's own baseURL of another port", { baseURL: 'https://api.example.com:1', url: '/me' }],
        ['a base that the URL completes', { baseURL: 'https:', url: '//evil.example/me' }],
        ['a base with its host cut short', { baseURL: 'https://', url: 'evil.example/me' }],
        ['a URL object, which the types do not allow', { url: new URL('https://evil.example') as unknown as string }],
        ['data:', { url: 'data://api.example.com/plain,me' }],
        ['file:', { url: 'file:///etc/passwd' }],
        ['ftp: to the same host', { url: 'ftp://api.example.com/me' }],
        ['ws: to the same host', { url: 'ws://api.example.com/me' }],
        ['blob: of the same origin', { url: `blob:${BASE}/4711`, baseURL: '' }],
        ['data: without slashes', { url: 'data:text/plain,me', baseURL: '' }],
        ['a URL that cannot be parsed', { url: 'https://[/me' }],
    ])('%s', async (_name, config) => {
        const recorder = record({ baseURL: `${BASE}/v1` });

        expect(await recorder.carriesToken(config)).toBe(false);
        expect(recorder.created()).toBe(0);
    });
});

describe('allowAbsoluteUrls: false', () => {
    it.each<[string, AxiosRequestConfig, boolean]>([
        ['to a relative URL', { url: '/me' }, true],
        ['to an absolute URL of the same origin', { url: `${BASE}/me` }, true],
        // A function may send the request with an axios of before 1.8, which goes to the other host.
        ['to another origin, sent by a function', { url: 'https://evil.example/me' }, false],
        ['with another base', { url: `${BASE}/me`, baseURL: 'https://evil.example' }, false],
    ])('%s', async (_name, config, expected) => {
        expect(await record({ baseURL: BASE, allowAbsoluteUrls: false }).carriesToken(config)).toBe(expected);
    });
});

describe('origins', () => {
    const origins = ['https://one.example', new URL('https://two.example/with/a/path?x=1')];

    it.each<[AxiosRequestConfig, boolean]>([
        [{ url: 'https://one.example/me' }, true],
        [{ url: 'https://two.example/elsewhere' }, true],
        [{ url: 'https://three.example/me' }, false],
        [{ url: 'https://one.example:444/me' }, false],
        [{ url: '/me' }, false],
        [{ url: '/me', baseURL: 'https://one.example/v1' }, true],
    ])('replace the own origin: %j', async (config, expected) => {
        expect(await record({ baseURL: BASE }, { origins }).carriesToken(config)).toBe(expected);
    });

    it("'*' is every http(s) origin, and nothing else", async () => {
        const { carriesToken } = record({ baseURL: BASE }, { origins: '*' });

        expect(await carriesToken({ url: 'https://anywhere.example/me' })).toBe(true);
        expect(await carriesToken({ url: '//anywhere.example/me' })).toBe(true);
        expect(await carriesToken({ url: 'file:///etc/passwd' })).toBe(false);
        expect(await carriesToken({ url: 'https://me:secret@anywhere.example/' })).toBe(false);
    });

    it('an empty list is nowhere', async () => {
        expect(await record({ baseURL: BASE }, { origins: [] }).carriesToken({ url: '/me' })).toBe(false);
    });

    it('the list may change afterwards without an effect', async () => {
        const own: string[] = [];
        const { carriesToken } = record({ baseURL: BASE }, { origins: own });
        own.push(BASE);

        expect(await carriesToken({ url: '/me' })).toBe(false);
    });

    it.each<[string, unknown]>([
        ['a string other than *', BASE],
        ['a relative URL', ['/me']],
        ['no URL', ['api.example.com']],
        ['a scheme other than http(s)', ['ftp://api.example.com']],
        ['credentials', ['https://me:secret@api.example.com']],
        ['null', null],
        ['a number', [1]],
    ])('are checked when they are given: %s', (_name, wrong) => {
        const attach = () => record({ baseURL: BASE }, { origins: wrong } as AttachOptions);

        expect(attach).toThrow(TypeError);
        expect(attach).toThrow(/origins/);
        expect(attach).not.toThrow(/secret/);
    });
});

describe('the own baseURL', () => {
    it('is the one of the moment of the request', async () => {
        const { client, carriesToken } = record({ baseURL: BASE });
        expect(await carriesToken({ url: 'https://new.example/me' })).toBe(false);

        client.defaults.baseURL = 'https://new.example';

        expect(await carriesToken({ url: '/me' })).toBe(true);
        expect(await carriesToken({ url: 'https://new.example/me' })).toBe(true);
        expect(await carriesToken({ url: `${BASE}/me` })).toBe(false);
    });

    it.each([undefined, '', '/api'])('where it is not absolute (%j), the token goes everywhere', async (baseURL) => {
        const { carriesToken } = record({ baseURL });

        expect(await carriesToken({ url: '/me' })).toBe(true);
        expect(await carriesToken({ url: 'https://anywhere.example/me' })).toBe(true);
        expect(await carriesToken({ url: 'file:///etc/passwd' })).toBe(false);
    });

    it('of a request does not widen where the token goes', async () => {
        const { carriesToken } = record({ baseURL: BASE });
        await carriesToken({ url: '/me', baseURL: 'https://evil.example' });

        expect(await carriesToken({ url: 'https://evil.example/me' })).toBe(false);
    });
});

const onPage = async (origin: string, config: AxiosRequestConfig, defaults: CreateAxiosDefaults) => {
    Object.defineProperty(globalThis, 'location', { value: { origin, href: `${origin}/app` }, configurable: true });
    try {
        return await record(defaults).carriesToken(config);
    } finally {
        Reflect.deleteProperty(globalThis, 'location');
    }
};

describe('on a page, a URL that stays relative', () => {
    it.each<[string, AxiosRequestConfig, boolean]>([
        [BASE, { url: '/me', baseURL: '' }, true],
        ['https://page.example', { url: '/me', baseURL: '' }, false],
        ['https://page.example', { url: '//api.example.com/me' }, true],
        ['https://page.example', { url: '//evil.example/me' }, false],
        ['http://api.example.com', { url: '//api.example.com/me' }, false],
        // A worker made of a blob, or a file, has no origin.
        ['null', { url: '/me' }, true],
    ])('goes to %s: %j', async (origin, config, expected) => {
        expect(await onPage(origin, config, { baseURL: BASE })).toBe(expected);
    });

    it('is judged by its own base, whatever was sent before: a backslash leads to another host', async () => {
        Object.defineProperty(globalThis, 'location', {
            value: { origin: 'https://page.example', href: 'https://page.example/app' },
            configurable: true,
        });
        try {
            const { carriesToken } = record({ baseURL: '/' }, { origins: ['https://page.example'] });

            expect(await carriesToken({ url: '/x', baseURL: '' })).toBe(true);
            expect(await carriesToken({ url: '\\\\evil.example/x' })).toBe(false);
            expect(await carriesToken({ url: '/\\evil.example/x', baseURL: '' })).toBe(false);
            expect(await carriesToken({ url: '\\evil.example/x' })).toBe(false);
            expect(await carriesToken({ url: '/x' })).toBe(true);
        } finally {
            Reflect.deleteProperty(globalThis, 'location');
        }
    });

    it('goes with the token where the own baseURL is relative, too', async () => {
        expect(await onPage('https://page.example', { url: '/me' }, { baseURL: '/api' })).toBe(true);
    });
});
