// An authorization server, and an API that wants its tokens, on one port of loopback.
const { createServer } = require('node:http');

const grant = (number) => ({
    access_token: `token-${number}`,
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: `refresh-${number}`,
});
const device = { device_code: 'd', user_code: 'u', verification_uri: 'http://localhost/', interval: 0.01 };

async function textOf(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
}

/** Serves until `close`; `refuse(token)` makes the API answer it with 401, client ids `unknown` are refused a token. */
exports.serve = async () => {
    const refused = new Set();
    const requests = [];
    let granted = 0;
    const answers = {
        '/token': ({ body }) =>
            body.includes('unknown') ? [401, { error: 'invalid_client' }] : [200, grant((granted += 1))],
        '/token/introspect': () => [200, { active: true }],
        '/token/revoke': () => [200, {}],
        '/device_authorization': () => [200, { ...device, expires_in: 60 }],
        '/.well-known/openid-configuration': ({ origin }) => [
            200,
            {
                issuer: origin,
                token_endpoint: `${origin}/token`,
                revocation_endpoint: `${origin}/token/revoke`,
                introspection_endpoint: `${origin}/token/introspect`,
            },
        ],
        '/me': ({ authorization }) => {
            const token = /^Bearer (token-\d+)$/.exec(authorization ?? '')?.[1];
            return token && !refused.has(token) ? [200, { token }] : [401, {}];
        },
    };
    const server = createServer(async (request, response) => {
        const body = await textOf(request);
        const { authorization } = request.headers;
        requests.push({ path: request.url, authorization, body });
        const origin = `http://127.0.0.1:${server.address().port}`;
        const [status, json] = (answers[request.url] ?? (() => [404, {}]))({ origin, authorization, body });
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
        origin: `http://127.0.0.1:${server.address().port}`,
        requests,
        refuse: (token) => refused.add(token),
        close: () => {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(resolve));
        },
    };
};
