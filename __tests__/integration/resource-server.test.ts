import { asPost, dpopProof, passwordGrant, post, postProven, type ProofOptions } from '../support/openid-client.js';
import {
    clients,
    createTestKey,
    resources,
    startOpenidProvider,
    type OpenidProvider,
    type TestKey,
} from '../support/openid-provider.js';
import {
    defaultClaims,
    startResourceServer,
    type Authentication,
    type ResourceServerOptions,
    type TestResourceServer,
} from '../support/resource-server.js';

let provider: OpenidProvider;
let api: TestResourceServer;
let key: TestKey;

beforeAll(async () => {
    provider = await startOpenidProvider();
    key = await createTestKey('ES256');
});

afterAll(() => provider.close());

async function start(options: Omit<ResourceServerOptions, 'provider'> = {}): Promise<void> {
    api = await startResourceServer({ provider, ...options });
}

afterEach(() => api.close());

const bearerToken = async (fields: Record<string, string> = {}) => {
    const { body } = await post(provider.endpoints.token, { ...passwordGrant(), ...asPost, ...fields });
    return body.access_token ?? '';
};

const boundToken = async (fields: Record<string, string> = {}) => {
    const client = { client_id: clients.dpopPublic.id };
    const { body } = await postProven(key, provider.endpoints.token, { ...passwordGrant(), ...client, ...fields });
    return body.access_token ?? '';
};

async function call(path: string, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(api.url + path, { method, headers });
    const { status } = response;
    const body = (await response.json()) as Record<string, unknown>;
    return { status, body, headers: response.headers, challenge: response.headers.get('www-authenticate') };
}

const asBearer = (token: string) => ({ authorization: `Bearer ${token}` });

const callProven = async (path: string, token: string, { method = 'GET', ...options }: ProofOptions = {}) => {
    const { origin, pathname } = new URL(api.url + path);
    const dpop = await dpopProof(key, origin + pathname, { method, token, ...options });
    return call(path, { authorization: `DPoP ${token}`, dpop }, method);
};

describe('bearer tokens', () => {
    test('are checked against the provider', async () => {
        await start();
        const token = await bearerToken();
        const { status, body } = await call('/anything?x=1', asBearer(token));
        expect([status, body]).toEqual([
            200,
            { subject: 'admin', clientId: clients.post.id, scope: 'read write', method: 'GET' },
        ]);
        const missing = await call('/');
        expect([missing.status, missing.challenge]).toEqual([401, `Bearer resource_metadata="${api.metadataUrl}"`]);
        const wrong = await call('/', asBearer('wrong'));
        expect([wrong.status, wrong.challenge]).toEqual([401, expect.stringMatching(/^Bearer error="invalid_token"/)]);
        expect((await call('/', { authorization: 'Bearer' })).status).toBe(400);
        expect((await call('/', { authorization: `Basic ${token}` })).status).toBe(401);
        expect((await call('/public')).status).toBe(200);

        const scope = await call('/scope/admin', asBearer(token));
        expect([scope.status, scope.challenge]).toEqual([
            403,
            expect.stringContaining('error="insufficient_scope", scope="admin"'),
        ]);
        expect((await call('/scope/write', asBearer(token))).status).toBe(200);
        expect(api.received.map((entry) => entry.status)).toEqual([200, 401, 401, 400, 401, 200, 403, 200]);

        provider.revokeAccessTokens();
        expect((await call('/', asBearer(token))).status).toBe(401);
    });

    test('of another audience are refused, JWTs are verified', async () => {
        await start({ audience: 'reports' });
        const structured = await bearerToken({ resource: resources.reports.identifier });
        expect((await call('/', asBearer(structured))).body).toMatchObject({ audience: 'reports' });
        const [head, body = '', signature] = structured.split('.');
        const forged = Buffer.from(body, 'base64url').toString().replace('"admin"', '"bob"');
        const tampered = [head, Buffer.from(forged).toString('base64url'), signature].join('.');
        expect((await call('/', asBearer(tampered))).status).toBe(401);
        expect((await call('/', asBearer(await bearerToken({ audience: 'orders' })))).status).toBe(401);
    });

    test('are not enough where another login is needed (RFC 9470)', async () => {
        const authentications = new Map<string, Authentication>();
        await start({ authentications });
        const token = await bearerToken();
        const asked = await call('/step-up?acr=gold&max_age=60', asBearer(token));
        expect(asked.status).toBe(401);
        expect(asked.challenge).toContain('error="insufficient_user_authentication"');
        expect(asked.challenge).toContain('acr_values="gold", max_age="60"');
        expect((await call('/step-up?max_age=60', asBearer(token))).status).toBe(200);

        const golden = await bearerToken({ acr_values: 'gold silver' });
        expect((await call('/step-up?acr=gold&max_age=60', asBearer(golden))).status).toBe(200);
        authentications.set(golden, { authTime: Math.floor(Date.now() / 1000) - 90 });
        expect((await call('/step-up?acr=gold&max_age=60', asBearer(golden))).status).toBe(401);
        authentications.set(token, { acr: 'gold' });
        expect((await call('/step-up?acr=gold&max_age=60', asBearer(token))).status).toBe(200);
    });

    test('are not enough where claims are needed, as on Azure', async () => {
        await start();
        const asked = await call('/claims', asBearer(await bearerToken()));
        const encoded = /claims="([\w+/=]+)"/.exec(asked.challenge ?? '')?.[1] ?? '';
        expect(asked.challenge).toContain('error="insufficient_claims"');
        const claims = Buffer.from(encoded, 'base64').toString();
        expect(claims).toBe(defaultClaims);
        expect((await call('/claims', asBearer(await bearerToken({ claims })))).status).toBe(200);
    });
});

