import axios from 'axios';
import { generateKeyPair } from 'dpop';
import { attachTokenCreator } from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { athOf, boundBy, createBoundClient, createBoundIssuer, proofOf, proofsOf } from '../support/proofs.js';
import { adapters, failureOf, ok, useServers } from '../support/servers.js';

const serve = useServers();

const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe.each(adapters)('over %s', (adapter) => {
    async function arrange() {
        const server = await serve(ok);
        return { server, ...createBoundClient({ baseURL: server.url, adapter }) };
    }

    it('a request carries its token as DPoP, and one proof of the type dpop+jwt, signed by the public key in it', async () => {
        const { server, client } = await arrange();

        await client.get('/me');

        const { header, claims } = await proofOf(server.received[0]!);
        expect(server.authorizations).toEqual(['DPoP token-1']);
        expect(header).toEqual({ alg: 'ES256', typ: 'dpop+jwt', jwk: expect.any(Object) as object });
        expect(Object.keys(header.jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
        expect(Object.keys(claims).sort()).toEqual(['ath', 'htm', 'htu', 'iat', 'jti']);
    });

    it('a proof names the method, the URL and the hash of the token, and the time', async () => {
        const { server, client } = await arrange();
        const before = Math.floor(Date.now() / 1_000);

        await client.post('/orders', { item: 1 });

        const { claims } = await proofOf(server.received[0]!);
        expect(claims).toMatchObject({ htm: 'POST', htu: `${server.url}/orders`, ath: athOf('token-1') });
        expect(claims.iat).toBeGreaterThanOrEqual(before);
        expect(claims.iat).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
    });

    it.each(['get', 'HEAD', 'post', 'Put', 'patch', 'DELETE', 'options', 'query'])(
        'htm is the method as it is sent, of %s',
        async (method) => {
            const { server, client } = await arrange();

            await client.request({ url: '/', method });

            const [received] = server.received;
            expect((await proofOf(received!)).claims.htm).toBe(received?.method);
        },
    );

    it('no two requests have the same proof, all have the same key', async () => {
        const { server, client } = await arrange();

        await Promise.all(Array.from({ length: 50 }, () => client.get('/me')));

        const proofs = await proofsOf(server.received);
        expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(50);
        expect(new Set(proofs.map(({ thumbprint }) => thumbprint)).size).toBe(1);
        for (const { claims } of proofs) expect(claims.jti).toMatch(uuid);
    });

    it('a request that is sent again with another token has another proof, for that token', async () => {
        const issuer = createBoundIssuer();
        const server = await serve(boundBy(issuer));
        const { client } = createBoundClient({ baseURL: server.url, adapter }, {}, issuer);
        await client.get('/me');
        issuer.revoke();

        expect((await client.get('/me')).status).toBe(200);

        const proofs = await proofsOf(server.received);
        expect(server.authorizations).toEqual(['DPoP token-1', 'DPoP token-1', 'DPoP token-2']);
        expect(proofs.map(({ claims }) => claims.ath)).toEqual(['token-1', 'token-1', 'token-2'].map(athOf));
        expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(3);
    });

    it('ath is the hash of the token in ASCII, whatever characters it has', async () => {
        const server = await serve(ok);
        const token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO+/!*'();==";
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, async () => ({ access_token: token, token_type: 'DPoP' }), { scheme: dpop() });

        await client.get('/me');

        expect(server.authorizations).toEqual([`DPoP ${token}`]);
        expect((await proofOf(server.received[0]!)).claims.ath).toBe(athOf(token));
    });

    it.each(['dpop', 'DPoP', 'DPOP'])(
        "a header %s of the caller's own is replaced: there is one proof",
        async (name) => {
            const { server, client } = await arrange();

            await client.get('/me', { headers: { [name]: 'not.a.proof' } });

            expect((await proofOf(server.received[0]!)).claims.htu).toBe(`${server.url}/me`);
        },
    );

    it('a request that gets no token gets no proof either', async () => {
        const { server, client } = await arrange();
        const elsewhere = await serve(ok);

        await client.get('/public', { tokenCreator: false });
        await client.get('/own', { headers: { Authorization: 'Basic abc' } });
        await client.get(`${elsewhere.url}/there`);

        const received = [...server.received, ...elsewhere.received];
        expect(received.map(({ headers }) => headers['dpop'])).toEqual([undefined, undefined, undefined]);
    });
});

describe('the key', () => {
    it.each(['ES256', 'RS256', 'PS256', 'Ed25519'] as const)('may be for %s, which the proof names', async (alg) => {
        const server = await serve(ok);
        const { client } = createBoundClient({ baseURL: server.url }, { keyPair: await generateKeyPair(alg) });

        await client.get('/me');

        const { header } = await proofOf(server.received[0]!);
        expect(header.alg).toBe(alg);
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(header.jwk).not.toHaveProperty(secret);
    });

    it('is generated once, when it is first needed, and cannot be exported', async () => {
        const generate = jest.spyOn(crypto.subtle, 'generateKey');
        try {
            const server = await serve(ok);
            const { client } = createBoundClient({ baseURL: server.url });
            expect(generate).not.toHaveBeenCalled();

            await Promise.all([1, 2, 3, 4, 5].map((id) => client.get(`/${id}`)));

            expect(generate).toHaveBeenCalledTimes(1);
            const keyPair: unknown = await generate.mock.results[0]?.value;
            const { privateKey } = keyPair as CryptoKeyPair;
            expect(privateKey.extractable).toBe(false);
            await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow('not extractable');
        } finally {
            generate.mockRestore();
        }
    });

    it('is generated by a later request where it failed once; nothing is sent meanwhile', async () => {
        const generate = jest.spyOn(crypto.subtle, 'generateKey').mockRejectedValueOnce(new Error('no entropy'));
        try {
            const server = await serve(ok);
            const { client } = createBoundClient({ baseURL: server.url });

            expect((await failureOf(client.get('/me'))).message).toBe('no entropy');
            expect(server.received).toHaveLength(0);

            expect((await client.get('/me')).status).toBe(200);
            expect(generate).toHaveBeenCalledTimes(2);
        } finally {
            generate.mockRestore();
        }
    });

    it('is its own for each scheme, unless it is given', async () => {
        const server = await serve(ok);
        const keyPair = await generateKeyPair('ES256');
        const clients = [undefined, undefined, { keyPair }, { keyPair }].map((options) =>
            createBoundClient({ baseURL: server.url }, options),
        );

        for (const { client } of clients) await client.get('/me');

        const [first, second, third, fourth] = (await proofsOf(server.received)).map(({ thumbprint }) => thumbprint);
        expect(first).not.toBe(second);
        expect(third).toBe(fourth);
    });
});
