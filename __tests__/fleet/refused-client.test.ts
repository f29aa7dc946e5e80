import { describeWithRedis } from '../support/describe-with-redis.js';
import { runAll, tokensOf, useFleet } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { wait } from '../support/servers.js';

jest.setTimeout(180_000);

const SIZE = 8;
const FAILURE_DURATION = 10_000;

describeWithRedis('a refusal by the authorization server', () => {
    const fleet = useFleet();
    let redis: RedisServer;

    beforeAll(async () => {
        redis = await startRedisServer();
    });

    afterAll(() => redis?.close());

    it.each([
        { refusal: 'of a secret that was revoked', error: { status: 401, error: 'invalid_client' } },
        {
            refusal: 'that tells when to come again',
            error: { status: 503, error: 'busy', retryAfter: FAILURE_DURATION / 1_000 },
        },
    ])('$refusal is met once by a whole fleet, which heals when its time is over', async ({ error }) => {
        const issuer = new FleetIssuer();
        issuer.error = error;
        const settings = await fleet.serve(issuer, redis, { sharing: { failureDuration: FAILURE_DURATION } });
        const nodes = await fleet.open(SIZE, settings);

        const atOnce = await runAll(nodes, { requests: 10, concurrency: 10 });
        const refused = Date.now();
        const again = await runAll(nodes, { requests: 1, concurrency: 1 });
        const newcomers = await fleet.open(SIZE, settings);
        const ofNewcomers = await runAll(newcomers, { requests: 1, concurrency: 1 });
        const took = Date.now() - refused;

        expect(took).toBeLessThan(FAILURE_DURATION); // otherwise this machine is too slow for this test
        expect([atOnce, again, ofNewcomers].map(({ succeeded }) => succeeded)).toEqual([0, 0, 0]);
        const failures = [atOnce, again, ofNewcomers].flatMap((report) => report.failures);
        expect([...new Set(failures.map(({ name, status }) => `${name} ${status}`))]).toEqual([
            `TokenEndpointError ${error.status}`,
        ]);
        expect(JSON.stringify(failures)).not.toContain(settings.clientSecret);
        expect(issuer.requests).toHaveLength(1);

        issuer.error = undefined;
        await wait(FAILURE_DURATION - took + 100);
        const healed = await runAll([...nodes, ...newcomers], { requests: 1, concurrency: 1 });

        expect(healed).toMatchObject({ succeeded: 2 * SIZE, failures: [] });
        expect(issuer.requests).toHaveLength(2);
        expect(await tokensOf([...nodes, ...newcomers])).toEqual(['token-2']);
    });
});
