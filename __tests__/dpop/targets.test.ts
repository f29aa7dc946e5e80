import axios, {
    AxiosHeaders,
    type AxiosRequestConfig,
    type AxiosResponse,
    type InternalAxiosRequestConfig,
} from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { attachTokenCreator } from '../../src/index.js';
import { createBoundClient, createBoundIssuer, proofOf, verifyProof } from '../support/proofs.js';
import { adapters, ok, useServers } from '../support/servers.js';

const serve = useServers();

const targets: [what: string, base: string, config: AxiosRequestConfig, path: string][] = [
    ['the base alone', '', {}, '/'],
    ['a path', '', { url: '/me' }, '/me'],
    ['a base with a path', '/api/v1', { url: '/me' }, '/api/v1/me'],
    ['a base with slashes at its end', '/api///', { url: 'me' }, '/api/me'],
    ['a path that ends with a slash', '/api', { url: '/me/' }, '/api/me/'],
    ['params', '', { url: '/me', params: { a: 1, b: ['x', 'y'] } }, '/me'],
    ['a query of its own', '', { url: '/me?a=1' }, '/me'],
    ['a query of its own, and params', '', { url: '/me?a=1', params: { b: '/?#' } }, '/me'],
    ['a fragment', '', { url: '/me#part' }, '/me'],
    ['a fragment, and params', '', { url: '/me#part?no', params: { b: 2 } }, '/me'],
    ['a base with a query', '/api?a=', { url: 'me' }, '/api'],
    ['dots', '/api', { url: '/a/../b/./c' }, '/api/b/c'],
    ['escapes, which stay as they are', '', { url: '/a%2Fb%2f%7e~%41' }, '/a%2Fb%2f%7e~%41'],
    ['what must be escaped', '', { url: '/a b/ü/"<>' }, '/a%20b/%C3%BC/%22%3C%3E'],
    ['what need not be escaped', '', { url: "/a;b=1,2/c:d@e!$&'()*+|[]" }, "/a;b=1,2/c:d@e!$&'()*+|[]"],
    ['slashes in a row', '', { url: '/a//b' }, '/a//b'],
    ['backslashes', '', { url: '/a\\b' }, '/a/b'],
];

describe.each(adapters)('htu is the URL that is requested, without query and fragment, over %s', (adapter) => {
    it.each(targets)('%s', async (_what, base, config, path) => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: server.url + base, adapter });

        await client.request(config);

        const [received] = server.received;
        expect((await proofOf(received!)).claims.htu).toBe(server.url + path);
        expect(received?.url.split('?')[0]).toBe(path);
    });

    it('an absolute URL instead of the base', async () => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: `${server.url}/api`, adapter });

        await client.get(`${server.url}/there?x`);

        expect((await proofOf(server.received[0]!)).claims.htu).toBe(`${server.url}/there`);
    });

    it('an absolute URL that is appended to the base', async () => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: `${server.url}/proxy`, adapter, allowAbsoluteUrls: false });

        await client.get(`${server.url}/there`);

        const path = `/proxy/${server.url}/there`;
        expect((await proofOf(server.received[0]!)).claims.htu).toBe(server.url + path);
        expect(server.received[0]?.url).toBe(path);
    });

    it("a request's own base", async () => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: server.url, adapter });

        await client.get('/me', { baseURL: `${server.url}/v2` });

        expect((await proofOf(server.received[0]!)).claims.htu).toBe(`${server.url}/v2/me`);
    });

    it('the host is named as in the URL, in lower case', async () => {
        const server = await serve(ok);
        const base = `http://localhost:${server.port}`;
        const { client } = createBoundClient({ baseURL: base.replace('localhost', 'LocalHost'), adapter });

        await client.get('/me');

        const [received] = server.received;
        expect((await proofOf(received!)).claims.htu).toBe(`http://${received?.headers.host}/me`);
        expect(received?.headers.host).toBe(`localhost:${server.port}`);
    });
});

function answering(seen: InternalAxiosRequestConfig[]) {
    return async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
        seen.push(config);
        return { status: 200, statusText: 'OK', data: {}, headers: new AxiosHeaders(), config };
    };
}

async function htuOf(config: AxiosRequestConfig, request: AxiosRequestConfig): Promise<string> {
    const seen: InternalAxiosRequestConfig[] = [];
    const { client } = createBoundClient({ ...config, adapter: answering(seen) });
    await client.request(request);
    return (await verifyProof(String(seen[0]?.headers.get('DPoP')))).claims.htu;
}

describe('htu is normalised as URLs are', () => {
    it.each([
        ['http://example.com:80/a', 'http://example.com/a'],
        ['https://example.com:443', 'https://example.com/'],
        ['https://example.com:8443', 'https://example.com:8443/'],
        ['HTTPS://EXAMPLE.com/A', 'https://example.com/A'],
        ['https://bücher.example/ß', 'https://xn--bcher-kva.example/%C3%9F'],
        ['http://[::1]:3000/a', 'http://[::1]:3000/a'],
    ])('%s', async (baseURL, htu) => {
        expect(await htuOf({ baseURL }, {})).toBe(htu);
    });
});

describe('in a page, what is relative is resolved as the platform does it', () => {
    beforeEach(() => {
        const { href, origin } = new URL('https://app.example.com/shop/index.html?x#y');
        Object.assign(globalThis, { location: { href, origin } });
    });

    afterEach(() => {
        delete (globalThis as { location?: unknown }).location;
    });

    it.each<[string | undefined, string, string]>([
        [undefined, '/me', 'https://app.example.com/me'],
        [undefined, 'me?x', 'https://app.example.com/shop/me'],
        [undefined, '//api.example.com/me', 'https://api.example.com/me'],
        ['/api', '/me', 'https://app.example.com/api/me'],
        ['./api/', 'me', 'https://app.example.com/shop/api/me'],
        ['https://api.example.com/v1', 'me', 'https://api.example.com/v1/me'],
    ])('base %s, url %s', async (baseURL, url, htu) => {
        expect(await htuOf({ baseURL }, { url })).toBe(htu);
    });
});

describe('an adapter that opens no socket', () => {
    it('gets a proof for a relative URL, too, where there is neither a base nor a page', async () => {
        const client = axios.create();
        const mock = new MockAdapter(client);
        mock.onGet('/me').reply(200, { me: true });
        const { scheme } = createBoundClient({});
        attachTokenCreator(client, createBoundIssuer().creator, { scheme });

        const { data } = await client.get<unknown>('/me');

        expect(data).toEqual({ me: true });
        const sent = mock.history['get']?.[0]?.headers;
        expect((await verifyProof(String(sent?.['DPoP']))).claims).toMatchObject({ htm: 'GET' });
    });
});
