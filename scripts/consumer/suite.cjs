// What a user's own test suite does, for any runner with `test` and `expect`, and for whichever way the modules were
// loaded: TokenError thrown by the package is the TokenError that the suite imported, a mocked transport is below ours.
const { serve } = require('./authorization-server.cjs');

const credentials = { id: 'my-client', secret: 'xxx' };

const transportTests = ({ axios, MockAdapter, root, test, expect }) => {
    test('a request over a socket gets its token, and a 401 costs one more', async () => {
        const server = await serve();
        try {
            const client = { baseURL: server.origin };
            const api = axios.create(client);
            const { source } = root.attachTokenCreator(api, root.createClientTokenCreator(credentials, { client }));
            expect((await api.get('/me')).data).toEqual({ token: 'token-1' });
            server.refuse('token-1');
            const answers = await Promise.all([1, 2, 3].map(() => api.get('/me')));
            expect(answers.map(({ data }) => data.token)).toEqual(['token-2', 'token-2', 'token-2']);
            expect(source.current().value).toBe('token-2');
        } finally {
            await server.close();
        }
    });

    test('a refused client is a TokenError of the class that was imported', async () => {
        const server = await serve();
        try {
            const client = { baseURL: server.origin };
            const api = axios.create(client);
            root.attachTokenCreator(api, root.createClientTokenCreator({ id: 'unknown', secret: 'x' }, { client }));
            const error = await api.get('/me').catch((thrown) => thrown);
            expect(error).toBeInstanceOf(root.TokenError);
            expect(error).toBeInstanceOf(root.TokenEndpointError);
            expect(error).toBeInstanceOf(Error);
            expect(error.status).toBe(401);
        } finally {
            await server.close();
        }
    });

    test('axios-mock-adapter answers in the place of a server', async () => {
        const api = axios.create({ baseURL: 'http://api.invalid' });
        const mock = new MockAdapter(api);
        mock.onGet('/me').reply(({ headers }) => [headers.Authorization === 'Bearer token-2' ? 200 : 401, {}]);
        let created = 0;
        root.attachTokenCreator(api, async () => ({
            access_token: `token-${(created += 1)}`,
            token_type: 'Bearer',
            expires_in: 3600,
        }));
        expect((await api.get('/me')).status).toBe(200);
        expect(created).toBe(2);
        expect(mock.history.get.map(({ headers }) => headers.Authorization)).toEqual([
            'Bearer token-1',
            'Bearer token-2',
        ]);
    });
};

const contractTests = ({ root, shared, testing, test, expect }) => {
    const store = shared.createMemoryStore();
    for (const { name, run } of testing.storeContract(() => store)) test(`the store: ${name}`, run);
    for (const { name, run } of testing.lockContract(() => store.lock)) test(`the lock: ${name}`, run);

    test('a contract that is broken fails as a test does', async () => {
        const forgetful = { ...shared.createMemoryStore(), get: async () => undefined };
        const outcomes = testing.storeContract(() => forgetful).map(({ run }) => run());
        const failures = (await Promise.allSettled(outcomes)).filter(({ status }) => status === 'rejected');
        expect(failures.length).toBeGreaterThan(0);
        for (const { reason } of failures) expect(reason).toBeInstanceOf(Error);
    });

    test('an error of a sub-path is a TokenError of the root', async () => {
        const broken = { ...shared.createMemoryStore(), get: () => Promise.reject(new Error('down')) };
        const grant = { access_token: 'a', token_type: 'Bearer', expires_in: 3600 };
        const events = [];
        const onEvent = (event) => events.push(event);
        await shared.withSharedToken(async () => grant, { store: broken, key: 'k', onEvent })();
        expect(events.map(({ error }) => error instanceof root.TokenError)).toContain(true);
    });
};

exports.defineTests = (modules) => {
    transportTests(modules);
    contractTests(modules);
};
