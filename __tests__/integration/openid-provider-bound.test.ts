import { Agent } from 'node:https';
import axios from 'axios';
import { generateKeyPair, generateProof } from 'dpop';
import {
    asPost,
    basic,
    clientAssertion,
    dpopProof,
    userAssertion,
    passwordGrant,
    post,
    postProven,
    secretPost,
} from '../support/openid-client.js';
import {
    clients,
    createTestKey,
    grantTypes,
    resources,
    startOpenidProvider,
    testCertificates,
    testKeys,
    type Certificate,
    type OpenidProvider,
    type OpenidProviderOptions,
    type TestKey,
} from '../support/openid-provider.js';

let provider: OpenidProvider;

async function start(options?: OpenidProviderOptions): Promise<void> {
    provider = await startOpenidProvider(options);
}

afterEach(() => provider.close());

const find = (token: string | undefined) => provider.findToken(token ?? '');

const send = async (fields: Record<string, string>, dpop: string) => post(provider.endpoints.token, fields, { dpop });

describe('DPoP', () => {
    const grant = { grant_type: 'client_credentials', ...secretPost(clients.dpop) };
    let key: TestKey;

    beforeEach(async () => {
        key = await createTestKey('ES256');
    });

    test('no token without a proof, and no proof without a nonce', async () => {
        await start({ basePath: '/tenant' });
        const { token: url } = provider.endpoints;
        expect((await post(url, grant)).body.error).toBe('invalid_grant');

        const asked = await send(grant, await dpopProof(key, url));
        expect([asked.status, asked.body.error]).toEqual([400, 'use_dpop_nonce']);
        const nonce = asked.headers.get('dpop-nonce') ?? '';
        const granted = await send(grant, await dpopProof(key, url, { nonce }));
        expect([granted.status, granted.body.token_type]).toEqual([200, 'DPoP']);
        expect(granted.headers.get('dpop-nonce')).toBeNull();
        expect((await find(granted.body.access_token))?.jkt).toMatch(/^[\w-]{43}$/);

        provider.rotateNonce();
        const renewed = await send(grant, await dpopProof(key, url, { nonce }));
        expect(renewed.body.error).toBe('use_dpop_nonce');
        expect(renewed.headers.get('dpop-nonce')).not.toBe(nonce);
    });

    test('a nonce can be replaced while it still counts', async () => {
        await start();
        const { token: url } = provider.endpoints;
        const asked = await send(grant, await dpopProof(key, url));
        const nonce = asked.headers.get('dpop-nonce') ?? '';
        provider.rotateNonce(true);
        const granted = await send(grant, await dpopProof(key, url, { nonce }));
        expect(granted.status).toBe(200);
        const next = granted.headers.get('dpop-nonce') ?? '';
        expect(next).not.toBe(nonce);
        expect((await send(grant, await dpopProof(key, url, { nonce: next }))).status).toBe(200);
    });

    test('nonces that count once', async () => {
        await start({ oneUseNonces: true });
        const { token: url } = provider.endpoints;
        let nonce = (await send(grant, await dpopProof(key, url))).headers.get('dpop-nonce') ?? '';
        for (let round = 0; round < 3; round += 1) {
            const granted = await send(grant, await dpopProof(key, url, { nonce }));
            expect(granted.status).toBe(200);
            expect((await send(grant, await dpopProof(key, url, { nonce }))).body.error).toBe('use_dpop_nonce');
            nonce = granted.headers.get('dpop-nonce') ?? '';
        }
    });

    test('a wrong proof is refused', async () => {
        await start({ dpop: 'optional' });
        const { token: url } = provider.endpoints;
        const other = await createTestKey('ES256');
        const wrong = [
            { claims: { htu: `${url}/` } },
            { claims: { htu: 'http://127.0.0.1:1/oauth2/token' } },
            { claims: { htm: 'GET' } },
            { claims: { iat: Math.floor(Date.now() / 1000) - 301 } },
            { claims: { jti: undefined } },
            { header: { typ: 'JWT' } },
            { header: { jwk: other.publicJwk } },
            { header: { jwk: key.privateJwk } },
        ];
        for (const options of wrong) {
            const { status, body } = await send(grant, await dpopProof(key, url, options));
            expect({ options, status, granted: body.access_token }).toEqual({ options, status: 400 });
        }
        const proof = await dpopProof(key, url);
        expect((await send(grant, proof)).status).toBe(200);
        expect((await send(grant, proof)).body.error).toBe('invalid_grant');
    });

    test('a refresh token of a public client is bound to the key', async () => {
        await start();
        const { token: url } = provider.endpoints;
        const client = { client_id: clients.dpopPublic.id };
        const { body } = await postProven(key, url, { ...passwordGrant(), ...client });
        expect(body.token_type).toBe('DPoP');
        const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '', ...client };
        expect((await postProven(await createTestKey('ES256'), url, refresh)).body.error).toBe('invalid_grant');
        expect((await postProven(key, url, refresh)).body.token_type).toBe('DPoP');
    });

    test('every grant can be bound, to keys of all kinds, by the package dpop as well', async () => {
        await start({ deviceInterval: 1 });
        const { token: url, deviceAuthorization } = provider.endpoints;
        const jwt = await postProven(key, url, { ...grant, resource: resources.reports.identifier });
        expect(await find(jwt.body.access_token)).toMatchObject({ format: 'jwt', jkt: expect.any(String) as string });

        const device = (await post(deviceAuthorization, { client_id: clients.public.id })).body;
        const poll = {
            grant_type: grantTypes.deviceCode,
            device_code: device.device_code ?? '',
            client_id: clients.public.id,
        };
        const pending = await postProven(key, url, poll);
        expect(pending.body.error).toBe('authorization_pending');

        for (const each of Object.values(await testKeys())) {
            expect((await postProven(each, url, { ...passwordGrant(), ...asPost })).body.token_type).toBe('DPoP');
        }
        const pair = await generateKeyPair('ES256');
        const asked = await send(grant, await generateProof(pair, url, 'POST'));
        const nonce = asked.headers.get('dpop-nonce') ?? '';
        expect((await send(grant, await generateProof(pair, url, 'POST', nonce))).status).toBe(200);
    });

    test('a demand for a nonce uses up the assertion of a client, and not that of a grant', async () => {
        await start();
        const { token: url } = provider.endpoints;
        const { id } = clients.privateKeyJwt.ES256;
        const asClient = await clientAssertion(id, (await testKeys()).ES256, provider.issuer);
        const again = await postProven(key, url, { grant_type: 'client_credentials', ...asClient });
        expect([again.status, again.body.error]).toEqual([401, 'invalid_client']);
        const assertion = await userAssertion(provider.issuer);
        const granted = await postProven(key, url, { grant_type: grantTypes.jwtBearer, assertion, ...asPost });
        expect([granted.status, granted.body.token_type]).toEqual([200, 'DPoP']);
        expect(provider.requests.map(({ status }) => status)).toEqual([400, 401, 400, 200]);
    });

    test('a server without it', async () => {
        await start({ dpop: false });
        const { token: url, openidConfiguration } = provider.endpoints;
        const document = (await (await fetch(openidConfiguration)).json()) as unknown;
        expect(document).not.toHaveProperty('dpop_signing_alg_values_supported');
        const fields = { grant_type: 'client_credentials', ...asPost };
        expect((await send(fields, await dpopProof(key, url))).body.token_type).toBe('Bearer');
    });
});

