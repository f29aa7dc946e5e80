import { describeWithRedis } from '../support/describe-with-redis.js';
import { eventually, runAll, tokensOf, useFleet, type FleetNode } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { wait } from '../support/servers.js';

jest.setTimeout(180_000);

const SIZE = 8;
const REQUESTS = 500;
const LOCK_DURATION = 3_000;
/** What a busy machine may add. */
const MARGIN = 1_900;

describeWithRedis('a node that is lost while it creates the token of a fleet', () => {
    const fleet = useFleet();
    let redis: RedisServer;

    beforeAll(async () => {
        redis = await startRedisServer();
    });

    afterAll(() => redis?.close());

    it('one that is killed delays the others by no more than the duration of the lock', async () => {
        const issuer = new FleetIssuer();
        const settings = await fleet.serve(issuer, redis, { sharing: { lockDuration: LOCK_DURATION } });
        const nodes = await fleet.open(SIZE, settings);
        issuer.holdNext();
        const runs = nodes.map((node) => node.run({ requests: REQUESTS, concurrency: 10 }));
        const { holder } = await holderOf(nodes, issuer);
        await wait(LOCK_DURATION * 1.4); // while it lives it keeps the lock for longer than that

        const before = issuer.requests.length;
        const killed = Date.now();
        holder.kill('SIGKILL');
        const reports = await Promise.allSettled(runs);

        expect(before).toBe(1);
        expect(issuer.requests).toHaveLength(2);
        expect((issuer.requests[1]?.at ?? 0) - killed).toBeLessThan(LOCK_DURATION + MARGIN);
        const finished = reports.flatMap((report) => (report.status === 'fulfilled' ? [report.value] : []));
        expect(finished.map(({ succeeded }) => succeeded)).toEqual(Array(SIZE - 1).fill(REQUESTS));
    });

    it('one that was stopped for longer than that adopts what came after it', async () => {
        const issuer = new FleetIssuer();
        const settings = await fleet.serve(issuer, redis, { sharing: { lockDuration: LOCK_DURATION } });
        const nodes = await fleet.open(SIZE, settings);
        const release = issuer.holdNext();
        const running = nodes.map((node) => ({ node, report: node.run({ requests: REQUESTS, concurrency: 10 }) }));
        const { holder, others } = await holderOf(nodes, issuer);

        holder.kill('SIGSTOP');
        const ofOthers = await Promise.all(running.filter(({ node }) => node !== holder).map(({ report }) => report));
        release(); // its answer waits in a socket that nobody reads
        await wait(200);
        holder.kill('SIGCONT');
        const late = await running.find(({ node }) => node === holder)?.report;

        expect(ofOthers.map(({ succeeded }) => succeeded)).toEqual(Array(SIZE - 1).fill(REQUESTS));
        expect(late).toMatchObject({ succeeded: REQUESTS, failures: [] });
        expect(issuer.requests.map(({ status }) => status)).toEqual([200, 200]);
        expect(await tokensOf(others)).toEqual(['token-2']);
        expect(await tokensOf([holder])).toEqual(['token-2']);
        expect(holder.count('shared')).toBe(0);
        await expectAdoptedByNewcomer(settings);
        expect(issuer.requests).toHaveLength(2);
    });

    async function expectAdoptedByNewcomer(settings: Parameters<typeof fleet.open>[1]): Promise<void> {
        const newcomers = await fleet.open(1, settings);
        expect(await runAll(newcomers, { requests: 1, concurrency: 1 })).toMatchObject({ succeeded: 1 });
        expect(await tokensOf(newcomers)).toEqual(['token-2']);
    }
});

async function holderOf(nodes: readonly FleetNode[], issuer: FleetIssuer) {
    await eventually(() => issuer.requests.length === 1);
    const holder = nodes.find(({ name }) => name === issuer.requests[0]?.node);
    if (!holder) throw new Error('nobody asked');
    return { holder, others: nodes.filter((node) => node !== holder) };
}
