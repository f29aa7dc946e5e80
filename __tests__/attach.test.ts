import axios, { AxiosHeaders, type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { attachTokenCreator, createTokenSource, type AttachOptions, type TokenCreator } from '../src/index.js';
import { adapters, createIssuer, ok, protectedBy, refuse, useServers } from './support/servers.js';

const serve = useServers();

const creator: TokenCreator = async () => ({ access_token: 'a', token_type: 'Bearer' });

describe('attaching', () => {
    it('creates no token: the first request does', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });

        const { source } = attachTokenCreator(client, issuer.creator);
        expect([issuer.created, source.current()]).toEqual([0, undefined]);
        await client.get('/me');

        expect(issuer.created).toBe(1);
        expect(source.current()?.value).toBe('token-1');
        expect(issuer.contexts[0]?.reason).toBe('missing');
    });

    it.each(adapters)(
        'writes nothing to the defaults, now or later, and grafts nothing on the instance, over %s',
        async (adapter) => {
            const issuer = createIssuer();
            const server = await serve(protectedBy(issuer));
            const client = axios.create({ baseURL: server.url, adapter, timeout: 5_000, headers: { 'X-Own': 'yes' } });
            const before = { defaults: snapshot(client.defaults), keys: Reflect.ownKeys(client) };

            const attachment = attachTokenCreator(client, issuer.creator);
            const whileAttached = snapshot(client.defaults);
            await client.get('/me');
            issuer.revoke();
            await client.post('/me', { a: 1 });
            const afterRequests = snapshot(client.defaults);
            attachment.detach();

            expect(whileAttached).toEqual(before.defaults);
            expect(afterRequests).toEqual(before.defaults);
            expect(snapshot(client.defaults)).toEqual(before.defaults);
            expect(Reflect.ownKeys(client)).toEqual(before.keys);
        },
    );

    it('gives the source that it was given, and makes one of a creator', () => {
        const source = createTokenSource(creator);

        expect(attachTokenCreator(axios.create(), source).source).toBe(source);
        expect(attachTokenCreator(axios.create(), creator).source).not.toBe(source);
    });

    it('works with the callable forms of an instance as well', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        attachTokenCreator(client, createIssuer().creator);

        await client('/one');
        await client({ url: '/two' });
        await client.request({ url: '/three', method: 'delete' });
        await client.head('/four');

        expect(new Set(server.authorizations)).toEqual(new Set(['Bearer token-1']));
        expect(server.received).toHaveLength(4);
    });

    it('works where somebody took the list of interceptors away, which axios tolerates since 1.21', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        Object.assign(client.interceptors.request, { handlers: null });
        attachTokenCreator(client, createIssuer().creator);

        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('an instance made of an attached one is not attached', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        attachTokenCreator(client, createIssuer().creator);
        const derived = (client as AxiosInstance & { create: typeof axios.create }).create({});

        await derived.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });
});

/** A deep copy that keeps functions and symbols, which structuredClone cannot copy. */
function snapshot(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    return Reflect.ownKeys(value).map((key) => [key, snapshot((value as Record<PropertyKey, unknown>)[key])]);
}

describe('attaching again to the same instance', () => {
    it('replaces the first attachment: one header, and one creation per 401', async () => {
        const [first, second] = [createIssuer(), createIssuer()];
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, validateStatus: () => true });
        attachTokenCreator(client, first.creator);
        attachTokenCreator(client, second.creator);

        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect([first.created, second.created]).toEqual([0, 2]);
    });

    it('with the same source leaves one attachment, not two', async () => {
        const issuer = createIssuer();
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, validateStatus: () => true });
        const source = createTokenSource(issuer.creator);
        const [one, two] = [attachTokenCreator(client, source), attachTokenCreator(client, source)];

        await client.get('/me');
        expect(server.received).toHaveLength(2);

        expect(one).not.toBe(two);
        two.detach();
        await client.get('/me');
        expect(server.authorizations.at(-1)).toBeUndefined();
    });

    it('that fails leaves the first attachment at work', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        attachTokenCreator(client, createIssuer().creator);

        expect(() => attachTokenCreator(client, 'no creator' as unknown as TokenCreator)).toThrow(TypeError);
        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });
});

