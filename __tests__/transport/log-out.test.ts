import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, TokenError, type TokenAttachment } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    protectedBy,
    refuse,
    until,
    useServers,
    wait,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
    /** Lets the answers go that are held back. */
    answer: () => void;
}

/** Answers to `/held` are held back; the token that counts is the one that came with the request. */
async function arrange(adapter: string, routeOfHeld: Route = refuse): Promise<Scene> {
    const issuer = createIssuer();
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const server = await serve(async (exchange) => {
        if (exchange.received.url !== '/held') return protectedBy(issuer)(exchange);
        await held;
        await routeOfHeld(exchange);
    });
    const client = axios.create({ baseURL: server.url, adapter });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator), answer };
}

describe.each(adapters)('after clear(), over %s', (adapter) => {
    it('a straggling 401 is returned as it is, and logs nobody in again', async () => {
        const { client, server, issuer, attachment, answer } = await arrange(adapter);
        await client.get('/first');
        const failure = failureOf(client.get('/held'));
        await until(() => server.received.length === 2);

        attachment.source.clear();
        answer();
        const error = await failure;
        await wait(20);

        expect(error.response).toMatchObject({ status: 401, data: { error: 'invalid_token' } });
        expect(issuer.created).toBe(1);
        expect(server.received).toHaveLength(2);
        expect(attachment.source.current()).toBeUndefined();
    });

    it('a straggling 401 of the old token does not cost the new one', async () => {
        const { client, server, issuer, attachment, answer } = await arrange(adapter);
        await client.get('/first');
        const failure = failureOf(client.get('/held'));
        await until(() => server.received.length === 2);

        attachment.source.clear();
        await client.get('/logged-in-again');
        answer();

        expect((await failure).response?.status).toBe(401);
        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
        expect(server.authorizations.slice(2)).toEqual(['Bearer token-2', 'Bearer token-2']);
    });

    it('requests that wait for the first token end with TokenError cleared, and are not sent', async () => {
        const { client, server, issuer, attachment } = await arrange(adapter);
        const release = issuer.hold();
        const failures = [failureOf(client.get('/1')), failureOf(client.get('/2'))];
        await until(() => issuer.created === 1);

        attachment.source.clear();
        release();
        const errors = await Promise.all(failures);

        for (const error of errors) {
            expect(error).toBeInstanceOf(TokenError);
            expect(error).toMatchObject({ code: 'cleared' });
        }
        await wait(20);
        expect(server.received).toEqual([]);
        expect(attachment.source.current()).toBeUndefined();
    });

    it('requests that wait for a renewal end with TokenError cleared, and are not sent again', async () => {
        const { client, server, issuer, attachment } = await arrange(adapter);
        await client.get('/first');
        issuer.revoke();
        const release = issuer.hold();
        const failure = failureOf(client.get('/me'));
        await until(() => issuer.created === 2);

        attachment.source.clear();
        release();

        expect(await failure).toMatchObject({ name: 'TokenError', code: 'cleared' });
        await wait(20);
        expect(server.received).toHaveLength(2);
    });

    it('a request that was sent gets its answer', async () => {
        const { client, server, attachment, answer } = await arrange(adapter, ({ response }) => {
            response.end('late');
        });
        const request = client.get('/held');
        await until(() => server.received.length === 1);

        attachment.source.clear();
        answer();

        expect((await request).data).toBe('late');
    });

    it('the next request logs in anew', async () => {
        const { client, issuer, attachment } = await arrange(adapter);
        await client.get('/1');

        attachment.source.clear();
        await client.get('/2');

        expect(issuer.contexts.map((context) => [context?.reason, context?.previous])).toEqual([
            ['missing', undefined],
            ['missing', undefined],
        ]);
    });
});

it('a log-out by the first of those who wait for one token ends the others, be it in the very tick in which that came', async () => {
    const sent: unknown[] = [];
    const client = axios.create({
        baseURL: 'http://api.invalid',
        adapter: async (config) => {
            sent.push(config.headers['Authorization']);
            return { status: 200, statusText: '', headers: {}, config, data: '' };
        },
    });
    const { source } = attachTokenCreator(client, createIssuer().creator);
    const first = source.getToken().then(() => source.clear());

    const failures = await Promise.all([failureOf(client.get('/1')), failureOf(client.get('/2'))]);
    await first;

    for (const error of failures) {
        expect(error).toMatchObject({ name: 'TokenError', code: 'cleared', message: 'the token source was cleared' });
    }
    expect(sent).toEqual([]);
});
