import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosResponse, type AxiosStatic } from 'axios';
import { attachTokenCreator, createClientTokenCreator, TokenEndpointError } from '../../src/index.js';
import { createIssuer, failureOf, protectedBy, useServers } from '../support/servers.js';

const serve = useServers();

/** axios once more, as an application has it whose dependencies bring a copy each. */
async function loadAxios(): Promise<AxiosStatic> {
    const loaded: AxiosStatic[] = [];
    await jest.isolateModulesAsync(async () => {
        loaded.push((await import('axios')).default);
    });
    const [copy] = loaded;
    if (!copy || copy === axios) throw new Error('it is no copy');
    return copy;
}

function wrapped(response: AxiosResponse): AxiosError {
    const { config } = response;
    const request: unknown = response.request;
    const inner = new AxiosError('refused', 'ERR_BAD_REQUEST', config, request, response);
    return Object.assign(new AxiosError('refused', 'ERR_BAD_REQUEST', config, request), { cause: inner });
}

describe.each(['http', 'fetch'])('an instance of another copy of axios, over %s', (adapter) => {
    it('sends its headers and the token, and is healed', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = (await loadAxios()).create({ baseURL: server.url, adapter });
        attachTokenCreator(client, issuer.creator);
        await client.get('/me');
        issuer.revoke();

        const { status, config } = await client.post('/me', { a: 1 }, { headers: { 'X-Own': 'yes' } });

        expect(status).toBe(200);
        const [, refused, accepted] = server.received;
        for (const { headers } of [refused, accepted].map((request) => ({ headers: request?.headers }))) {
            expect(headers).toMatchObject({ 'x-own': 'yes', 'content-type': 'application/json' });
        }
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
        expect(inspect(config)).not.toMatch(/token-\d/);
    });

    it('sends its headers where it gets no token', async () => {
        const server = await serve(protectedBy(createIssuer()));
        const client = (await loadAxios()).create({ baseURL: server.url, adapter, validateStatus: () => true });
        attachTokenCreator(client, createIssuer().creator);

        await client.get('/me', { tokenCreator: false, headers: { 'X-Own': 'yes' } });

        expect(server.received[0]?.headers).toMatchObject({ 'x-own': 'yes' });
        expect(server.authorizations).toEqual([undefined]);
    });
});

/** Refuses each first request, and serves each second. */
const answering =
    (seen: object[]): AxiosAdapter =>
    async (config) => {
        seen.push(config.headers);
        return { status: seen.length % 2 ? 401 : 200, statusText: '', headers: {}, config, data: '' };
    };

describe('the headers that an adapter gets with an instance of another copy of axios', () => {
    it('are of that copy where the adapter is a function', async () => {
        const seen: object[] = [];
        const copy = await loadAxios();
        const client = copy.create({ baseURL: 'https://api.example', adapter: answering(seen) });
        attachTokenCreator(client, createIssuer().creator);

        await client.get('/me');

        expect(seen).toEqual([expect.any(copy.AxiosHeaders), expect.any(copy.AxiosHeaders)]);
    });

    it('are of the copy that the adapter is of where it is named: older ones read no others', async () => {
        const seen: AxiosHeaders[] = [];
        const client = (await loadAxios()).create({ baseURL: 'https://api.example', headers: { 'X-Own': 'yes' } });
        attachTokenCreator(client, createIssuer().creator);
        const named = jest.spyOn(axios, 'getAdapter').mockReturnValue(answering(seen));

        await client.get('/me').finally(() => named.mockRestore());

        expect(seen).toEqual([expect.any(AxiosHeaders), expect.any(AxiosHeaders)]);
        expect(seen.map((headers) => [headers.get('Authorization'), headers.get('x-own')])).toEqual([
            ['Bearer token-1', 'yes'],
            ['Bearer token-2', 'yes'],
        ]);
    });
});

describe('an error that holds the answer only in its cause, as the fetch adapter of axios 1.13 gives it', () => {
    it('is healed when it is a 401', async () => {
        const issuer = createIssuer();
        const client = axios.create({
            baseURL: 'https://api.example',
            async adapter(config) {
                const isRefused = config.headers.get('Authorization') === 'Bearer token-1';
                const response = { data: '', status: isRefused ? 401 : 200, statusText: '', headers: {}, config };
                if (isRefused) throw wrapped(response);
                return response;
            },
        });
        attachTokenCreator(client, issuer.creator);

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it('shows no token when it is printed', async () => {
        const client = axios.create({
            baseURL: 'https://api.example',
            adapter(config) {
                const request = { sent: String(config.headers.get('Authorization')) };
                throw wrapped({ data: '', status: 500, statusText: '', headers: {}, config, request });
            },
        });
        attachTokenCreator(client, createIssuer().creator);

        const error = await failureOf(client.get('/me'));

        expect(inspect(error, { depth: Infinity })).not.toMatch(/token-\d/);
        expect(error.config?.headers.get('Authorization')).toBeUndefined();
    });

    it('tells why the token endpoint refused', async () => {
        const client = axios.create({
            baseURL: 'https://auth.example',
            async adapter(config) {
                throw wrapped({ data: '{"error":"invalid_client"}', status: 401, statusText: '', headers: {}, config });
            },
        });
        const creator = createClientTokenCreator({ id: 'my-client', secret: 'my-secret' }, { client });

        const error: unknown = await creator().catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ status: 401, error: 'invalid_client' });
    });
});

it('a 401 in an error of another realm, an iframe say, is healed', async () => {
    const issuer = createIssuer();
    const client = axios.create({
        baseURL: 'https://api.example',
        async adapter(config) {
            const isRefused = config.headers.get('Authorization') === 'Bearer token-1';
            const response = { data: '', status: isRefused ? 401 : 200, statusText: '', headers: {}, config };
            if (isRefused) throw Object.assign(runInNewContext('new Error("refused")') as Error, { response });
            return response;
        },
    });
    attachTokenCreator(client, issuer.creator);

    expect((await client.get('/me')).status).toBe(200);
});
