import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, runAll, tokensOf, useFleet, type FleetNode } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { wait } from '../support/servers.js';

jest.setTimeout(180_000);

const SIZE = 8;
const REQUESTS = 250;
const STORE_TIMEOUT = 500;
/** What a busy machine may add to what a creation takes. */
const MARGIN = 2_000;

describeWithRedis('client credentials while Redis cannot be used', () => {
    const fleet = useFleet();
    let redis: RedisServer;

    beforeEach(async () => {
        redis = await startRedisServer();
    });

    afterEach(() => redis?.close());

    it('a fleet whose Redis is stopped and started again loses no request, and then shares again', async () => {
        const issuer = new FleetIssuer();
        issuer.lifetime = 3;
        const nodes = await fleet.open(
            SIZE,
            await fleet.serve(issuer, redis, { sharing: { storeTimeout: STORE_TIMEOUT } }),
        );

        const running = runAll(nodes, { requests: REQUESTS, concurrency: 4, over: 10_000 });
        await eventually(() => issuer.users.get('token-1')?.size === SIZE);
        await redis.stop();
        const sharedBefore = issuer.requests.length;
        await eventually(() => nodes.every((node) => node.count('uncoordinated') > 0));
        await redis.start();
        const report = await running;

        expect(report).toMatchObject({ succeeded: SIZE * REQUESTS, failures: [] });
        expect(sharedBefore).toBe(1);
        await expectSharing(nodes, issuer);
    });

    it('a Redis that begins to be silent under load costs no request more than a bounded time', async () => {
        const issuer = new FleetIssuer();
        issuer.lifetime = 3;
        const nodes = await fleet.open(
            SIZE,
            await fleet.serve(issuer, redis, { sharing: { storeTimeout: STORE_TIMEOUT } }),
        );

        const running = runAll(nodes, { requests: REQUESTS, concurrency: 4, over: 8_000 });
        await eventually(() => issuer.users.get('token-1')?.size === SIZE);
        redis.pause();
        await eventually(() => nodes.every((node) => node.count('uncoordinated') > 0));
        redis.resume();
        const report = await running;

        expect(report).toMatchObject({ succeeded: SIZE * REQUESTS, failures: [] });
        expect(report.slowest).toBeLessThan(STORE_TIMEOUT + MARGIN);
        await expectSharing(nodes, issuer);
    });

    it('a Redis that may not be written to costs no request', async () => {
        const replica = await startRedisServer({ parameters: ['--replicaof', '127.0.0.1 1'] });
        try {
            const issuer = new FleetIssuer();
            const nodes = await fleet.open(SIZE, await fleet.serve(issuer, replica));

            const report = await runAll(nodes, { requests: 50, concurrency: 10 });

            expect(report).toMatchObject({ succeeded: SIZE * 50, failures: [] });
            expect(nodes.map((node) => node.count('uncoordinated'))).toEqual(Array(SIZE).fill(1));
            expect(issuer.requests).toHaveLength(SIZE);
        } finally {
            await replica.close();
        }
    });

    it('a Redis that accepts and has never answered costs the first request a bounded time, and the others none', async () => {
        const sockets = new Set<Socket>();
        const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(
            0,
            '127.0.0.1',
        );
        await once(silent, 'listening');
        const { port } = silent.address() as AddressInfo;
        try {
            const issuer = new FleetIssuer();
            const url = `redis://127.0.0.1:${port}`;
            const settings = await fleet.serve(issuer, { url }, { sharing: { storeTimeout: STORE_TIMEOUT } });
            const nodes = await fleet.start(SIZE);
            const kinds = ['redis', 'redis, RESP 2', 'ioredis'] as const;
            await Promise.all(nodes.map((node, index) => node.open({ ...settings, redisClient: kinds[index % 3] })));

            const first = await runAll(nodes, { requests: 20, concurrency: 20 });
            const then = await runAll(nodes, { requests: REQUESTS, concurrency: 10 });

            expect(first).toMatchObject({ succeeded: SIZE * 20, failures: [] });
            expect(first.slowest).toBeGreaterThan(STORE_TIMEOUT * 0.9);
            expect(first.slowest).toBeLessThan(STORE_TIMEOUT + MARGIN);
            expect(then).toMatchObject({ succeeded: SIZE * REQUESTS, failures: [] });
            expect(issuer.requests).toHaveLength(SIZE);
            expect(sockets.size).toBeGreaterThanOrEqual(SIZE);
            expect(nodes.map((node) => node.count('uncoordinated'))).toEqual(Array(SIZE).fill(1));
        } finally {
            for (const socket of sockets) socket.destroy();
            silent.close();
        }
    });
});

/** One revocation, one token: that is so only where all know of each other. */
async function expectSharing(nodes: readonly FleetNode[], issuer: FleetIssuer): Promise<void> {
    issuer.lifetime = 3_600;
    const deadline = Date.now() + 15_000;
    for (;;) {
        const before = issuer.requests.length;
        issuer.revoke();
        await runAll(nodes, { requests: 1, concurrency: 1 });
        const tokens = await tokensOf(nodes);
        const created = issuer.requests.length - before;
        if (created === 1 && tokens.length === 1) break;
        if (Date.now() > deadline) throw new Error(`they create ${created} and use ${tokens.length} tokens`);
        await wait(100); // until the last of them is connected again
    }
    expect(countAll(nodes, 'adopted')).toBeGreaterThanOrEqual(SIZE - 1);
}
