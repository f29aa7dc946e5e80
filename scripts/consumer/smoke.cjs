// One call against a real server, for the copies of axios and of the package that the caller loaded.
const assert = require('node:assert/strict');
const { createServer } = require('node:http');

const answers = {
    '/token': () => [200, { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 }],
    '/me': ({ headers }) => [headers.authorization === 'Bearer token-1' ? 200 : 401, {}],
    '/public': ({ headers }) => [headers.authorization === undefined ? 200 : 400, {}],
};

/** Two processes, as it were, and the suite that their store has to pass. */
async function smokeSharing({ withRedisToken, withSharedToken, createMemoryStore, withTabs, storeContract }) {
    let created = 0;
    const creator = async () => ({ access_token: `token-${(created += 1)}`, token_type: 'Bearer', expires_in: 3600 });
    const store = createMemoryStore();
    for (const { run } of storeContract(() => store)) await run();
    const nodes = [1, 2].map(() => withTabs(withSharedToken(creator, { store, key: 'key' }), { name: 'name' }));
    const grants = await Promise.all(nodes.map((node) => node()));
    assert.deepEqual(
        grants.map(({ access_token }) => access_token),
        ['token-1', 'token-1'],
    );
    const silent = { eval: () => new Promise(() => {}), duplicate() {} };
    const alone = await withRedisToken(creator, { client: silent, key: 'key', storeTimeout: 10 })();
    assert.equal(alone.access_token, 'token-2');
}

/** What the sub-paths make is of use to the root, whichever way each was loaded. */
exports.smokeSubPaths = async (axios, entries) => {
    const { attachTokenCreator, createClientTokenCreator } = entries['.'];
    const { dpop } = entries['./dpop'];
    const { clientSecretJwt } = entries['./jwt'];
    await smokeSharing({
        ...entries['./redis'],
        ...entries['./shared'],
        ...entries['./tabs'],
        ...entries['./testing'],
    });
    const seen = [];
    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const { authorization, dpop: proof } = request.headers;
        seen.push([request.url, authorization, proof?.split('.').length, /client_assertion=/.test(chunks.join(''))]);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ access_token: 'token-1', token_type: 'DPoP', expires_in: 3600 }));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = { baseURL: `http://127.0.0.1:${server.address().port}` };
    const secret = 'a secret of more than 32 characters';
    try {
        const scheme = dpop();
        const creator = createClientTokenCreator(
            { id: 'my-client', secret },
            { client, scheme, clientAuthentication: clientSecretJwt() },
        );
        const api = axios.create(client);
        attachTokenCreator(api, creator, { scheme });
        await api.get('/me');
        assert.deepEqual(seen, [
            ['/token', undefined, 3, true],
            ['/me', 'DPoP token-1', 3, false],
        ]);
    } finally {
        server.closeAllConnections();
        server.close();
    }
};

exports.smoke = async (axios, { attachTokenCreator, createClientTokenCreator }) => {
    const seen = [];
    const server = createServer((request, response) => {
        const [status, body] = answers[request.url](request);
        seen.push(request.url);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseURL = `http://127.0.0.1:${server.address().port}`;
    try {
        const api = axios.create({ baseURL });
        attachTokenCreator(api, createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, { client: { baseURL } }));
        await api.get('/public', { tokenCreator: false });
        await api.get('/me');
        await api.get('/me');
        assert.deepEqual(seen, ['/public', '/token', '/me', '/me']);
    } finally {
        server.closeAllConnections();
        server.close();
    }
};
