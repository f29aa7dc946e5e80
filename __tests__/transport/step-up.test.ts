import axios from 'axios';
import { attachTokenCreator, parseChallenges, type AuthorizationScheme } from '../../src/index.js';
import { createPurposefulIssuer } from '../support/purposes.js';
import { adapters, failureOf, ok, sendJson, until, useServers } from '../support/servers.js';
import { arrange as arrangeApi, AZURE, bearer, GOLD, METADATA, type Arrangement } from '../support/step-up-api.js';

const serve = useServers();
const arrange = (adapter: string, options?: Arrangement) => arrangeApi(serve, adapter, options);

describe.each(adapters)('a step-up (RFC 9470), over %s', (adapter) => {
    it.each([
        ['acr_values and max_age', GOLD],
        ["Azure's claims", AZURE],
    ])('the challenge reaches the creator whole, resource_metadata (RFC 9728) in it: %s', async (_name, challenge) => {
        const { client, issuer, tokensAt } = await arrange(adapter, { challenge });

        const { status, data } = await client.get<unknown>('/gold');

        expect([status, data]).toEqual([200, { ok: true }]);
        expect(tokensAt('/gold')).toEqual(bearer(1, 2));
        const [parsed] = parseChallenges(challenge);
        expect(parsed?.parameters['resource_metadata']).toBe(METADATA);
        expect(issuer.contexts[1]).toMatchObject({ reason: 'missing', challenges: [parsed] });
        expect(issuer.contexts[1]?.parameters).toEqual({ challenge: parsed });
    });

    it('the ordinary token stays and goes on serving the others, while the stronger one is created and after', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        await client.get('/before');
        issuer.delay = 50;
        const stepping = client.get('/gold');
        await until(() => issuer.created === 2);

        await client.get('/meanwhile');
        await stepping;
        await client.get('/after');

        expect(['/before', '/meanwhile', '/gold', '/after'].map(tokensAt)).toEqual([
            bearer(1),
            bearer(1),
            bearer(1, 2),
            bearer(1),
        ]);
        expect(issuer.created).toBe(2);
    });

    it('the next request to that resource uses the stronger token again, and the creator is not called', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        await client.get('/gold');

        await client.get('/gold');
        await client.post('/gold', { a: 1 });

        expect(issuer.created).toBe(2);
        expect(tokensAt('/gold')).toEqual(bearer(1, 2, 1, 2, 1, 2));
    });

    it('a stronger token that is too old by now is renewed', async () => {
        const { client, issuer, tooOld, tokensAt } = await arrange(adapter);
        await client.get('/gold');
        tooOld.add('Bearer token-2');

        expect((await client.get('/gold')).status).toBe(200);

        expect(tokensAt('/gold')).toEqual(bearer(1, 2, 1, 2, 3));
        expect(issuer.contexts[2]).toMatchObject({
            reason: 'rejected',
            previous: { access_token: 'token-2' },
            challenges: parseChallenges(GOLD),
        });
    });

    it('100 requests that meet the challenge together cost one creation, and none is lost', async () => {
        const { client, issuer, server } = await arrange(adapter);
        await client.get('/first');
        issuer.delay = 50;

        const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => client.get(`/gold/${index}`)));

        expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
        expect(issuer.created).toBe(2);
        expect(server.received).toHaveLength(1 + 200);
    });

    it('100 requests whose stronger token is too old cost one creation, and none is lost', async () => {
        const { client, issuer, tooOld } = await arrange(adapter);
        await client.get('/gold');
        tooOld.add('Bearer token-2');
        issuer.delay = 50;

        const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => client.get(`/gold/${index}`)));

        expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
        expect(issuer.created).toBe(3);
    });

    it('an ordinary token that was revoked is renewed on the way to a step-up', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        await client.get('/first');
        issuer.revoke();

        expect((await client.get('/gold')).status).toBe(200);

        expect(tokensAt('/gold')).toEqual(bearer(1, 2, 3));
    });

    it('a stronger token that was revoked is renewed, for the same challenge', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        await client.get('/gold');
        issuer.revoke();

        expect((await client.get('/gold')).status).toBe(200);

        // The ordinary one renewed, not strong enough; the stronger one refused, and renewed.
        expect(tokensAt('/gold').slice(2)).toEqual(bearer(1, 3, 2, 4));
        expect(issuer.parametersOf('Bearer token-4')).toEqual({ challenge: parseChallenges(GOLD)[0] });
        expect(issuer.contexts[3]?.challenges).toContainEqual(parseChallenges(GOLD)[0]);
    });

    it('asked for up front, the stronger token goes at once', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        const [challenge] = parseChallenges(GOLD);

        await client.get('/gold', { tokenCreator: { challenge } });
        await client.get('/gold', { tokenCreator: { challenge } });

        expect(tokensAt('/gold')).toEqual(bearer(1, 1));
        expect(issuer.contexts).toMatchObject([{ reason: 'missing', challenges: [challenge] }]);
    });

    it('keeps to the parameters of the request', async () => {
        const { client, issuer } = await arrange(adapter);

        await client.get('/gold', { tokenCreator: { key: 'a', scope: 'read' } });
        await client.get('/gold', { tokenCreator: { key: 'b' } });

        const [challenge] = parseChallenges(GOLD);
        expect(issuer.contexts.map(({ parameters }) => parameters)).toEqual([
            { key: 'a', scope: 'read' },
            { key: 'a', scope: 'read', challenge },
            { key: 'b' },
            { key: 'b', challenge },
        ]);
    });

    it('the events tell of it, and of which token they speak', async () => {
        const { client, events } = await arrange(adapter);
        const [challenge] = parseChallenges(GOLD);

        await client.get('/gold');

        expect(events.map((event) => [event.type, 'parameters' in event ? event.parameters : undefined])).toEqual([
            ['creating', undefined],
            ['created', undefined],
            ['rejected', undefined],
            ['creating', { challenge }],
            ['created', { challenge }],
            ['replayed', undefined],
        ]);
        expect(events.at(-1)).toMatchObject({ status: 200, recovered: true });
    });

    it('the config of the answer, sent again, starts from the ordinary token', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter);
        const { config } = await client.get('/gold');
        expect(config.tokenCreator).toBeUndefined();

        await client.request(config);

        expect(tokensAt('/gold')).toEqual(bearer(1, 2, 1, 2));
        expect(issuer.created).toBe(2);
    });
});

