import { inspect } from 'node:util';
import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { createBoundClient, demandNonce, proofsOf, wantsNonce } from '../support/proofs.js';
import { adapters, failureOf, sendJson, useServers, type Route, type TestServer } from '../support/servers.js';

const serve = useServers();

const failing: Route = (exchange) => sendJson(exchange, 500, { ok: false });
const cut: Route = ({ response }) => void response.destroy();
const never: Route = () => undefined;

/** Nothing of a token, nor of the proofs that were received, in any way of logging it. */
async function expectNoTraces(value: unknown, { received }: TestServer): Promise<void> {
    const proofs = received.map(({ headers }) => String(headers['dpop']));
    expect(proofs.length).toBeGreaterThan(0);
    const texts = [inspect(value, { depth: 8 }), JSON.stringify(value), String((value as Error).stack)];
    if (axios.isAxiosError(value)) texts.push(JSON.stringify(value.toJSON()));
    for (const text of texts) {
        expect(text).not.toContain('token-1');
        expect(text).not.toMatch(/eyJ/);
        for (const proof of proofs) expect(text).not.toContain(proof);
    }
}

function headersOf(config: InternalAxiosRequestConfig | undefined): unknown {
    return [config?.headers.get('Authorization'), config?.headers.get('DPoP')];
}

describe.each(adapters)('over %s', (adapter) => {
    async function arrange(route: Route, prepare?: (client: AxiosInstance) => unknown) {
        const server = await serve(route);
        const { client, issuer } = createBoundClient({ baseURL: server.url, adapter });
        await prepare?.(client);
        return { server, client, issuer };
    }

    const routes: [string, () => Route][] = [
        ['at once', () => (exchange) => sendJson(exchange, 200, { ok: true })],
        ['after a demand for a nonce', () => wantsNonce(() => 'n1')],
    ];

    it.each(routes)('an answer shows neither token nor proof, %s', async (_name, create) => {
        const { server, client } = await arrange(create());

        const response: AxiosResponse = await client.post('/me', { a: 1 });

        expect(headersOf(response.config)).toEqual([undefined, undefined]);
        await expectNoTraces(response, server);
    });

    it.each<[string, () => Route]>([
        ['500', () => failing],
        ['500 after a demand for a nonce', () => wantsNonce(() => 'n1', failing)],
        ['a demand for a nonce that does not end', () => demandNonce(() => 'n1')],
        ['a connection that is cut', () => cut],
        ['a connection that is cut after a demand for a nonce', () => wantsNonce(() => 'n1', cut)],
        ['a timeout', () => never],
        ['a timeout after a demand for a nonce', () => wantsNonce(() => 'n1', never)],
    ])('an error shows neither token nor proof: %s', async (_name, create) => {
        const { server, client } = await arrange(create());

        const error = await failureOf(client.post('/me', { a: 1 }, { timeout: 200 }));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(headersOf(error.config)).toEqual([undefined, undefined]);
        await expectNoTraces(error, server);
    });

    it('the error of a request that was aborted shows neither', async () => {
        const abort = new AbortController();
        const { server, client } = await arrange(() => abort.abort());

        const error = await failureOf(client.get('/me', { signal: abort.signal }));

        expect(axios.isCancel(error)).toBe(true);
        await expectNoTraces(error, server);
    });

    it.each(routes)("the config of an answer is the caller's own, %s", async (_name, create) => {
        const configs: InternalAxiosRequestConfig[] = [];
        const { client } = await arrange(create(), ({ interceptors }) =>
            interceptors.request.use((config) => {
                configs.push(config);
                return config;
            }),
        );

        const { config } = await client.post('/me', { a: 1 }, { timeout: 5_000, headers: { 'X-Own': 'yes' } });

        expect(config).toMatchObject({ url: '/me', timeout: 5_000, adapter, data: '{"a":1}' });
        expect(config.timeoutErrorMessage).toBeUndefined();
        expect(config.beforeRedirect).toBeUndefined();
        expect(config.headers.get('X-Own')).toBe('yes');
        expect(config).toBe(configs[0]);
    });

    it.each<[string, () => Route]>([
        ['at once', () => failing],
        ['after a demand for a nonce', () => wantsNonce(() => 'n1', failing)],
    ])("the config of an error is the caller's own, %s", async (_name, create) => {
        const { client } = await arrange(create());

        const { config, response } = await failureOf(client.post('/me', { a: 1 }, { timeout: 5_000 }));

        for (const each of [config, response?.config]) {
            expect(each).toMatchObject({ url: '/me', timeout: 5_000, adapter, data: '{"a":1}' });
            expect(each?.timeoutErrorMessage).toBeUndefined();
            expect(each?.beforeRedirect).toBeUndefined();
        }
    });

    it('who sends the config of an error again, as retrying interceptors do, sends another proof', async () => {
        let failures = 2;
        const { server, client } = await arrange(
            wantsNonce(
                () => 'n1',
                (exchange) => {
                    failures -= 1;
                    sendJson(exchange, failures < 0 ? 200 : 503, { ok: true });
                },
            ),
            (instance) =>
                instance.interceptors.response.use(undefined, (error: { config: InternalAxiosRequestConfig }) =>
                    instance.request(error.config),
                ),
        );

        expect((await client.put('/me', { a: 1 })).status).toBe(200);

        const proofs = await proofsOf(server.received);
        expect(proofs).toHaveLength(4);
        expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(4);
        expect(new Set(server.authorizations)).toEqual(new Set(['DPoP token-1']));
        expect(server.received.map(({ body }) => String(body))).toEqual(Array(4).fill('{"a":1}'));
    });
});
