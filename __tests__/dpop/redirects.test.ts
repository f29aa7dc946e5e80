import { athOf, createBoundClient, demandNonce, proofOf, proofsOf, wantsNonce } from '../support/proofs.js';
import { failureOf, ok, sendJson, useServers, type Route, type TestServer } from '../support/servers.js';

const serve = useServers();

const redirectTo =
    (location: () => string, status = 302): Route =>
    ({ response }) =>
        void response.writeHead(status, { location: location() }).end();

const lines = ({ received }: TestServer) => received.map(({ method, url }) => `${method} ${url}`);

/** `/go` sends everybody on to wherever `target` says. */
async function arrange(target: () => string, there: Route = ok, status?: number) {
    const server = await serve((exchange) =>
        (exchange.received.url === '/go' ? redirectTo(target, status) : there)(exchange),
    );
    return { server, ...createBoundClient({ baseURL: server.url, adapter: 'http' }) };
}

describe('over http, a request goes on without token and proof, which are for another URL', () => {
    it.each([301, 302, 303, 307, 308])('within an origin, by %d', async (status) => {
        const { server, client } = await arrange(() => '/there', ok, status);

        expect((await client.get('/go')).status).toBe(200);

        const [first, second] = server.received;
        expect((await proofOf(first!)).claims).toMatchObject({ htu: `${server.url}/go`, ath: athOf('token-1') });
        expect(second?.url).toBe('/there');
        expect([second?.headers.authorization, second?.headers['dpop']]).toEqual([undefined, undefined]);
    });

    it('to another origin', async () => {
        const other = await serve(ok);
        const { client } = await arrange(() => `${other.url}/there`);

        await client.get('/go');

        const [received] = other.received;
        expect([received?.headers.authorization, received?.headers['dpop']]).toEqual([undefined, undefined]);
    });

    it("and the caller's own beforeRedirect runs", async () => {
        const { server, client } = await arrange(() => '/there');
        const seen: unknown[] = [];

        const { config } = await client.get('/go', {
            beforeRedirect: (options) => {
                const headers = options.headers as Record<string, string>;
                seen.push(
                    options.path,
                    Object.keys(headers).map((name) => name.toLowerCase()),
                );
                headers['x-own'] = 'yes';
            },
        });

        expect(seen).toEqual(['/there', expect.not.arrayContaining(['authorization', 'dpop'])]);
        expect(server.received[1]?.headers['x-own']).toBe('yes');
        expect(config.beforeRedirect).toBeDefined();
    });

    it('and a redirect that is not followed is the answer, whose nonce counts', async () => {
        const server = await serve((exchange) => {
            exchange.response.setHeader('dpop-nonce', 'n1');
            return redirectTo(() => '/there')(exchange);
        });
        const { client } = createBoundClient({ baseURL: server.url, maxRedirects: 0, validateStatus: null });

        expect((await client.get('/go')).status).toBe(302);
        await client.get('/go');

        expect((await proofsOf(server.received)).map(({ claims }) => claims.nonce)).toEqual([undefined, 'n1']);
    });
});

describe('over http, the answer to a redirected request', () => {
    it('is not taken for a demand of the first URL: what was done there is not done twice', async () => {
        const { server, client } = await arrange(
            () => '/orders/1',
            demandNonce(() => 'n1'),
            303,
        );

        const { response } = await failureOf(client.post('/go', { item: 1 }));

        expect(response?.status).toBe(401);
        expect(lines(server)).toEqual(['POST /go', 'GET /orders/1']);
    });

    it('brings no nonce for the origin that redirected, if it comes from another', async () => {
        const other = await serve((exchange) => {
            exchange.response.setHeader('dpop-nonce', 'of-other');
            sendJson(exchange, 200, {});
        });
        const { server, client } = await arrange(
            () => `${other.url}/there`,
            wantsNonce(() => 'of-first'),
        );

        await client.get('/me');
        await client.get('/go');
        await client.get('/me');

        const proven = server.received.filter(({ headers }) => headers['dpop']);
        const nonces = (await proofsOf(proven)).map(({ claims }) => claims.nonce);
        expect(nonces).toEqual([undefined, 'of-first', 'of-first', 'of-first']);
    });
});

describe('over fetch, which does not tell of redirects', () => {
    it('a request for another origin goes on without its token', async () => {
        const other = await serve(ok);
        const server = await serve(redirectTo(() => `${other.url}/there`));
        const { client } = createBoundClient({ baseURL: server.url, adapter: 'fetch' });

        expect((await client.get('/go')).status).toBe(200);

        expect(other.authorizations).toEqual([undefined]);
    });

    it('what was done by the first URL is not done twice, when the second refuses its proof', async () => {
        const server = await serve(async (exchange) => {
            const { method, url } = exchange.received;
            if (url === '/go') return redirectTo(() => '/orders/1', 303)(exchange);
            const { claims } = await proofOf(exchange.received);
            if (claims.htm === method && claims.htu.endsWith(url)) return ok(exchange);
            exchange.response.setHeader('www-authenticate', 'DPoP error="invalid_dpop_proof", algs="ES256"');
            sendJson(exchange, 401, {});
        });
        const { client, issuer } = createBoundClient({ baseURL: server.url, adapter: 'fetch' });

        expect((await failureOf(client.post('/go', { item: 1 }))).response?.status).toBe(401);

        expect(lines(server)).toEqual(['POST /go', 'GET /orders/1']);
        expect(issuer.created).toBe(1);
    });

    it('a redirect can be left to the caller', async () => {
        const server = await serve(redirectTo(() => '/there'));
        const { client } = createBoundClient({ baseURL: server.url, adapter: 'fetch' });

        const { response } = await failureOf(client.post('/go', {}, { fetchOptions: { redirect: 'manual' } }));

        expect(response?.status).toBe(302);
        expect(lines(server)).toEqual(['POST /go']);
    });
});
