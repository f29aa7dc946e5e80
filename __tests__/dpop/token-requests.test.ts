import axios from 'axios';
import {
    attachTokenCreator,
    clientSecretBasic,
    createClientTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createRobotTokenCreator,
    createTokenExchangeCreator,
    createUserTokenCreator,
    TokenEndpointError,
    withRefreshToken,
    type TokenCreator,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { clientSecretJwt } from '../../src/jwt/index.js';
import { expectNoSecretIn } from '../support/no-secret.js';
import { proofOf, proofsOf } from '../support/proofs.js';
import {
    adapters,
    failureOf,
    ok,
    sendJson,
    useServers,
    wait,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

const secret = 'canary-secret-of-32-bytes-or-more';
const client = { id: 'client', secret };

const grant: Route = (exchange) =>
    sendJson(exchange, 200, { access_token: 'token-1', token_type: 'DPoP', refresh_token: 'refresh-2' });

/** As RFC 9449 section 8 has it. */
function demandAtTokenEndpoint(nonce: () => string, status = 400): Route {
    return (exchange) => {
        exchange.response.setHeader('dpop-nonce', nonce());
        sendJson(exchange, status, { error: 'use_dpop_nonce', error_description: 'a nonce is needed' });
    };
}

function wantsNonce(nonce: () => string, route: Route = grant): Route {
    return async (exchange) => {
        const { claims } = await proofOf(exchange.received);
        await (claims.nonce === nonce() ? route : demandAtTokenEndpoint(nonce))(exchange);
    };
}

const noncesOf = async ({ received }: TestServer) => (await proofsOf(received)).map(({ claims }) => claims.nonce);
const formsOf = ({ received }: TestServer) => received.map(({ body }) => new URLSearchParams(String(body)));

const by = { clientId: client.id, clientSecret: secret };
const grants: [string, (options: TokenEndpointOptions) => TokenCreator][] = [
    ['client_credentials', (options) => createClientTokenCreator(client, options)],
    ['password', (options) => createUserTokenCreator({ name: 'a', password: 'b' }, options)],
    ['robot_credentials', (options) => createRobotTokenCreator({ id: 'a', secret: 'b' }, options)],
    ['refresh_token', (options) => createRefreshTokenCreator({ refreshToken: 'r' }, { ...options, ...by })],
    [
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        (options) => createJwtBearerTokenCreator({ assertion: 'a.b.c' }, options),
    ],
    [
        'urn:ietf:params:oauth:grant-type:token-exchange',
        (options) => createTokenExchangeCreator({ subjectToken: 'a' }, { ...options, ...by }),
    ],
];

describe.each(adapters)('over %s', (adapter) => {
    it.each(grants)('a token request carries a proof without ath: %s', async (grantType, create) => {
        const server = await serve(grant);
        const creator = create({ client: { baseURL: `${server.url}/auth/`, adapter }, scheme: dpop() });

        expect(await creator()).toMatchObject({ access_token: 'token-1', token_type: 'DPoP' });

        expect(formsOf(server).map((form) => form.get('grant_type'))).toEqual([grantType]);
        const { header, claims } = await proofOf(server.received[0]!);
        expect(header).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256' });
        expect(Object.keys(claims).sort()).toEqual(['htm', 'htu', 'iat', 'jti']);
        expect(claims).toMatchObject({ htm: 'POST', htu: `${server.url}/auth/token` });
    });

    it.each(grants)('a demand for a nonce is met once, with another proof: %s', async (grantType, create) => {
        const server = await serve(wantsNonce(() => 'n1'));
        const creator = create({ client: { baseURL: server.url, adapter }, scheme: dpop() });

        expect(await creator()).toMatchObject({ access_token: 'token-1' });

        expect(await noncesOf(server)).toEqual([undefined, 'n1']);
        const forms = formsOf(server);
        expect(forms.map(String)).toEqual([String(forms[0]), String(forms[0])]);
        expect(forms[0]?.get('grant_type')).toBe(grantType);
        const [first, second] = await proofsOf(server.received);
        expect(second?.claims.jti).not.toBe(first?.claims.jti);
        expect(second?.thumbprint).toBe(first?.thumbprint);
    });

    it('a nonce of a success is used for the next token request, and until there is another', async () => {
        let answers = 0;
        const server = await serve((exchange) => {
            answers += 1;
            if (answers !== 2) exchange.response.setHeader('dpop-nonce', `n${answers}`);
            return grant(exchange);
        });
        const creator = createClientTokenCreator(client, { client: { baseURL: server.url, adapter }, scheme: dpop() });

        for (let round = 0; round < 4; round += 1) await creator();

        expect(await noncesOf(server)).toEqual([undefined, 'n1', 'n1', 'n3']);
    });

    it('a nonce of an error that is none is used for the next token request', async () => {
        const server = await serve((exchange) => {
            exchange.response.setHeader('dpop-nonce', 'n1');
            sendJson(exchange, 503, {});
        });
        const creator = createClientTokenCreator(client, { client: { baseURL: server.url, adapter }, scheme: dpop() });

        await failureOf(creator());
        await failureOf(creator());

        expect(await noncesOf(server)).toEqual([undefined, 'n1']);
    });

    it.each([400, 401])('a second demand is the answer, of status %d', async (status) => {
        let count = 0;
        const server = await serve(demandAtTokenEndpoint(() => `n${(count += 1)}`, status));
        const creator = createClientTokenCreator(client, { client: { baseURL: server.url, adapter }, scheme: dpop() });

        const error = await failureOf(creator());

        expect(error).toBeInstanceOf(TokenEndpointError);
        expect(error).toMatchObject({ error: 'use_dpop_nonce', status });
        expect(await noncesOf(server)).toEqual([undefined, 'n1']);
        const proofs = server.received.map(({ headers }) => String(headers['dpop']));
        expectNoSecretIn(error, [secret, ...proofs]);
    });

    it('the client authenticates anew for a nonce: no assertion is sent twice', async () => {
        const server = await serve(wantsNonce(() => 'n1'));
        const creator = createClientTokenCreator(client, {
            client: { baseURL: server.url, adapter },
            clientAuthentication: clientSecretJwt(),
            scheme: dpop(),
        });

        await creator();

        const [first, second] = formsOf(server).map((form) => form.get('client_assertion'));
        expect(first).toMatch(/^eyJ/);
        expect(second).toMatch(/^eyJ/);
        expect(second).not.toBe(first);
    });

    it('no assertion is sent twice when the server asks as an API does, by a challenge', async () => {
        const server = await serve(async (exchange) => {
            exchange.response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"');
            const { claims } = await proofOf(exchange.received);
            await (claims.nonce ? grant : demandAtTokenEndpoint(() => 'n1', 401))(exchange);
        });
        const creator = createClientTokenCreator(client, {
            client: { baseURL: server.url, adapter },
            clientAuthentication: clientSecretJwt(),
            scheme: dpop(),
        });

        await creator();

        const assertions = formsOf(server).map((form) => form.get('client_assertion'));
        expect(assertions).toHaveLength(2);
        expect(new Set(assertions).size).toBe(2);
    });

    it('client_secret_basic and a proof do not disturb each other', async () => {
        const server = await serve(wantsNonce(() => 'n1'));
        const options = { client: { baseURL: server.url, adapter }, clientAuthentication: clientSecretBasic };
        const creator = createClientTokenCreator(client, { ...options, scheme: dpop() });

        await creator();

        const basic = `Basic ${Buffer.from(`client:${secret}`).toString('base64')}`;
        expect(server.authorizations).toEqual([basic, basic]);
        expect((await proofOf(server.received[1]!)).claims.ath).toBeUndefined();
    });

    it('its timeout is one for the demand for a nonce and what follows it', async () => {
        let requests = 0;
        const server = await serve(async (exchange) => {
            requests += 1;
            if (requests > 1) return;
            await wait(250);
            await demandAtTokenEndpoint(() => 'n1')(exchange);
        });
        const creator = createClientTokenCreator(client, {
            client: { baseURL: server.url, adapter, timeout: 400 },
            scheme: dpop(),
        });
        const start = performance.now();

        expect(await failureOf(creator())).toMatchObject({ code: 'timeout' });

        expect(performance.now() - start).toBeLessThan(600);
        expect(server.received).toHaveLength(2);
        expect(await server.received[1]?.isCut).toBe(true);
    });

    it('a redirect is not followed with a proof', async () => {
        const server = await serve(({ response }) => void response.writeHead(307, { location: '/there' }).end());
        const creator = createClientTokenCreator(client, { client: { baseURL: server.url, adapter }, scheme: dpop() });

        expect(await failureOf(creator())).toMatchObject({ code: 'endpoint', status: 307 });

        expect(server.received).toHaveLength(1);
    });

    it('the token and the requests that carry it have one key, if they have one scheme', async () => {
        const server = await serve((exchange) => (exchange.received.url === '/token' ? grant : ok)(exchange));
        const scheme = dpop();
        const api = axios.create({ baseURL: server.url, adapter });
        const options = { client: { baseURL: server.url, adapter }, scheme };
        attachTokenCreator(api, createClientTokenCreator(client, options), { scheme });

        await Promise.all([api.get('/a'), api.get('/b')]);

        const proofs = await proofsOf(server.received);
        expect(proofs).toHaveLength(3);
        expect(new Set(proofs.map(({ thumbprint }) => thumbprint)).size).toBe(1);
    });

    it('a refresh token is refreshed with the key that it was obtained with', async () => {
        const server = await serve(wantsNonce(() => 'n1'));
        const options = { client: { baseURL: server.url, adapter }, scheme: dpop(), clientId: 'public' };
        const creator = withRefreshToken(createUserTokenCreator({ name: 'a', password: 'b' }, options), options);

        for (let round = 0; round < 3; round += 1) await creator();

        const types = formsOf(server).map((form) => form.get('grant_type'));
        expect(types).toEqual(['password', 'password', 'refresh_token', 'refresh_token']);
        const proofs = await proofsOf(server.received);
        expect(new Set(proofs.map(({ thumbprint }) => thumbprint)).size).toBe(1);
    });
});
