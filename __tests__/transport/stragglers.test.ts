import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, type AttachOptions, type Clock, type TokenAttachment } from '../../src/index.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
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
}

async function arrange(adapter: string, route: (issuer: Issuer) => Route, options?: AttachOptions): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route(issuer));
    const client = axios.create({ baseURL: server.url, adapter });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator, options) };
}

/** A generator of the same numbers from 0 to 1 in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** A clock that stands still until it is moved: no budget comes back by itself. */
function stillClock(): Clock & { advance(milliseconds: number): void } {
    let time = 1_000_000;
    return { now: () => time, monotonic: () => time, advance: (milliseconds) => (time += milliseconds) };
}

const count = (scene: Scene, path: string) => scene.server.received.filter(({ url }) => url === path).length;

describe.each(adapters)('over %s', (adapter) => {
    it('stragglers cost no creation: 200 requests refused at random times, one creation per revocation', async () => {
        const random = randomNumbers(4711);
        // Judged on arrival, answered at any time: many refusals come when the new token has long been there.
        const scene = await arrange(adapter, (issuer) => async (exchange) => {
            const answer = issuer.isValid(exchange.received.headers.authorization) ? ok : refuse;
            await wait(random() * 300);
            await answer(exchange);
        });
        const { client, issuer, server } = scene;
        issuer.delay = 20;
        await client.get('/first');

        for (const revocation of [1, 2]) {
            issuer.revoke();
            const requests = Array.from({ length: 200 }, (_, index) => client.get(`/${revocation}/${index}`));
            const answers = await Promise.all(requests);

            expect(answers.every(({ status }) => status === 200)).toBe(true);
            expect(issuer.created).toBe(1 + revocation);
        }
        // Each was refused once and sent again once.
        expect(server.received).toHaveLength(1 + 2 * 400);
    });

    it('requests that were refused together are healed by one creation', async () => {
        const { client, issuer } = await arrange(adapter, (own) => protectedBy(own));
        issuer.delay = 50;
        await client.get('/first');
        issuer.revoke();

        await Promise.all(Array.from({ length: 100 }, () => client.get('/me')));

        expect(issuer.created).toBe(2);
    });

    it('an endpoint that refuses every token costs the budget of ten creations, and its 401 is the answer', async () => {
        const scene = await arrange(adapter, () => refuse, { clock: stillClock() });

        for (let round = 0; round < 30; round += 1) {
            const error = await failureOf(scene.client.get('/never'));
            expect(error.response).toMatchObject({ status: 401, data: { error: 'invalid_token' } });
        }

        expect(scene.issuer.created).toBe(11);
        // The first of all, and ten that were tried again.
        expect(count(scene, '/never')).toBe(40);
    });

    it('an endpoint that refuses every token costs no more when it is asked all at once', async () => {
        const scene = await arrange(adapter, () => refuse, { clock: stillClock() });

        const failures = Array.from({ length: 100 }, () => failureOf(scene.client.get('/never')));
        const statuses = (await Promise.all(failures)).map(({ response }) => response?.status);

        expect(new Set(statuses)).toEqual(new Set([401]));
        expect(scene.issuer.created).toBeLessThanOrEqual(11);
        expect(count(scene, '/never')).toBeLessThanOrEqual(200);
    });

    it('an endpoint that refuses every token does not take the token from the others', async () => {
        const scene = await arrange(
            adapter,
            (issuer) => (exchange) => (exchange.received.url === '/never' ? refuse : protectedBy(issuer))(exchange),
            { clock: stillClock() },
        );
        const { client, issuer } = scene;
        for (let round = 0; round < 20; round += 1) {
            await failureOf(client.get('/never'));
        }

        expect((await client.get('/me')).status).toBe(200);

        expect(issuer.created).toBe(11);
        expect(count(scene, '/me')).toBe(1);
    });
});

it('a straggler whose token was renewed ahead of its expiry meanwhile costs no creation', async () => {
    const clock = stillClock();
    const issuer = createIssuer(3_600);
    let answer!: () => void;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const server = await serve(async (exchange) => {
        if (exchange.received.headers.authorization !== 'Bearer token-1') return ok(exchange);
        await answered;
        return refuse(exchange);
    });
    const client = axios.create({ baseURL: server.url });
    const { source } = attachTokenCreator(client, issuer.creator, { clock });
    const straggler = client.get('/straggler');
    await until(() => server.received.length === 1);
    clock.advance(3_500_000);
    source.current();
    await until(() => source.current()?.value === 'token-2');

    answer();

    expect((await straggler).status).toBe(200);
    expect((await client.get('/next')).status).toBe(200);
    expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    expect(issuer.contexts.map((context) => context?.reason)).toEqual(['missing', 'ahead']);
});

describe('the budget', () => {
    it('gives back what a replay that helped took: any number of real revocations is healed at once', async () => {
        const { client, issuer } = await arrange('http', (own) => protectedBy(own), { clock: stillClock() });
        await client.get('/first');

        for (let round = 0; round < 30; round += 1) {
            issuer.revoke();
            expect((await client.get('/me')).status).toBe(200);
        }

        expect(issuer.created).toBe(31);
    });

    it('that is empty comes back: a real revocation is healed after 5 s', async () => {
        const clock = stillClock();
        const { client, issuer } = await arrange(
            'http',
            (own) => (exchange) => (exchange.received.url === '/never' ? refuse : protectedBy(own))(exchange),
            { clock },
        );
        for (let round = 0; round < 20; round += 1) {
            await failureOf(client.get('/never'));
        }
        issuer.revoke();
        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);

        clock.advance(5_000);

        expect((await client.get('/me')).status).toBe(200);
        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(12);
    });
});
