import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, runAll, useFleet } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { wait } from '../support/servers.js';

jest.setTimeout(180_000);

const SIZE = 8;
const REQUESTS = 500;
const ALL_SUCCEEDED = { succeeded: SIZE * REQUESTS, failures: [] };

describeWithRedis('the expiry of the token of a fleet', () => {
    const fleet = useFleet();
    let redis: RedisServer;

    beforeAll(async () => {
        redis = await startRedisServer();
    });

    afterAll(() => redis?.close());

    it('tokens that expire are each replaced once, and no request fails', async () => {
        const issuer = new FleetIssuer();
        issuer.lifetime = 4;
        const nodes = await fleet.open(SIZE, await fleet.serve(issuer, redis));

        const report = await runAll(nodes, { requests: REQUESTS, concurrency: 4, over: 11_000 });

        expect(report).toMatchObject(ALL_SUCCEEDED);
        expect(issuer.requests.length).toBeGreaterThanOrEqual(4);
        // A second one for the same generation would follow at once.
        expect(Math.min(...issuer.gaps())).toBeGreaterThan(1_000);
        // The run may end in the middle of a renewal ahead of expiry.
        await eventually(() => countAll(nodes, 'shared') === issuer.requests.length);
    });

    it('one node renews ahead of expiry, and nobody waits for it', async () => {
        const issuer = new FleetIssuer();
        issuer.lifetime = 6;
        const nodes = await fleet.open(SIZE, await fleet.serve(issuer, redis));
        await Promise.all(nodes.map((node) => node.token()));
        issuer.lifetime = 3_600;
        const release = issuer.holdNext();

        const running = runAll(nodes, { requests: REQUESTS, concurrency: 2, over: 5_500 });
        await eventually(() => issuer.requests.length > 1);
        // What the others would do of themselves, they would do now.
        await wait(500);
        const usersOfTheNext = issuer.users.get('token-2');
        release();
        const report = await running;

        expect(usersOfTheNext).toBeUndefined();
        expect(report).toMatchObject(ALL_SUCCEEDED);
        expect(issuer.requests).toHaveLength(2);
        const created = nodes.flatMap(({ events }) => events.filter(({ type }) => type === 'shared'));
        expect(new Set(created.map((event) => 'reason' in event && event.reason))).toEqual(
            new Set(['missing', 'ahead']),
        );
        expect(created).toHaveLength(2);
    });

    it('nodes whose clocks differ by an hour, and that come late, use a token for its real lifetime', async () => {
        const issuer = new FleetIssuer();
        issuer.lifetime = 4;
        const settings = await fleet.serve(issuer, redis);
        const shifts = [0, 3_600_000, -3_600_000];
        const nodes = (await Promise.all(shifts.map((clockShift) => fleet.start(1, { clockShift })))).flat();
        const [first] = nodes;
        await first?.open(settings);
        await first?.token();
        await wait(2_000);
        await Promise.all(nodes.slice(1).map((node) => node.open(settings)));

        const report = await runAll(nodes, { requests: 200, concurrency: 2, over: 5_000 });

        expect(report).toMatchObject({ succeeded: 600, failures: [] });
        // One that took the token for older than it is would have asked for another at once.
        expect(Math.min(...issuer.gaps())).toBeGreaterThan(2_000);
        expect(issuer.requests.length).toBeGreaterThanOrEqual(2);
        // One that took it for younger would have been refused.
        expect(issuer.refusals).toBe(0);
        const [now = 0, ahead = 0, behind = 0] = nodes.map(({ events }) => events[0]?.at);
        expect([ahead - now, behind - now].map((apart) => Math.round(apart / 3_600_000))).toEqual([1, -1]);
    });
});
