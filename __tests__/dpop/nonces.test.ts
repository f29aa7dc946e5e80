import { AxiosHeaders } from 'axios';
import {
    athOf,
    boundBy,
    createBoundClient,
    createBoundIssuer,
    demandNonce,
    giveNonce,
    proofOf,
    proofsOf,
    verifyProof,
    wantsNonce,
    type Proof,
} from '../support/proofs.js';
import { adapters, failureOf, ok, sendJson, useServers, type Route, type TestServer } from '../support/servers.js';

const serve = useServers();

const noncesOf = async ({ received }: TestServer) => (await proofsOf(received)).map(({ claims }) => claims.nonce);

/** Answers with another nonce each time: `nonce-1`, `nonce-2` and so on. */
function giving(status = 200): Route {
    let given = 0;
    return (exchange) => {
        given += 1;
        giveNonce(`nonce-${given}`, status)(exchange);
    };
}

describe.each(adapters)('over %s', (adapter) => {
    async function arrange(route: Route) {
        const server = await serve(route);
        return { server, ...createBoundClient({ baseURL: server.url, adapter }) };
    }

    describe('a nonce is learnt from any answer and used from then on', () => {
        it('from a success', async () => {
            const { server, client } = await arrange(giving());

            for (let round = 0; round < 3; round += 1) await client.get('/me');

            expect(await noncesOf(server)).toEqual([undefined, 'nonce-1', 'nonce-2']);
        });

        it.each([400, 403, 404, 429, 500])('from an error %d', async (status) => {
            const { server, client } = await arrange(giving(status));

            expect((await failureOf(client.get('/me'))).response?.status).toBe(status);
            await failureOf(client.get('/me'));

            expect(await noncesOf(server)).toEqual([undefined, 'nonce-1']);
        });

        it('from an error that validateStatus lets pass, and from a stream', async () => {
            const { server, client } = await arrange(giving(500));

            await client.get('/me', { validateStatus: () => true });
            await client.get('/me', { validateStatus: null, responseType: 'stream' });
            await client.get('/me', { validateStatus: null });

            expect(await noncesOf(server)).toEqual([undefined, 'nonce-1', 'nonce-2']);
        });

        it('and kept when an answer brings none', async () => {
            let answers = 0;
            const { server, client } = await arrange((exchange) => {
                answers += 1;
                if (answers === 1) exchange.response.setHeader('dpop-nonce', 'first');
                return ok(exchange);
            });

            for (let round = 0; round < 3; round += 1) await client.get('/me');

            expect(await noncesOf(server)).toEqual([undefined, 'first', 'first']);
        });
    });

    describe('a request that is refused for want of a nonce', () => {
        it('is sent once more, whole, with the nonce and another proof', async () => {
            const { server, client, issuer } = await arrange(wantsNonce(() => 'n1'));

            const { status } = await client.post('/orders?x=1', { item: 1 }, { headers: { 'X-Own': 'yes' } });

            expect(status).toBe(200);
            expect(await noncesOf(server)).toEqual([undefined, 'n1']);
            const [first, second] = server.received;
            expect([second?.method, second?.url, String(second?.body)]).toEqual(['POST', '/orders?x=1', '{"item":1}']);
            expect(second?.headers['x-own']).toBe('yes');
            const proofs = await Promise.all([proofOf(first!), proofOf(second!)]);
            expect(proofs[0].claims.jti).not.toBe(proofs[1].claims.jti);
            expect(proofs[1].claims).toMatchObject({ htm: 'POST', htu: `${server.url}/orders`, ath: athOf('token-1') });
            expect(server.authorizations).toEqual(['DPoP token-1', 'DPoP token-1']);
            expect(issuer.created).toBe(1);
        });

        it('is sent once more, whatever validateStatus lets pass, and whichever challenges are beside', async () => {
            const { server, client } = await arrange(async (exchange) => {
                exchange.response.setHeader('www-authenticate', ['Bearer realm="a, DPoP"', 'Basic realm="b"']);
                const { claims } = await proofOf(exchange.received);
                if (claims.nonce) return ok(exchange);
                exchange.response.appendHeader('www-authenticate', 'dpop algs="ES256", error="use_dpop_nonce"');
                exchange.response.setHeader('DPOP-NONCE', 'n1');
                sendJson(exchange, 401, {});
            });

            expect((await client.get('/me', { validateStatus: () => true })).status).toBe(200);

            expect(await noncesOf(server)).toEqual([undefined, 'n1']);
        });

        it('is sent once more after each nonce that has become stale', async () => {
            let nonce = 'n1';
            const { server, client, issuer } = await arrange(wantsNonce(() => nonce));
            await client.get('/me');
            nonce = 'n2';

            await client.get('/me');
            await client.get('/me');

            expect(await noncesOf(server)).toEqual([undefined, 'n1', 'n1', 'n2', 'n2']);
            expect(issuer.created).toBe(1);
        });

        it('is not sent a third time, whatever the server says; its token is not refused by that', async () => {
            let count = 0;
            const { server, client, issuer } = await arrange(demandNonce(() => `n${(count += 1)}`));

            const { response } = await failureOf(client.get('/me'));

            expect([response?.status, response?.data]).toEqual([401, { error: 'use_dpop_nonce' }]);
            expect(await noncesOf(server)).toEqual([undefined, 'n1']);
            expect(issuer.created).toBe(1);
        });

        it('is not sent again when the nonce that is asked for is the one it had', async () => {
            const { server, client, issuer } = await arrange(demandNonce(() => 'n1'));

            await failureOf(client.get('/me'));
            await failureOf(client.get('/me'));

            expect(await noncesOf(server)).toEqual([undefined, 'n1', 'n1']);
            expect(issuer.created).toBe(1);
        });

        it('is not sent again when no nonce is given', async () => {
            const { server, client, issuer } = await arrange((exchange) => {
                exchange.response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"');
                sendJson(exchange, 401, {});
            });

            await failureOf(client.get('/me'));

            expect(await noncesOf(server)).toEqual([undefined]);
            expect(issuer.created).toBe(1);
        });

        it.each([
            [400, 'DPoP error="use_dpop_nonce"'],
            [403, 'DPoP error="use_dpop_nonce"'],
            [401, 'Bearer error="use_dpop_nonce"'],
            [401, 'DPoP error_description="use_dpop_nonce"'],
        ])('is meant only by 401 and that challenge, not by %d %s', async (status, challenge) => {
            const { server, client } = await arrange((exchange) => {
                exchange.response.setHeader('www-authenticate', challenge);
                exchange.response.setHeader('dpop-nonce', 'n1');
                sendJson(exchange, status, {});
            });

            await failureOf(client.get('/me'));

            // A 401 of another kind is for the token: that is created anew, for one more sending.
            expect(await noncesOf(server)).toEqual(status === 401 ? [undefined, 'n1'] : [undefined]);
        });
    });

    it('a demand for a nonce and a refused token are healed within one request', async () => {
        const issuer = createBoundIssuer();
        let nonce = 'n1';
        const server = await serve(wantsNonce(() => nonce, boundBy(issuer)));
        const { client } = createBoundClient({ baseURL: server.url, adapter }, {}, issuer);
        await client.get('/me');
        issuer.revoke();
        nonce = 'n2';

        expect((await client.put('/me', 'body')).status).toBe(200);

        expect(await noncesOf(server)).toEqual([undefined, 'n1', 'n1', 'n2', 'n2']);
        expect(server.authorizations.slice(2)).toEqual(['DPoP token-1', 'DPoP token-1', 'DPoP token-2']);
        expect(String(server.received[4]?.body)).toBe('body');
    });

    it('a nonce goes to the origin that gave it, and to no other', async () => {
        const one = await serve(wantsNonce(() => 'of-one'));
        const other = await serve(wantsNonce(() => 'of-other'));
        const silent = await serve(ok);
        const { client } = createBoundClient({ adapter });

        for (const { url } of [one, other, silent, one, other, silent]) await client.get(url);

        expect(await noncesOf(one)).toEqual([undefined, 'of-one', 'of-one']);
        expect(await noncesOf(other)).toEqual([undefined, 'of-other', 'of-other']);
        expect(await noncesOf(silent)).toEqual([undefined, undefined]);
    });

    it('each of many requests that are refused at once takes the nonce of its own answer', async () => {
        const unused = new Set<string>();
        const { server, client, issuer } = await arrange(async (exchange) => {
            const { claims } = await proofOf(exchange.received);
            const isGood = unused.delete(claims.nonce ?? '');
            const next = crypto.randomUUID();
            unused.add(next);
            return (isGood ? giveNonce(next) : demandNonce(() => next))(exchange);
        });

        const answers = await Promise.all(Array.from({ length: 30 }, () => client.get('/me')));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(server.received).toHaveLength(60);
        expect(issuer.created).toBe(1);
        const ids = (await proofsOf(server.received)).map(({ claims }) => claims.jti);
        expect(new Set(ids).size).toBe(60);
    });
});

it('nonces are kept for a bounded number of origins; one that was forgotten is learnt again', async () => {
    const sent: Proof[] = [];
    const { client } = createBoundClient({
        adapter: async (config) => {
            sent.push(await verifyProof(String(config.headers.get('DPoP'))));
            const headers = new AxiosHeaders({ 'dpop-nonce': `of ${config.url}` });
            return { status: 200, statusText: 'OK', data: {}, headers, config };
        },
    });
    const urls = Array.from({ length: 150 }, (_, id) => `https://h${id}.invalid/`);

    for (const url of [...urls, urls[149]!, urls[0]!, urls[0]!]) await client.get(url);

    const last = sent.slice(150).map(({ claims }) => claims.nonce);
    expect(last).toEqual([`of ${urls[149]}`, undefined, `of ${urls[0]}`]);
});