test('a refresh changes neither acr nor auth_time', async () => {
    await start();
    const fields = { ...passwordGrant(), ...asPost, acr_values: 'gold' };
    const { body } = await post(provider.endpoints.token, fields);
    const before = await provider.findToken(body.access_token ?? '');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '', ...asPost };
    const after = (await post(provider.endpoints.token, refresh)).body.access_token ?? '';
    expect(await provider.findToken(after)).toMatchObject({ acr: 'gold', authTime: before?.authTime });
});

describe('DPoP', () => {
    test('a bound token needs a proof, each time another one', async () => {
        await start({ dpop: 'required' });
        const token = await boundToken();
        expect((await callProven('/anything?x=1', token)).status).toBe(200);
        expect((await callProven('/anything', token, { method: 'POST' })).status).toBe(200);

        const dpop = await dpopProof(key, `${api.url}/`, { method: 'GET', token });
        const headers = { authorization: `DPoP ${token}`, dpop };
        expect((await call('/', headers)).status).toBe(200);
        const replayed = await call('/', headers);
        expect([replayed.status, replayed.body['error']]).toEqual([401, 'invalid_dpop_proof']);
        expect((await call('/', { ...headers, dpop: '' })).body['error']).toBe('invalid_dpop_proof');
        expect((await call('/', { authorization: `DPoP ${token}` })).body['error']).toBe('invalid_dpop_proof');
        expect(api.received[0]?.proof).toMatchObject({ htm: 'GET', htu: `${api.url}/anything` });

        const downgraded = await call('/', asBearer(token));
        expect([downgraded.status, downgraded.body['error'], api.downgrades]).toEqual([401, 'invalid_token', 1]);
        expect((await call('/', asBearer(await bearerToken()))).status).toBe(401);
        expect((await callProven('/', await bearerToken())).body['error']).toBe('invalid_token');
        expect((await call('/')).challenge).toMatch(/^DPoP resource_metadata="[^"]+", algs="ES256 /);
        expect(api.downgrades).toBe(1);
    });

    test('a wrong proof is refused', async () => {
        await start({ dpop: 'required' });
        const token = await boundToken();
        const other = await createTestKey('ES256');
        const now = Math.floor(Date.now() / 1000);
        const wrong: ProofOptions[] = [
            { claims: { htu: `${api.url}/elsewhere` } },
            { claims: { htu: `${api.url}/there?x=1` } },
            { claims: { htu: `${api.url}/there#x` } },
            { claims: { htu: api.url.replace('127.0.0.1', 'localhost') + '/there' } },
            { claims: { htm: 'POST' } },
            { claims: { htm: 'get' } },
            { claims: { ath: undefined } },
            { claims: { ath: 'wrong' } },
            { claims: { iat: now - 70 } },
            { claims: { iat: now + 70 } },
            { claims: { iat: undefined } },
            { claims: { jti: undefined } },
            { header: { typ: 'JWT' } },
            { header: { jwk: key.privateJwk } },
            { header: { jwk: other.publicJwk } },
        ];
        for (const options of wrong) {
            const { status, body } = await callProven('/there?x=1', token, options);
            expect({ options, status, error: body['error'] }).toEqual({
                options,
                status: 401,
                error: 'invalid_dpop_proof',
            });
        }
        const dpop = await dpopProof(other, `${api.url}/there`, { method: 'GET', token });
        expect((await call('/there', { authorization: `DPoP ${token}`, dpop })).status).toBe(401);
        expect((await callProven('/there?x=1', token)).status).toBe(200);
    });

    test('a nonce is asked for, and replaced', async () => {
        await start({ dpop: 'required', requireNonce: true });
        const token = await boundToken();
        const asked = await callProven('/', token);
        expect([asked.status, asked.body['error']]).toEqual([401, 'use_dpop_nonce']);
        expect(asked.challenge).toMatch(/^DPoP error="use_dpop_nonce"/);
        const nonce = asked.headers.get('dpop-nonce') ?? '';
        expect(nonce).toBe(api.nonce);
        expect((await callProven('/', token, { nonce })).status).toBe(200);
        api.rotateNonce(true);
        const announced = await callProven('/', token, { nonce });
        expect([announced.status, announced.headers.get('dpop-nonce')]).toEqual([200, api.nonce]);
        api.rotateNonce();
        expect((await callProven('/', token, { nonce })).body['error']).toBe('use_dpop_nonce');
        expect((await callProven('/', token, { nonce: api.nonce })).status).toBe(200);
    });

    test('beside bearer tokens; and unknown where only those count', async () => {
        await start({ dpop: 'optional', oneUseNonces: true });
        const token = await boundToken();
        expect((await call('/', asBearer(await bearerToken()))).status).toBe(200);
        expect((await call('/', asBearer(token))).status).toBe(401);
        const { nonce } = api;
        expect((await callProven('/', token, { nonce })).status).toBe(200);
        expect((await callProven('/', token, { nonce })).body['error']).toBe('use_dpop_nonce');
        expect((await call('/')).challenge).toMatch(/^Bearer resource_metadata="[^"]+", DPoP resource_metadata=/);
        await api.close();

        await start();
        expect((await callProven('/', token)).challenge).toMatch(/^Bearer /);
        expect((await call('/', asBearer(token))).status).toBe(401);
        expect(api.downgrades).toBe(1);
    });
});

test('metadata (RFC 9728), and pages of other origins', async () => {
    await start({ dpop: 'required', cors: true, requireNonce: true });
    const { body } = await call('/.well-known/oauth-protected-resource');
    expect(body).toMatchObject({
        resource: api.url,
        authorization_servers: [provider.issuer],
        dpop_bound_access_tokens_required: true,
    });
    const headers = {
        origin: 'http://127.0.0.1:1',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,dpop',
    };
    const preflight = await fetch(api.url, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, DPoP, Content-Type');
    const answer = await call('/', { origin: headers.origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(headers.origin);
    expect(answer.headers.get('access-control-expose-headers')).toBe('DPoP-Nonce, WWW-Authenticate');
    const token = await fetch(provider.endpoints.token, { method: 'OPTIONS', headers });
    expect([token.status, token.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization,dpop']);
});
