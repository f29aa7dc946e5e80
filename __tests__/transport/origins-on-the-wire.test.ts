import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    refuse,
    useServers,
    type Issuer,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    home: TestServer;
    elsewhere: TestServer;
    client: AxiosInstance;
}

async function arrange(adapter: string, options?: AttachOptions, route = ok): Promise<Scene> {
    const issuer = createIssuer();
    const [home, elsewhere] = await Promise.all([serve(ok), serve(route)]);
    const client = axios.create({ baseURL: home.url, adapter });
    attachTokenCreator(client, issuer.creator, options);
    return { issuer, home, elsewhere, client };
}

describe.each(adapters)('over %s', (adapter) => {
    it('an absolute URL elsewhere gets no token, and the next request at home does', async () => {
        const { client, home, elsewhere } = await arrange(adapter);

        await client.get(`${elsewhere.url}/me`);
        await client.get('/me');
        await client.get(`${home.url}/me`);

        expect(elsewhere.authorizations).toEqual([undefined]);
        expect(home.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
    });

    it("a request's own baseURL elsewhere gets no token", async () => {
        const { client, elsewhere } = await arrange(adapter);

        await client.get('/me', { baseURL: elsewhere.url });

        expect(elsewhere.authorizations).toEqual([undefined]);
    });

    it('a baseURL that an interceptor changes counts as it is when the request is sent', async () => {
        const { client, elsewhere } = await arrange(adapter);
        client.interceptors.request.use((config) => Object.assign(config, { baseURL: elsewhere.url }));

        await client.get('/me');

        expect(elsewhere.authorizations).toEqual([undefined]);
    });

    it('a 401 from elsewhere to a request without a token creates none', async () => {
        const { client, elsewhere, issuer } = await arrange(adapter, {}, refuse);

        const error = await failureOf(client.get(`${elsewhere.url}/me`));

        expect(error.response?.status).toBe(401);
        expect(elsewhere.received).toHaveLength(1);
        expect(issuer.created).toBe(0);
    });

    it('allowAbsoluteUrls: false sends an absolute URL, and the token, to the base only', async () => {
        const { client, home, elsewhere } = await arrange(adapter);

        await client.get(`${elsewhere.url}/me`, { allowAbsoluteUrls: false });

        expect(elsewhere.received).toEqual([]);
        expect(home.received.map(({ url }) => url)).toEqual([`/${elsewhere.url}/me`]);
        expect(home.authorizations).toEqual(['Bearer token-1']);
    });

    it('allowAbsoluteUrls: false gets an absolute URL no token where axios ignores it, as it did before 1.8', async () => {
        const getUri = jest.spyOn(axios, 'getUri');
        getUri.mockImplementation(({ baseURL, url = '' } = {}) =>
            url.startsWith('http:') ? url : `${baseURL}/${url}`,
        );
        const { client, home, elsewhere } = await arrange(adapter).finally(() => getUri.mockRestore());

        await client.get(`${elsewhere.url}/me`, { allowAbsoluteUrls: false });
        await client.get('/me');

        expect(home.authorizations).toEqual([undefined, 'Bearer token-1']);
    });

    it("allowAbsoluteUrls: false gives no token to a request's own baseURL elsewhere", async () => {
        const { client, home, elsewhere } = await arrange(adapter);

        await client.get(`${home.url}/me`, { allowAbsoluteUrls: false, baseURL: elsewhere.url });

        expect(elsewhere.authorizations).toEqual([undefined]);
        expect(home.received).toEqual([]);
    });

    it('origins lists where the token goes', async () => {
        const { home, elsewhere, issuer } = await arrange(adapter);
        const client = axios.create({ adapter });
        attachTokenCreator(client, issuer.creator, { origins: [`${elsewhere.url}/any/path`] });

        await client.get(`${elsewhere.url}/me`);
        await client.get(`${home.url}/me`);

        expect(elsewhere.authorizations).toEqual(['Bearer token-1']);
        expect(home.authorizations).toEqual([undefined]);
    });

    it("origins: '*' is everywhere", async () => {
        const { client, home, elsewhere } = await arrange(adapter, { origins: '*' });

        await client.get(`${elsewhere.url}/me`);
        await client.get('/me');

        expect([...elsewhere.authorizations, ...home.authorizations]).toEqual(['Bearer token-1', 'Bearer token-1']);
    });

    it('another name of the same host is another origin', async () => {
        const { client, home } = await arrange(adapter);

        await client.get(`http://localhost:${home.port}/me`);

        expect(home.authorizations).toEqual([undefined]);
    });

    it('a data: URL is read without a token', async () => {
        const { client, issuer } = await arrange(adapter, { origins: '*' });

        const { data } = await client.get<string>('data:text/plain,hello', { baseURL: '', responseType: 'text' });

        expect(data).toBe('hello');
        expect(issuer.created).toBe(0);
    });

    it('a protocol-relative URL, which no adapter in Node can send, creates no token', async () => {
        const { client, elsewhere, issuer } = await arrange(adapter);

        await failureOf(client.get(elsewhere.url.replace('http:', '')));

        expect(elsewhere.authorizations.filter(Boolean)).toEqual([]);
        expect(issuer.created).toBe(0);
    });
});