const as = ({ id }: { id: string }) => ({ grant_type: 'client_credentials', client_id: id });

describe('mutual TLS', () => {
    const { ca, tls, tlsBound, selfSigned, stranger, rogue } = testCertificates();

    beforeEach(() => start({ mtls: true, basePath: '/tenant' }));

    const ask = async (fields: Record<string, string>, certificate?: Certificate) => {
        const agent = new Agent({ ca: ca.cert, ...certificate });
        const { status, data } = await axios.post<Record<string, string>>(
            provider.mtls?.token_endpoint ?? '',
            new URLSearchParams(fields),
            { httpsAgent: agent, validateStatus: () => true },
        );
        agent.destroy();
        return { status, data };
    };

    test('its endpoints are in the metadata', async () => {
        const document = (await (await fetch(provider.endpoints.oauthMetadata)).json()) as unknown;
        const { ca: _, ...aliases } = provider.mtls ?? { ca: '' };
        expect(document).toMatchObject({
            mtls_endpoint_aliases: aliases,
            tls_client_certificate_bound_access_tokens: true,
        });
        expect(provider.mtls?.token_endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/tenant\/oauth2\/token$/);
        expect(provider.mtls?.token_endpoint).not.toContain(new URL(provider.issuer).port);
    });

    test('tls_client_auth', async () => {
        expect((await ask(as(clients.tls), tls)).status).toBe(200);
        expect((await ask(as(clients.tls), stranger)).data['error']).toBe('invalid_client');
        expect((await ask(as(clients.tls), selfSigned)).data['error']).toBe('invalid_client');
        expect((await post(provider.endpoints.token, as(clients.tls))).status).toBe(401);
        expect(provider.requests.map(({ isSecure }) => isSecure)).toEqual([true, true, true, false]);
    });

    test('self_signed_tls_client_auth', async () => {
        expect((await ask(as(clients.selfSigned), selfSigned)).status).toBe(200);
        expect((await ask(as(clients.selfSigned), tls)).data['error']).toBe('invalid_client');
    });

    test('without a certificate, or with one of another authority, there is no connection', async () => {
        await expect(ask(as(clients.tls))).rejects.toThrow(/certificate required|ECONNRESET|EPIPE|socket/);
        await expect(ask(as(clients.tls), rogue)).rejects.toThrow(/alert|ECONNRESET|EPIPE|socket/);
        expect(provider.requests).toHaveLength(0);
    });

    test('tokens that are bound to the certificate', async () => {
        const { data } = await ask(as(clients.tlsBound), tlsBound);
        expect((await find(data['access_token']))?.x5t).toMatch(/^[\w-]{43}$/);
        const about = await post(
            provider.endpoints.introspection,
            { token: data['access_token'] ?? '' },
            basic(clients.basic),
        );
        expect(about.body).toMatchObject({ cnf: { 'x5t#S256': expect.any(String) as string } });
        expect((await ask(as(clients.tlsBound), tls)).data['error']).toBe('invalid_client');

        const granted = await ask({ ...passwordGrant(), client_id: clients.tlsBound.id }, tlsBound);
        const refresh = { grant_type: 'refresh_token', refresh_token: granted.data['refresh_token'] ?? '' };
        expect((await ask({ ...refresh, client_id: clients.tlsBound.id }, tlsBound)).status).toBe(200);
    });

    test('it stops and comes back on the same port', async () => {
        await provider.stop();
        await expect(ask(as(clients.tls), tls)).rejects.toThrow('ECONNREFUSED');
        await provider.restart();
        expect((await ask(as(clients.tls), tls)).status).toBe(200);
    });
});
