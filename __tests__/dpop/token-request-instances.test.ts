import axios, { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { generateKeyPair } from 'dpop';
import { createClientTokenCreator } from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { proofsOf, verifyProof } from '../support/proofs.js';
import { failureOf, sendJson, until, useServers, wait, type Route } from '../support/servers.js';

const serve = useServers();

const client = { id: 'client', secret: 'canary-secret' };

const grant: Route = (exchange) => sendJson(exchange, 200, { access_token: 'token-1', token_type: 'DPoP' });

const fake = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => ({
    status: 200,
    statusText: 'OK',
    headers: new AxiosHeaders(),
    data: JSON.stringify({ access_token: 'token-1', token_type: 'DPoP' }),
    config,
});

describe('the instance that the creator is given', () => {
    it('sends by the adapter that it has by then, be it a function', async () => {
        const sent: InternalAxiosRequestConfig[] = [];
        const instance = axios.create({ baseURL: 'https://auth.example.com' });
        const creator = createClientTokenCreator(client, { client: instance, scheme: dpop() });
        instance.defaults.adapter = (config) => {
            sent.push(config);
            return fake(config);
        };

        await creator();

        const { claims } = await verifyProof(String(sent[0]?.headers.get('DPoP')));
        expect(claims).toMatchObject({ htm: 'POST', htu: 'https://auth.example.com/token' });
        expect(sent[0]?.headers.get('Authorization') ?? undefined).toBeUndefined();
    });

    it('may be mocked', async () => {
        const instance = axios.create({ baseURL: 'https://auth.example.com' });
        const mock = new MockAdapter(instance);
        mock.onPost('/token').replyOnce(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n1' });
        mock.onPost('/token').replyOnce(200, { access_token: 'token-1', token_type: 'DPoP' });
        const creator = createClientTokenCreator(client, { client: instance, scheme: dpop() });

        expect(await creator()).toMatchObject({ token_type: 'DPoP' });

        const proofs = (mock.history['post'] ?? []).map(({ headers }) => String(headers?.['DPoP']));
        const claims = (await Promise.all(proofs.map(verifyProof))).map((proof) => proof.claims);
        expect(claims.map(({ nonce }) => nonce)).toEqual([undefined, 'n1']);
        expect(claims[0]?.jti).not.toBe(claims[1]?.jti);
    });

    it('may send a failed request again, with another proof', async () => {
        let requests = 0;
        const server = await serve((exchange) => {
            requests += 1;
            return requests < 3 ? sendJson(exchange, 503, {}) : grant(exchange);
        });
        const instance = axios.create({ baseURL: server.url });
        instance.interceptors.response.use(undefined, (error: { config: InternalAxiosRequestConfig }) =>
            instance.request(error.config),
        );
        const creator = createClientTokenCreator(client, { client: instance, scheme: dpop() });

        await creator();

        const ids = (await proofsOf(server.received)).map(({ claims }) => claims.jti);
        expect(new Set(ids).size).toBe(3);
    });

    it('sees neither proof nor secret in the configs of its answers', async () => {
        const server = await serve(grant);
        const instance = axios.create({ baseURL: server.url });
        const seen: unknown[] = [];
        instance.interceptors.response.use((response) => {
            seen.push(response.config.headers.get('DPoP'), response.config.beforeRedirect);
            return response;
        });

        await createClientTokenCreator(client, { client: instance, scheme: dpop() })();

        expect(seen).toEqual([undefined, undefined]);
    });
});

it('who leaves while the proof is made sends no token request', async () => {
    const server = await serve(grant);
    let release!: (keys: CryptoKeyPair) => void;
    const held = new Promise<CryptoKeyPair>((resolve) => (release = resolve));
    const generate = jest.spyOn(crypto.subtle, 'generateKey').mockReturnValueOnce(held);
    const creator = createClientTokenCreator(client, { client: { baseURL: server.url }, scheme: dpop() });
    const abort = new AbortController();

    const failure = failureOf(creator({ reason: 'missing', signal: abort.signal }));
    await until(() => generate.mock.calls.length > 0);
    abort.abort(new Error('enough'));

    expect((await failure).message).toBe('enough');
    generate.mockRestore();
    release(await generateKeyPair('ES256'));
    await wait(20);
    expect(server.received).toHaveLength(0);
});
