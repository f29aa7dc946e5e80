import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import FormDataStream from 'form-data';
import { attachTokenCreator } from '../../src/index.js';
import { adapters, createIssuer, ok, refuse, useServers, type Route, type TestServer } from '../support/servers.js';

const serve = useServers();

type Adapter = (typeof adapters)[number];

interface Scene {
    server: TestServer;
    client: AxiosInstance;
    /** The `Authorization` headers of each request, all of them. */
    headers: (readonly string[] | undefined)[];
}

async function arrange(adapter: Adapter, route: Route = ok): Promise<Scene> {
    const headers: Scene['headers'] = [];
    const issuer = createIssuer();
    const server = await serve((exchange) => {
        headers.push(exchange.request.headersDistinct['authorization']);
        return route(exchange);
    });
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, issuer.creator);
    return { server, client, headers };
}

const form = (): FormDataStream => {
    const multipart = new FormDataStream();
    multipart.append('a', '1');
    return multipart;
};

const requests: [name: string, config: () => AxiosRequestConfig][] = [
    ['a GET', () => ({ params: { a: 1 } })],
    ['a HEAD', () => ({ method: 'head' })],
    ['a DELETE', () => ({ method: 'delete' })],
    ['a POST of JSON', () => ({ method: 'post', data: { a: 1 } })],
    ['a POST of a form', () => ({ method: 'post', data: new URLSearchParams({ a: '1' }) })],
    [
        'a PUT of a form',
        () => ({ method: 'put', data: { a: 1 }, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
    ],
    ['a POST of multipart/form-data', () => ({ method: 'post', data: form() })],
    ['a POST of text', () => ({ method: 'post', data: 'access_token' })],
];

describe.each(adapters)(
    'the Authorization header and nothing else carries the token (RFC 6750 section 2), over %s',
    (adapter) => {
        it.each(requests)('once, in the scheme Bearer: %s', async (_name, config) => {
            const { server, client, headers } = await arrange(adapter);

            await client.request({ url: '/me', ...config() });

            expect(headers).toEqual([['Bearer token-1']]);
            const [received] = server.received;
            expect([received?.url, String(received?.body)].join()).not.toContain('token-1');
            expect(
                Object.entries(received?.headers ?? {}).filter(([, value]) => String(value).includes('token-1')),
            ).toEqual([['authorization', 'Bearer token-1']]);
        });

        it.each(requests)('when it is sent again as well, with the new token alone: %s', async (_name, config) => {
            const { server, client, headers } = await arrange(adapter, (exchange) =>
                (exchange.received.headers.authorization === 'Bearer token-1' ? refuse : ok)(exchange),
            );

            await client.request({ url: '/me', ...config() });

            expect(headers).toEqual([['Bearer token-1'], ['Bearer token-2']]);
            for (const { url, body } of server.received) expect(`${url} ${String(body)}`).not.toMatch(/token-\d/);
        });
    },
);
