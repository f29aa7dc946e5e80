// Every export of every entry, with a use of it: an export that has no use here, or a use of what is no export, is a
// change of what the package offers, and fails.
const assert = require('node:assert/strict');
const { generateKeyPairSync } = require('node:crypto');
const { serve } = require('./authorization-server.cjs');

const id = 'my-client';
const secret = 'a secret of more than 32 characters';
const own = async () => ({ access_token: 'own', token_type: 'Bearer', expires_in: 3600 });
const silentRedis = { eval: () => new Promise(() => {}), duplicate() {} };

async function grants(creator) {
    const { access_token, token_type } = await creator();
    assert.match(access_token, /^((test-)?token-\d+|own)$/);
    assert.equal(token_type, 'Bearer');
}

const privateKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** What a client authentication has the authorization server see. */
async function authenticates(clientAuthentication, { root, client, server }, pattern, credentials = { id, secret }) {
    await grants(root.createClientTokenCreator(credentials, { client, clientAuthentication }));
    const { authorization, body } = server.requests.at(-1);
    assert.match(`${authorization} ${body}`, pattern);
}

async function refusal({ root, client }) {
    return root
        .createClientTokenCreator({ id: 'unknown', secret }, { client })()
        .then(
            () => assert.fail('the unknown client got a token'),
            (error) => error,
        );
}

async function keeps(store) {
    await store.set('name', { generation: 'g', value: 'v' }, 1000);
    assert.equal((await store.get('name')).value, 'v');
}

async function holds(contract, open) {
    const cases = contract(open);
    assert.ok(cases.length > 3);
    await cases[0].run();
}

const root = {
    TokenEndpointError: async (it, context) => assert.ok((await refusal(context)) instanceof it),
    TokenError: async (it, context) => assert.ok((await refusal(context)) instanceof it),
    TokenResponseError: (it, { root: { TokenError } }) => assert.ok(it.prototype instanceof TokenError),
    attachTokenCreator: async (it, { axios, client, server }) => {
        const api = axios.create(client);
        let number = 0;
        const { detach } = it(api, async () => ({ ...(await own()), access_token: `token-${(number += 1)}` }));
        server.refuse('token-1');
        assert.equal((await api.get('/me')).data.token, 'token-2');
        detach();
    },
    clientSecretBasic: (it, context) => authenticates(it, context, /^Basic /),
    clientSecretBasicUnencoded: (it, context) => authenticates(it, context, /^Basic /),
    clientSecretPost: (it, context) => authenticates(it, context, /client_secret=/),
    createClientTokenCreator: (it, { client }) => grants(it({ id, secret }, { client })),
    createDeviceTokenCreator: async (it, { client }) => {
        const codes = [];
        const options = { client, clientId: id, deviceAuthorizationEndpoint: '/device_authorization' };
        await grants(it({ onUserCode: ({ user_code }) => codes.push(user_code) }, options));
        assert.deepEqual(codes, ['u']);
    },
    createJwtBearerTokenCreator: (it, { client }) => grants(it({ assertion: 'a' }, { client })),
    createRefreshTokenCreator: (it, { client }) => grants(it({ refreshToken: 'r' }, { client })),
    createRobotTokenCreator: (it, { client }) => grants(it({ id, secret }, { client })),
    createTokenExchangeCreator: (it, { client }) => grants(it({ subjectToken: 's' }, { client })),
    createTokenSource: async (it) => assert.equal((await it(own).getToken()).value, 'own'),
    createUserTokenCreator: (it, { client }) => grants(it({ name: 'me', password: 'x' }, { client })),
    discover: async (it, { root: { createClientTokenCreator }, server }) =>
        grants(createClientTokenCreator({ id, secret }, { issuer: it(server.origin) })),
    introspectToken: async (it, { client }) => assert.equal((await it('t', { client })).active, true),
    isAuthupRejection: (it) => assert.equal(it({ status: 400, headers: {}, data: { code: 'expired_token' } }), true),
    isUnauthorized: (it) => assert.equal(it({ status: 401, headers: {} }), true),
    none: (it, context) => authenticates(it, context, /^undefined .*client_id=my-client/, { id }),
    parseChallenges: (it) => assert.equal(it('Bearer realm="a"')[0].parameters.realm, 'a'),
    revokeToken: async (it, { client, server }) => {
        await it('t', { client });
        assert.equal(server.requests.at(-1).path, '/token/revoke');
    },
    tlsClientAuth: (it, context) => authenticates(it, context, /^undefined .*client_id=my-client/, { id }),
    withRefreshToken: (it, { client }) => grants(it(own, { client })),
};

/** @type {Record<string, Record<string, (value: any, context: any) => unknown>>} */
exports.uses = {
    '.': root,
    './dpop': { dpop: (it) => assert.equal(it().type, 'DPoP') },
    './jwt': {
        clientSecretJwt: (it, context) => authenticates(it(), context, /client_assertion=ey/),
        jwtAssertion: async (it) => {
            const assertion = await it({ key: privateKey(), issuer: 'me', audience: 'you' })();
            assert.equal(assertion.split('.').length, 3);
        },
        privateKeyJwt: (it, context) =>
            authenticates(it({ key: privateKey() }), context, /client_assertion=ey/, { id }),
    },
    './redis': {
        createRedisStore: (it) => assert.equal(typeof it(silentRedis).compareAndSet, 'function'),
        withRedisToken: (it) => grants(it(own, { client: silentRedis, key: 'k', storeTimeout: 10 })),
    },
    './shared': {
        createMemoryStore: (it) => keeps(it()),
        withSharedToken: (it, { shared }) => grants(it(own, { store: shared.createMemoryStore(), key: 'k' })),
    },
    './tabs': { withTabs: (it) => grants(it(own, { name: 'n' })) },
    './testing': {
        createTestAuthorizationServer: async (it) => {
            const authorizationServer = await it();
            await authorizationServer.close();
            assert.equal(authorizationServer.counts.connections, 0);
        },
        createTestClock: (it) => {
            const clock = it();
            const before = clock.monotonic();
            clock.advance(5);
            assert.equal(clock.monotonic(), before + 5);
        },
        createTestTokenCreator: (it) => grants(it()),
        lockContract: (it, { shared }) => {
            const { lock } = shared.createMemoryStore();
            return holds(it, () => lock);
        },
        storeContract: (it, { shared }) => {
            const store = shared.createMemoryStore();
            return holds(it, () => store);
        },
    },
};

/** Uses everything that the entries export, by value; `entries` holds what the caller loaded, by sub-path. */
exports.useAll = async (axios, entries) => {
    assert.deepEqual(Object.keys(entries).sort(), Object.keys(exports.uses).sort(), 'the entries');
    const server = await serve();
    const context = {
        axios,
        root: entries['.'],
        shared: entries['./shared'],
        client: { baseURL: server.origin },
        server,
    };
    let count = 0;
    try {
        for (const [path, uses] of Object.entries(exports.uses)) {
            assert.deepEqual(Object.keys(entries[path]).sort(), Object.keys(uses).sort(), `the exports of ${path}`);
            for (const [name, use] of Object.entries(uses)) {
                await use(entries[path][name], context);
                count += 1;
            }
        }
    } finally {
        await server.close();
    }
    console.log(`${count} exports of ${Object.keys(entries).length} entries`);
};
