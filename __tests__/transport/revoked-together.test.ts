import axios from 'axios';
import { attachTokenCreator, createTokenSource, type Clock } from '../../src/index.js';
import { createGate } from '../support/gate.js';
import {
    adapters,
    createIssuer,
    failureOf,
    ok,
    refuse,
    until,
    useServers,
    type TestServer,
} from '../support/servers.js';

const serve = useServers();

const HOUR = 3_600;
const MINUTE = 60;
const AGING_OF_MINUTE = 50_000;
const AGING = 3_300_000;
const STALE = 3_591_000;
const times = <T>(many: number, make: (index: number) => T): T[] =>
    Array.from({ length: many }, (_, index) => make(index));

/** An API that takes the tokens from a certain number on, and a client whose clock is moved by hand. */
async function arrange(adapter: string, takesFrom: number, lifetime = HOUR) {
    let time = 1_000_000;
    const clock: Clock = { now: () => time, monotonic: () => time };
    const issuer = createIssuer(lifetime);
    const api = { takesFrom, judges: Promise.resolve() };
    const server = await serve(async (exchange) => {
        await api.judges;
        const [, number = 0] = /token-(\d+)/.exec(String(exchange.received.headers.authorization)) ?? [];
        return (Number(number) >= api.takesFrom ? ok : refuse)(exchange);
    });
    const source = createTokenSource(issuer.creator, { clock });
    const client = axios.create({ baseURL: server.url, adapter });
    attachTokenCreator(client, source);
    return { issuer, api, server, source, client, advance: (milliseconds: number) => (time += milliseconds) };
}

/** Has the next token begun, and gives the function that lets it come. */
async function beginRenewal(
    { issuer, client, advance }: Awaited<ReturnType<typeof arrange>>,
    aging = AGING,
): Promise<() => void> {
    const created = issuer.created + 1;
    advance(aging);
    const arrive = issuer.hold();
    await client.get('/begins-a-renewal');
    await until(() => issuer.created === created);
    return arrive;
}

const tokensAt = ({ authorizations }: TestServer): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const one of authorizations) counts.set(String(one), (counts.get(String(one)) ?? 0) + 1);
    return counts;
};

describe.each(adapters)('all tokens are revoked, over %s', (adapter) => {
    it('while another one is on its way: nothing is lost of what waits for that', async () => {
        const scene = await arrange(adapter, 1);
        const { issuer, api, server, client } = scene;
        await client.get('/first');
        const arrive = await beginRenewal(scene);
        api.takesFrom = 3;
        const answers = Promise.all(times(100, (index) => client.get(`/${index}`)));
        await until(() => server.received.length === 102);
        arrive();

        expect((await answers).every(({ status }) => status === 200)).toBe(true);
        expect(issuer.contexts.map((context) => context?.reason)).toEqual(['missing', 'ahead', 'rejected']);
        expect([...tokensAt(server)]).toEqual([
            ['Bearer token-1', 102],
            ['Bearer token-2', 100],
            ['Bearer token-3', 100],
        ]);
    });

    it('with one that came while the requests were under way: nothing is lost', async () => {
        const { issuer, api, server, source, client, advance } = await arrange(adapter, 1);
        const { opened, open } = createGate();
        api.judges = opened;
        await source.getToken();
        const answers = Promise.all(times(20, (index) => client.get(`/${index}`)));
        await until(() => server.received.length === 20);
        advance(AGING);
        source.current();
        await until(() => source.current()?.value === 'token-2');
        api.takesFrom = 3;
        open();

        expect((await answers).every(({ status }) => status === 200)).toBe(true);
        expect(issuer.created).toBe(3);
        expect([...tokensAt(server)]).toEqual([
            ['Bearer token-1', 20],
            ['Bearer token-2', 20],
            ['Bearer token-3', 20],
        ]);
    });

    it('and so are all that come: no request is sent a fourth time', async () => {
        const scene = await arrange(adapter, 1);
        const { issuer, api, server, client } = scene;
        await client.get('/first');
        const arrive = await beginRenewal(scene);
        api.takesFrom = 99;
        const failure = failureOf(client.get('/never'));
        await until(() => server.received.length === 3);
        arrive();

        expect((await failure).response?.status).toBe(401);
        expect(server.received.filter(({ url }) => url === '/never')).toHaveLength(3);
        expect(issuer.created).toBe(3);
    });

    it.each([
        ['within a minute of two revocations in a row: the request is lost', 59_999, 401, 3],
        ['a minute after two revocations in a row: nothing is lost', 60_000, 200, 4],
    ])('while another one is on its way, %s', async (_, since, status, created) => {
        const scene = await arrange(adapter, 99, MINUTE);
        const { issuer, api, server, client, advance } = scene;
        expect((await failureOf(client.get('/in-vain'))).response?.status).toBe(401);
        api.takesFrom = 2;
        const arrive = await beginRenewal(scene, AGING_OF_MINUTE);
        api.takesFrom = 4;
        const answer = client.get('/', { validateStatus: null });
        await until(() => server.received.length === 4);
        advance(since - AGING_OF_MINUTE);
        arrive();

        expect((await answer).status).toBe(status);
        expect(issuer.created).toBe(created);
    });

    it('a token that was asked for because of the refusal is not doubted: its refusal is the answer', async () => {
        const { issuer, server, client, advance } = await arrange(adapter, 99);
        for (const path of ['/missing', '/expired']) {
            expect((await failureOf(client.get(path))).response?.status).toBe(401);
            expect(server.received.filter(({ url }) => url === path)).toHaveLength(2);
            advance(STALE);
        }
        expect(issuer.contexts.map((context) => context?.reason)).toEqual([
            'missing',
            'rejected',
            'expired',
            'rejected',
        ]);
    });
});
