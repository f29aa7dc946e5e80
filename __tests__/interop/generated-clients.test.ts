import axios, { type AxiosInstance, type RawAxiosRequestConfig } from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    sendJson,
    useServers,
    type Issuer,
    type Route,
} from '../support/servers.js';
import { Configuration, DefaultApi, DefaultApiAxiosParamCreator } from './generated/openapi-generator/index.js';
import { getThings } from './generated/orval/axios.js';
import { createThing, getMe, getThing } from './generated/orval/instance.js';
import { instance } from './orval-instance.js';

const serve = useServers();

const things: Route = (exchange) => {
    const { method, url, body } = exchange.received;
    if (method === 'POST') return sendJson(exchange, 201, { id: 'new', ...(JSON.parse(String(body)) as object) });
    return sendJson(exchange, 200, url === '/me' ? { name: 'me' } : { id: url.split('/')[2], name: 'it' });
};

const healed = ['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2'];

describe.each(adapters)('a client of OpenAPI Generator, over %s', (adapter) => {
    function clientOf(issuer: Issuer, options?: AttachOptions): AxiosInstance {
        const client = axios.create({ adapter });
        attachTokenCreator(client, issuer.creator, options);
        return client;
    }

    it('sends the token of its axios instance, and is healed', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer, things));
        const api = new DefaultApi(undefined, server.url, clientOf(issuer, { origins: [server.url] }));

        expect((await api.getMe()).data).toEqual({ name: 'me' });
        issuer.revoke();
        expect((await api.createThing({ name: 'ü' })).data).toEqual({ id: 'new', name: 'ü' });
        expect((await api.getThing('a b')).data).toEqual({ id: 'a%20b', name: 'it' });

        expect(server.authorizations).toEqual(healed);
        expect(issuer.created).toBe(2);
    });

    it('needs no origins where the baseURL of the instance is of the same origin as its basePath', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const client = clientOf(issuer);
        client.defaults.baseURL = server.url;

        await new DefaultApi(undefined, server.url, client).getMe();

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('is no client of ours where its basePath is of another origin than the baseURL of the instance', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const client = clientOf(issuer);
        client.defaults.baseURL = 'https://api.example.com';

        await new DefaultApi(undefined, server.url, client).getMe();

        expect(server.authorizations).toEqual([undefined]);
        expect(issuer.created).toBe(0);
    });

    it('speaks for itself with an accessToken of its Configuration, whose 401 is not healed', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const configuration = new Configuration({ basePath: server.url, accessToken: async () => 'its-own' });
        const api = new DefaultApi(configuration, undefined, clientOf(issuer));

        expect((await failureOf(api.getMe())).response?.status).toBe(401);

        expect(server.authorizations).toEqual(['Bearer its-own']);
        expect(issuer.created).toBe(0);
    });

    it('sends a token of ours as its accessToken, when that asks the source, and is not healed either', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const { source } = attachTokenCreator(axios.create(), issuer.creator);
        const accessToken = async () => (await source.getToken()).value;
        const configuration = new Configuration({ basePath: server.url, accessToken });
        const api = new DefaultApi(configuration, undefined, axios.create({ adapter }));

        await api.getMe();
        issuer.revoke();

        expect((await failureOf(api.getMe())).response?.status).toBe(401);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
    });

    it('passes parameters of the token on from its options', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const api = new DefaultApi(undefined, server.url, clientOf(issuer));

        await api.getMe({ tokenCreator: { scope: 'things' } });
        await api.getMe({ tokenCreator: false });

        expect(issuer.contexts.map((context) => context?.parameters)).toEqual([{ scope: 'things' }]);
        expect(server.authorizations).toEqual(['Bearer token-1', undefined]);
    });
});

/** `createRequestFunction` of OpenAPI Generator 7, written by hand. */
function requestOf(client: AxiosInstance, args: { url: string; options: RawAxiosRequestConfig }, basePath: string) {
    const url = (client.defaults.baseURL ? '' : basePath) + args.url;
    return client.request<unknown>({ ...args.options, url });
}

it('a client of OpenAPI Generator 7 needs no origins where the instance has a baseURL', async () => {
    const issuer = createIssuer();
    const server = await serve(protectedBy(issuer));
    const client = axios.create({ baseURL: server.url });
    attachTokenCreator(client, issuer.creator);
    const { getMe: argsOfMe } = DefaultApiAxiosParamCreator();

    await requestOf(client, await argsOfMe(), 'https://api.example.com');
    issuer.revoke();
    const { data } = await requestOf(client, await argsOfMe(), 'https://api.example.com');

    expect(data).toEqual({ ok: true });
    expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
});

describe.each(adapters)('a client of orval, over %s', (adapter) => {
    it('with an instance of its own sends the token of that, and is healed', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer, things));
        Object.assign(instance.defaults, { baseURL: server.url, adapter });
        const attachment = attachTokenCreator(instance, issuer.creator);

        expect(await getMe()).toEqual({ name: 'me' });
        issuer.revoke();
        expect(await createThing({ name: 'ü' })).toEqual({ id: 'new', name: 'ü' });
        expect(await getThing('1', { headers: { 'X-Own': 'yes' } })).toEqual({ id: '1', name: 'it' });
        attachment.detach();

        expect(server.authorizations).toEqual(healed);
        expect(server.received.map(({ headers }) => headers['x-own'])).toEqual([
            undefined,
            undefined,
            undefined,
            'yes',
        ]);
        expect(issuer.created).toBe(2);
    });

    it('that sends through the global axios does so, too, when that is attached with origins', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer, things));
        const attachment = attachTokenCreator(axios, issuer.creator, { origins: [server.url] });
        const api = getThings();
        const options = { baseURL: server.url, adapter };

        try {
            expect((await api.getMe(options)).data).toEqual({ name: 'me' });
            issuer.revoke();
            expect((await api.createThing({ name: 'ü' }, options)).data).toEqual({ id: 'new', name: 'ü' });
            expect((await api.getThing('1', options)).data).toEqual({ id: '1', name: 'it' });
        } finally {
            attachment.detach();
        }

        expect(server.authorizations).toEqual(healed);
        expect(issuer.created).toBe(2);
    });
});
