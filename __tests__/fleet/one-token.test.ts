import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, runAll, tokensOf, useFleet } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

jest.setTimeout(180_000);

const SIZE = 8;
const REQUESTS = 500;
const ALL_SUCCEEDED = { succeeded: SIZE * REQUESTS, failures: [] };

describeWithRedis('one token for a fleet of 8 processes', () => {
    const fleet = useFleet();
    let redis: RedisServer;

    beforeAll(async () => {
        redis = await startRedisServer();
    });

    afterAll(() => redis?.close());

    it('those that start at once create one token, and no request fails', async () => {
        const issuer = new FleetIssuer();
        const nodes = await fleet.open(SIZE, await fleet.serve(issuer, redis));

        const report = await runAll(nodes, { requests: REQUESTS, concurrency: 20 });

        expect(report).toMatchObject(ALL_SUCCEEDED);
        expect(issuer.requests).toHaveLength(1);
        expect(issuer.users.get('token-1')?.size).toBe(SIZE);
        expect(countAll(nodes, 'shared')).toBe(1);
        expect(countAll(nodes, 'adopted')).toBe(SIZE - 1);
    });

    it('a token that is revoked is replaced once, and no request fails', async () => {
        const issuer = new FleetIssuer();
        const nodes = await fleet.open(SIZE, await fleet.serve(issuer, redis));

        for (const token of ['token-1', 'token-2']) {
            const running = runAll(nodes, { requests: REQUESTS, concurrency: 10, over: 2_000 });
            await eventually(() => issuer.users.get(token)?.size === SIZE);
            issuer.revoke();
            expect(await running).toMatchObject(ALL_SUCCEEDED);
        }

        expect(issuer.requests).toHaveLength(3);
        expect(issuer.refusals).toBeGreaterThanOrEqual(2 * SIZE);
        expect(await tokensOf(nodes)).toEqual(['token-3']);
    });

    it('a token that one of them forgets is not found any more; what it creates then is', async () => {
        const issuer = new FleetIssuer();
        const settings = await fleet.serve(issuer, redis);
        const [first, second] = await fleet.open(2, settings);
        const before = [await first?.token(), await second?.token()];

        await first?.clear();
        const after = [await first?.token(), await second?.token()];
        const [newcomer] = await fleet.open(1, settings);

        expect(before).toEqual(['token-1', 'token-1']);
        expect(after).toEqual(['token-2', 'token-1']);
        expect(await newcomer?.token()).toBe('token-2');
        expect(issuer.requests).toHaveLength(2);
    });
});
