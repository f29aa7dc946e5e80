import axios, {
    AxiosHeaders,
    type AxiosInstance,
    type AxiosRequestConfig,
    type InternalAxiosRequestConfig,
} from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    protectedBy,
    refuse,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
}

async function arrange(adapter: string, route: Route = refuse, options: AttachOptions = {}): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route);
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, issuer.creator, options);
    return { issuer, server, client };
}

/** The request was sent once, as the caller wrote it; its 401 is the answer, and no token was created for it. */
async function expectLeftAlone(scene: Scene, request: Promise<unknown>, authorization: string | undefined) {
    const error = await failureOf(request);

    expect(error.response?.status).toBe(401);
    expect(scene.server.authorizations).toEqual([authorization]);
    expect(scene.issuer.created).toBe(0);
}

const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;

describe.each(adapters)('a request whose caller speaks for itself is left alone, over %s', (adapter) => {
    it.each([
        ['Authorization', 'Basic abc', 'Basic abc'],
        ['authorization', 'Bearer own', 'Bearer own'],
        ['AUTHORIZATION', 'Bearer own', 'Bearer own'],
        ['Authorization', '', ''],
        ['Authorization', null, undefined],
        ['authorization', null, undefined],
        ['Authorization', false, undefined],
        ['aUTHORIZATION', false, undefined],
    ])('with a header %s: %j', async (name, value, sent) => {
        const scene = await arrange(adapter);

        // The types of axios leave out that false and null mean "send none".
        const headers = { [name]: value } as AxiosRequestConfig['headers'];

        await expectLeftAlone(scene, scene.client.get('/me', { headers }), sent);
    });

    it('with a header in an AxiosHeaders object', async () => {
        const scene = await arrange(adapter);
        const headers = new AxiosHeaders().setAuthorization('Bearer own');

        await expectLeftAlone(scene, scene.client.get('/me', { headers }), 'Bearer own');
    });

    it.each(['before', 'after'])('with a header that an interceptor sets, registered %s attaching', async (order) => {
        const issuer = createIssuer();
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, adapter });
        if (order === 'after') attachTokenCreator(client, issuer.creator);
        client.interceptors.request.use(async (config) => {
            config.headers.set('Authorization', 'Bearer own');
            return config;
        });
        if (order === 'before') attachTokenCreator(client, issuer.creator);

        await expectLeftAlone({ issuer, server, client }, client.get('/me'), 'Bearer own');
    });

    it('with auth', async () => {
        const scene = await arrange(adapter);
        const auth = { username: 'me', password: 'secret' };

        await expectLeftAlone(scene, scene.client.get('/me', { auth }), basic);
    });

    it('with a user and a password in the URL', async () => {
        const scene = await arrange(adapter);
        const url = `${scene.server.url.replace('//', '//me:secret@')}/me`;

        await expectLeftAlone(scene, scene.client.get(url), basic);
    });

    it("with a user and a password in the request's own baseURL", async () => {
        const scene = await arrange(adapter);
        const baseURL = scene.server.url.replace('//', '//me:secret@');

        await expectLeftAlone(scene, scene.client.get('/me', { baseURL }), basic);
    });

    it('with tokenCreator: false', async () => {
        const scene = await arrange(adapter);

        await expectLeftAlone(scene, scene.client.get('/me', { tokenCreator: false }), undefined);
    });

    it('but not with a header or an auth that is undefined', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, issuer.creator);

        await client.get('/header', { headers: { Authorization: undefined } });
        await client.get('/lower', { headers: { authorization: undefined } });
        await client.get('/auth', { auth: undefined });

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
        expect(server.received.map(({ headers }) => 'authorization' in headers)).toEqual([true, true, true]);
    });

    it('but not for a header that all objects inherit', async () => {
        const issuer = createIssuer();
        const server = await serve(protectedBy(issuer));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, issuer.creator);
        Reflect.set(Object.prototype, 'authorization', 'Basic abc');
        try {
            await client.get('/me');
        } finally {
            Reflect.deleteProperty(Object.prototype, 'authorization');
        }

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });
});

describe('appliesTo', () => {
    it.each(adapters)('leaves requests alone for which it says false, over %s', async (adapter) => {
        const scene = await arrange(adapter, refuse, { appliesTo: ({ url }) => url !== '/login' });

        await expectLeftAlone(scene, scene.client.post('/login', { user: 'me' }), undefined);
    });

    it('is asked once per request, about the config that is being sent', async () => {
        const asked: InternalAxiosRequestConfig[] = [];
        const issuer = createIssuer();
        const { client } = await arrange('http', protectedBy(issuer), {
            appliesTo: (config) => asked.push(config) > 0,
        });
        await failureOf(client.get('/me', { headers: { 'X-Own': 'yes' }, params: { a: 1 } }));

        expect(asked).toHaveLength(1);
        expect(asked[0]).toMatchObject({ url: '/me', method: 'get', params: { a: 1 } });
        expect(asked[0]?.headers.get('x-own')).toBe('yes');
    });

    it('lets the others have their token', async () => {
        const { client, server } = await arrange('http', ok, { appliesTo: ({ url }) => url !== '/login' });

        await client.get('/login');
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined, 'Bearer token-1']);
    });

    it.each([true, false, new Error('mistake')])(
        'must not answer with a promise of %s: nothing is sent',
        async (says) => {
            const appliesTo = (async () => {
                if (says instanceof Error) throw says;
                return says;
            }) as unknown as AttachOptions['appliesTo'];
            const { client, server, issuer } = await arrange('http', ok, { appliesTo });

            const error = await failureOf(client.get('/me'));

            expect(error).toBeInstanceOf(TypeError);
            expect(error.message).toContain('appliesTo');
            expect([server.received.length, issuer.created]).toEqual([0, 0]);
        },
    );
});

describe('the request option tokenCreator', () => {
    it.each<unknown>([true, null, 'yes', 0, []])('is a TypeError when it is %j, and nothing is sent', async (value) => {
        const { client, server, issuer } = await arrange('http');

        const error = await failureOf(client.get('/me', { tokenCreator: value } as AxiosRequestConfig));

        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain('tokenCreator');
        expect([server.received.length, issuer.created]).toEqual([0, 0]);
    });

    it('undefined is as if it were absent', async () => {
        const { client, server } = await arrange('http', ok);

        await client.get('/me', { tokenCreator: undefined });

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('false in the defaults of an instance leaves all of its requests alone', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, tokenCreator: false });
        attachTokenCreator(client, issuer.creator);

        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });
});