describe('several instances', () => {
    it('with a creator each do not mix', async () => {
        const server = await serve(ok);
        const clients = ['a', 'b'].map((name) => {
            const client = axios.create({ baseURL: server.url });
            attachTokenCreator(client, async () => ({ access_token: name, token_type: 'Bearer' }));
            return client;
        });

        await Promise.all(clients.flatMap((client, index) => [client.get(`/${index}`), client.get(`/${index}`)]));

        const pairs = server.received.map(({ url, headers }) => `${url} ${headers.authorization}`);
        expect(pairs.sort()).toEqual(['/0 Bearer a', '/0 Bearer a', '/1 Bearer b', '/1 Bearer b']);
    });

    it('with the same creator but no shared source create a token each', async () => {
        const issuer = createIssuer();
        const server = await serve(ok);
        const clients = [1, 2].map(() => axios.create({ baseURL: server.url }));
        for (const client of clients) attachTokenCreator(client, issuer.creator);

        await Promise.all(clients.map((client) => client.get('/me')));

        expect(server.received).toHaveLength(2);
        expect(new Set(server.authorizations)).toEqual(new Set(['Bearer token-1', 'Bearer token-2']));
    });

    it('that share a source create one token, and one more after a 401 to both', async () => {
        const issuer = createIssuer();
        issuer.delay = 10;
        const servers = [await serve(protectedBy(issuer)), await serve(protectedBy(issuer))];
        const source = createTokenSource(issuer.creator);
        const clients = servers.map(({ url }) => axios.create({ baseURL: url }));
        for (const client of clients) attachTokenCreator(client, source);
        const round = () => Promise.all(clients.flatMap((client) => [client.get('/1'), client.get('/2')]));

        await round();
        expect(issuer.created).toBe(1);
        issuer.revoke();
        await round();

        expect(issuer.created).toBe(2);
        expect(servers.map(({ authorizations }) => new Set(authorizations))).toEqual([
            new Set(['Bearer token-1', 'Bearer token-2']),
            new Set(['Bearer token-1', 'Bearer token-2']),
        ]);
    });
});

describe('attachTokenCreator throws a TypeError at once that names what is wrong', () => {
    it.each<[string, CreateAxiosDefaults, RegExp]>([
        ['a token left in the defaults', { headers: { Authorization: 'Bearer leftover' } }, /Authorization/],
        ['one in lower case', { headers: { authorization: 'Bearer leftover' } }, /Authorization/],
        ['one for all methods', { headers: { common: { Authorization: 'Bearer leftover' } } }, /Authorization/],
        ['one for one method', { headers: { post: { Authorization: 'Bearer leftover' } } }, /Authorization/],
        ['one in AxiosHeaders', { headers: new AxiosHeaders({ Authorization: 'Bearer leftover' }) }, /Authorization/],
        ['auth in the defaults', { auth: { username: 'a', password: 'leftover' } }, /auth/],
        ['credentials in the baseURL', { baseURL: 'https://me:leftover@api.example.com' }, /baseURL/],
    ])('%s', (_name, defaults, message) => {
        const attach = () => attachTokenCreator(axios.create(defaults), creator);

        expect(attach).toThrow(TypeError);
        expect(attach).toThrow(message);
        expect(attach).not.toThrow(/leftover/);
    });

    it.each<[string, unknown, unknown, unknown, RegExp]>([
        ['no client', undefined, creator, {}, /client/],
        ['a client that is none', {}, creator, {}, /client/],
        ['no creator', axios.create(), undefined, {}, /creator/],
        ['a grant instead of a creator', axios.create(), { access_token: 'a' }, {}, /creator/],
        ['an unknown option', axios.create(), creator, { origin: '*' }, /\borigin\b/],
        ['no options object', axios.create(), creator, null, /options/],
        ['origins that are no list', axios.create(), creator, { origins: 'a' }, /'\*' or an array of http\(s\) URLs/],
        ['an appliesTo that is no function', axios.create(), creator, { appliesTo: '/login' }, /appliesTo/],
        ['an isRejected that is no function', axios.create(), creator, { isRejected: 401 }, /isRejected/],
        ['an option of the source', axios.create(), creator, { creationTimeout: '5s' }, /creationTimeout/],
    ])('%s', (_name, client, given, options, message) => {
        const attach = () =>
            attachTokenCreator(client as AxiosInstance, given as TokenCreator, options as AttachOptions);

        expect(attach).toThrow(TypeError);
        expect(attach).toThrow(message);
    });

    it.each(['refreshAhead', 'expiryLeeway', 'creationTimeout', 'onEvent', 'clock'])(
        'the option %s beside a source, which has its own',
        (name) => {
            const source = createTokenSource(creator);

            expect(() => attachTokenCreator(axios.create(), source, { [name]: undefined, origins: '*' })).toThrow(
                TypeError,
            );
            expect(() => attachTokenCreator(axios.create(), source, { [name]: 1 })).toThrow(name);
        },
    );

    it('the global axios without an absolute baseURL or origins, and only then', async () => {
        const server = await serve(ok);
        expect(() => attachTokenCreator(axios, creator)).toThrow(TypeError);
        expect(() => attachTokenCreator(axios, creator)).toThrow(/origins/);

        const attachment = attachTokenCreator(axios, creator, { origins: [server.url] });
        await axios.get(`${server.url}/me`).finally(() => attachment.detach());

        expect(server.authorizations).toEqual(['Bearer a']);
    });
});
