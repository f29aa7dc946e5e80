import { Readable } from 'node:stream';
import axios from 'axios';
import { attachTokenCreator, parseChallenges, type Clock, type TokenCreator } from '../../src/index.js';
import { createPurposefulIssuer, type PurposefulIssuer } from '../support/purposes.js';
import { adapters, failureOf, ok, until, useServers } from '../support/servers.js';
import { arrange as arrangeApi, bearer, GOLD, refuseAs, type Arrangement } from '../support/step-up-api.js';

const serve = useServers();
const arrange = (adapter: string, options?: Arrangement) => arrangeApi(serve, adapter, options);

/** A clock that stands still: no budget comes back by itself. */
const stillClock: Clock = { now: () => 1_000_000, monotonic: () => 1_000_000 };

const stepUpFails =
    (error: Error) =>
    (issuer: PurposefulIssuer): TokenCreator =>
    async (context) => {
        if (context?.parameters?.challenge) throw error;
        return issuer.creator(context);
    };

/** Knows nothing of challenges: it creates the same kind of token whatever is asked. */
const stepUpUnknown =
    (issuer: PurposefulIssuer): TokenCreator =>
    async (context) =>
        issuer.creator(context && { ...context, parameters: undefined });

describe.each(adapters)('a creator that cannot step up, over %s', (adapter) => {
    it('its error is the error of the request, and the ordinary token still serves', async () => {
        const error = new Error('this needs a person');
        const { client, issuer, tokensAt } = await arrange(adapter, { creator: stepUpFails(error) });

        expect(await failureOf(client.get('/gold'))).toBe(error);
        await client.get('/other');

        expect([tokensAt('/gold'), tokensAt('/other')]).toEqual([bearer(1), bearer(1)]);
        expect(issuer.created).toBe(1);
    });

    it('one that gives an ordinary token: the second 401 is the answer, no loop', async () => {
        const { client, issuer, tokensAt } = await arrange(adapter, { creator: stepUpUnknown });

        const error = await failureOf(client.get('/gold'));

        expect(error.response).toMatchObject({ status: 401, data: { error: 'stronger, please' } });
        expect(tokensAt('/gold')).toEqual(bearer(1, 2));
        expect(issuer.created).toBe(2);
    });

    it('one that gives an ordinary token again and again costs the budget of ten creations, then none', async () => {
        const { client, issuer } = await arrange(adapter, { creator: stepUpUnknown, clock: stillClock });

        for (let round = 0; round < 30; round += 1) {
            expect((await failureOf(client.get('/gold'))).response?.status).toBe(401);
        }

        // The ordinary one, the stronger one, and its ten.
        expect(issuer.created).toBe(12);
        expect((await client.get('/other')).status).toBe(200);
    });
});

describe.each(adapters)('a hostile resource server, over %s', (adapter) => {
    async function arrangeHostile(recovers: boolean) {
        const issuer = createPurposefulIssuer();
        let asked = 0;
        const server = await serve((exchange) => {
            const parameters = issuer.parametersOf(exchange.received.headers.authorization);
            if (exchange.received.url === '/fair' || (recovers && parameters?.challenge)) return ok(exchange);
            asked += 1;
            return refuseAs(`Bearer error="insufficient_user_authentication", acr_values="${asked}"`)(exchange);
        });
        const client = axios.create({ baseURL: server.url, adapter });
        const { source } = attachTokenCreator(client, issuer.creator, { clock: stillClock, maxTokens: 5 });
        return { issuer, server, client, source };
    }

    it('one that makes up a new challenge each time is bounded by the budget, and its 401 is the answer', async () => {
        const { client, issuer, server } = await arrangeHostile(false);

        for (let round = 0; round < 30; round += 1) {
            expect((await failureOf(client.get('/hostile'))).response?.status).toBe(401);
        }

        expect(issuer.created).toBeLessThanOrEqual(11);
        expect(server.received.length).toBeLessThanOrEqual(40);
    });

    it('one that makes up a new challenge each time is bounded when it is asked all at once', async () => {
        const { client, issuer } = await arrangeHostile(false);

        const failures = await Promise.all(Array.from({ length: 100 }, () => failureOf(client.get('/hostile'))));

        expect(failures.map(({ response }) => response?.status)).toEqual(Array(100).fill(401));
        expect(issuer.created).toBeLessThanOrEqual(11);
    });

    it('costs one creation for each request at most, and the ordinary token stays, even where it then says yes', async () => {
        const { client, issuer, source } = await arrangeHostile(true);
        const ordinary = await source.getToken();

        for (let round = 0; round < 20; round += 1) expect((await client.get('/hostile')).status).toBe(200);

        expect(issuer.created).toBe(21);
        expect(source.current()).toBe(ordinary);
    });
});

describe('a request that cannot be sent again', () => {
    it('gets the 401 as its answer, and the ordinary token stays', async () => {
        const { client, issuer, tokensAt } = await arrange('http');

        const error = await failureOf(client.post('/gold', Readable.from(['once'])));
        await client.get('/other');

        expect(error.response?.status).toBe(401);
        expect([tokensAt('/gold'), tokensAt('/other')]).toEqual([bearer(1), bearer(1)]);
        expect(issuer.created).toBe(1);
    });

    it('takes nothing from the budget: nothing is created for it', async () => {
        const { client, issuer, events } = await arrange('http', { clock: stillClock });
        for (let round = 0; round < 20; round += 1) await failureOf(client.post('/gold', Readable.from(['once'])));
        issuer.revoke();

        expect((await client.get('/other')).status).toBe(200);

        expect(issuer.created).toBe(2);
        expect(events.at(-1)).toMatchObject({ type: 'replayed', recovered: true });
    });

    it('goes through with a step-up asked for up front', async () => {
        const { client, server } = await arrange('http');
        const [challenge] = parseChallenges(GOLD);

        const { status } = await client.post('/gold', Readable.from(['once']), { tokenCreator: { challenge } });

        expect(status).toBe(200);
        expect(String(server.received[0]?.body)).toBe('once');
    });
});

describe.each(adapters)('while the stronger token is created, over %s', (adapter) => {
    it('a timeout of the request covers it', async () => {
        const { client, issuer } = await arrange(adapter);
        await client.get('/first');
        issuer.delay = 300;

        const error = await failureOf(client.get('/gold', { timeout: 100 }));

        expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 100ms exceeded' });
    });

    it('who aborts leaves, and those who stay get it', async () => {
        const { client, issuer } = await arrange(adapter);
        await client.get('/first');
        issuer.delay = 100;
        const abort = new AbortController();
        const leaving = client.get('/gold/leaving', { signal: abort.signal });
        const staying = client.get('/gold/staying');
        await until(() => issuer.created === 2);

        abort.abort();

        expect(axios.isCancel(await failureOf(leaving))).toBe(true);
        expect((await staying).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it('a log out ends it, and nobody is logged in again', async () => {
        const { client, issuer, attachment } = await arrange(adapter);
        await client.get('/first');
        issuer.delay = 100;
        const stepping = failureOf(client.get('/gold'));
        await until(() => issuer.created === 2);

        attachment.source.clear();

        expect(await stepping).toMatchObject({ code: 'cleared' });
        expect(issuer.contexts[1]?.signal.aborted).toBe(true);
    });

    it('a detach lets it finish', async () => {
        const { client, issuer, attachment } = await arrange(adapter);
        await client.get('/first');
        issuer.delay = 100;
        const stepping = client.get('/gold');
        await until(() => issuer.created === 2);

        attachment.detach();

        expect((await stepping).status).toBe(200);
    });
});
