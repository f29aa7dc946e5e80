import axios, { AxiosError, type AxiosInstance } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import { createIssuer, failureOf, ok, until, useServers, type Issuer, type TestServer } from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    /** Lets the creation end that everyone waits for. */
    release: () => void;
}

/** @param prepare - is given the client before it is attached */
async function arrange(prepare: (client: AxiosInstance) => void = () => undefined): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(ok);
    const client = axios.create({ baseURL: server.url, adapter: 'http' });
    prepare(client);
    attachTokenCreator(client, issuer.creator);
    return { issuer, server, client, release: issuer.hold() };
}

describe('a request that waits for its token', () => {
    it('ends with CanceledError for an adapter around ours as well when it is aborted', async () => {
        const seen: unknown[] = [];
        const { issuer, client, release } = await arrange(({ interceptors }) => {
            interceptors.request.use((config) => {
                const inner = axios.getAdapter(config.adapter);
                config.adapter = (sent) =>
                    inner(sent).catch((error: unknown) => {
                        seen.push(error);
                        throw error;
                    });
                return config;
            });
        });
        const controller = new AbortController();
        const failure = failureOf(client.get('/me', { signal: controller.signal }));
        await until(() => issuer.created === 1);

        controller.abort();
        const error = await failure;
        release();

        expect(seen).toHaveLength(1);
        expect(seen[0]).toBe(error);
        expect(error).toMatchObject({ name: 'CanceledError', code: AxiosError.ERR_CANCELED });
    });

    it('ends with ECONNABORTED after its timeout also where somebody took off the transitional of the instance', async () => {
        const { client, release } = await arrange();
        delete client.defaults.transitional;

        const error = await failureOf(client.get('/me', { timeout: 50 }));
        release();

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' });
    });

    it('is sent where its signal has no events, which the types of axios allow', async () => {
        const { issuer, server, client, release } = await arrange();
        const http = axios.getAdapter('http');
        const adapter: typeof http = (config) => http({ ...config, signal: undefined });
        const pending = client.get('/me', { adapter, signal: { aborted: false } });
        await until(() => issuer.created === 1);

        release();

        expect((await pending).status).toBe(200);
        expect(server.authorizations).toEqual(['Bearer token-1']);
    });
});