it('an isRejected of the user decides: a 403 with such a challenge steps up where it says so', async () => {
    const issuer = createPurposefulIssuer();
    const server = await serve((exchange) => {
        if (issuer.parametersOf(exchange.received.headers.authorization)?.challenge) return ok(exchange);
        exchange.response.setHeader('www-authenticate', GOLD);
        return sendJson(exchange, 403, {});
    });
    const client = axios.create({ baseURL: server.url });
    const plain = attachTokenCreator(client, issuer.creator);
    expect((await failureOf(client.get('/gold'))).response?.status).toBe(403);
    plain.detach();
    attachTokenCreator(client, issuer.creator, { isRejected: ({ status }) => status === 403 });

    expect((await client.get('/gold')).status).toBe(200);
});

it('a scheme of its own makes no difference: a token of DPoP steps up as one of Bearer does', async () => {
    const scheme: AuthorizationScheme = { type: 'DPoP', adapter: (send) => send };
    const contexts: unknown[] = [];
    const challenge = GOLD.replace('Bearer', 'DPoP');
    const server = await serve((exchange) => {
        if (exchange.received.headers.authorization === 'DPoP token-2') return ok(exchange);
        exchange.response.setHeader('www-authenticate', challenge);
        return sendJson(exchange, 401, {});
    });
    const client = axios.create({ baseURL: server.url });
    attachTokenCreator(
        client,
        async (context) => ({ access_token: `token-${contexts.push(context?.challenges)}`, token_type: 'DPoP' }),
        { scheme },
    );

    await client.get('/gold');
    await client.get('/gold');

    expect(contexts).toEqual([undefined, parseChallenges(challenge)]);
    expect(server.authorizations).toEqual(['DPoP token-1', 'DPoP token-2', 'DPoP token-1', 'DPoP token-2']);
});
