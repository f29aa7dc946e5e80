import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { createClientTokenCreator, createUserTokenCreator, type TokenEndpointOptions } from '../src/index.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from './support/token-endpoint-server.js';

describe.each(['http', 'fetch'])('a token request over the %s adapter', (adapter) => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const request = async (client: AxiosRequestConfig, options: TokenEndpointOptions = {}) => {
        const creator = createClientTokenCreator(
            { id: 'my-client', secret: 'xxx' },
            { client: { adapter, ...client }, ...options },
        );
        await creator();
        expect(server.requests).toHaveLength(1);
        const [received] = server.requests;
        if (!received) throw new Error('no request');
        return received;
    };

    test('is a POST of a form that asks for JSON', async () => {
        const { method, headers, form } = await request({ baseURL: server.url });

        expect(method).toBe('POST');
        expect(headers['accept']).toBe('application/json');
        expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
        expect(form).toEqual({ grant_type: 'client_credentials', client_id: 'my-client', client_secret: 'xxx' });
    });

    test('is the same whatever defaults the client has for other requests', async () => {
        const { method, url, headers, form } = await request({
            baseURL: server.url,
            method: 'get',
            url: '/elsewhere',
            data: { another: 'body' },
            headers: { Accept: 'text/html', 'Content-Type': 'application/json' },
            responseType: 'arraybuffer',
            validateStatus: () => false,
        });

        expect({ method, url }).toEqual({ method: 'POST', url: '/token' });
        expect(headers['accept']).toBe('application/json');
        expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
        expect(Object.keys(form).sort()).toEqual(['client_id', 'client_secret', 'grant_type']);
    });

    test('keeps the other headers of the client', async () => {
        const { headers } = await request({ baseURL: server.url, headers: { 'X-Tenant': 'seven' } });

        expect(headers['x-tenant']).toBe('seven');
    });

    test.each([
        ['', '/token'],
        ['/', '/token'],
        ['/auth', '/auth/token'],
        ['/auth/', '/auth/token'],
        ['/api/v1/realm%20x/', '/api/v1/realm%20x/token'],
    ])('goes to the path of the base %j with /token appended', async (path, expected) => {
        expect((await request({ baseURL: `${server.url}${path}` })).url).toBe(expected);
    });

    test.each([
        ['/oauth2/token', '/auth/oauth2/token'],
        ['./oauth2/token', '/auth/oauth2/token'],
        ['/oauth2/token?version=2', '/auth/oauth2/token?version=2'],
    ])('goes to the tokenEndpoint %j below the base', async (tokenEndpoint, expected) => {
        expect((await request({ baseURL: `${server.url}/auth` }, { tokenEndpoint })).url).toBe(expected);
    });

    describe('with an absolute tokenEndpoint', () => {
        test.each([
            ['a string', (url: string) => url],
            ['a URL', (url: string) => new URL(url)],
        ])('goes there, given as %s, and not below the base', async (_, as) => {
            const { url } = await request(
                { baseURL: 'http://127.0.0.1:1/auth' },
                { tokenEndpoint: as(`${server.url}/oauth2/token`) },
            );

            expect(url).toBe('/oauth2/token');
        });

        test('goes there though the client appends absolute URLs to its base', async () => {
            const { url } = await request(
                { baseURL: `${server.url}/auth`, allowAbsoluteUrls: false },
                { tokenEndpoint: `${server.url}/oauth2/token` },
            );

            expect(url).toBe('/oauth2/token');
        });

        test('needs no base', async () => {
            expect((await request({}, { tokenEndpoint: `${server.url}/oauth2/token` })).url).toBe('/oauth2/token');
        });

        test('needs no client', async () => {
            const creator = createUserTokenCreator(
                { name: 'admin', password: 'start123' },
                { tokenEndpoint: `${server.url}/t` },
            );

            await creator();

            expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/t' });
        });
    });

    describe('carries no Authorization', () => {
        const originalCommon = { ...axios.defaults.headers.common };
        const originalPost = { ...axios.defaults.headers.post };
        const originalAuth = axios.defaults.auth;

        afterEach(() => {
            axios.defaults.headers.common = { ...originalCommon };
            axios.defaults.headers.post = { ...originalPost };
            if (originalAuth) axios.defaults.auth = originalAuth;
            else delete axios.defaults.auth;
        });

        test('of the global axios', async () => {
            axios.defaults.headers.common['Authorization'] = 'Bearer leftover';
            axios.defaults.headers.post['authorization'] = 'Bearer leftover';
            axios.defaults.auth = { username: 'left', password: 'over' };

            expect((await request({ baseURL: server.url })).headers).not.toHaveProperty('authorization');
        });

        test.each<[string, AxiosRequestConfig]>([
            ['a header', { headers: { Authorization: 'Bearer leftover' } }],
            ['a header in lower case', { headers: { authorization: 'Bearer leftover' } }],
            ['a header in upper case', { headers: { AUTHORIZATION: 'Bearer leftover' } }],
            ['a common header', { headers: { common: { Authorization: 'Bearer leftover' } as never } }],
            ['a header of POST', { headers: { post: { authorization: 'Bearer leftover' } as never } }],
            ['auth', { auth: { username: 'left', password: 'over' } }],
        ])('of the client, set as %s', async (_, config) => {
            expect((await request({ baseURL: server.url, ...config })).headers).not.toHaveProperty('authorization');
        });

        test('of an instance, set after the creator was made', async () => {
            const client = axios.create({ baseURL: server.url, adapter });
            const creator = createUserTokenCreator({ name: 'admin', password: 'start123' }, { client });
            client.defaults.headers.common['Authorization'] = 'Bearer leftover';
            client.defaults.auth = { username: 'left', password: 'over' };

            await creator();
            server.reply(grant());
            await creator({
                reason: 'expired',
                previous: { access_token: 'x', token_type: 'Bearer', refresh_token: 'y' },
                signal: new AbortController().signal,
            });

            expect(server.requests.map(({ form }) => form['grant_type'])).toEqual(['password', 'refresh_token']);
            for (const { headers } of server.requests) expect(headers).not.toHaveProperty('authorization');
            expect(client.defaults.headers.common['Authorization']).toBe('Bearer leftover');
            expect(client.defaults.auth).toEqual({ username: 'left', password: 'over' });
        });
    });
});

describe('a token request, whatever sends it,', () => {
    test('says that it follows no redirect, wants no token, and inherits no credentials', async () => {
        const sent: InternalAxiosRequestConfig[] = [];
        const client = axios.create({
            baseURL: 'https://as.example',
            maxRedirects: 5,
            fetchOptions: { redirect: 'follow' },
            auth: { username: 'left', password: 'over' },
            adapter: async (config) => {
                sent.push(config);
                return { status: 200, statusText: 'OK', headers: {}, config, data: '{"access_token":"x"}' };
            },
        });

        await createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, { client })();

        expect(sent).toHaveLength(1);
        const [config] = sent;
        expect(config?.maxRedirects).toBe(0);
        expect(config?.fetchOptions).toMatchObject({ redirect: 'manual' });
        expect(config?.tokenCreator).toBe(false);
        expect(config?.auth ?? undefined).toBeUndefined();
        expect(config?.headers.toJSON()).not.toHaveProperty('Authorization');
    });
});
