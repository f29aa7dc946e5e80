import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, runAll } from '../support/fleet.js';
import { tokenInTheEnd, useRotatingFleet, type RotatingFleet } from '../support/rotating-fleet.js';

jest.setTimeout(180_000);

const SIZE = 8;

describeWithRedis('a fleet with one refresh token that is used once', () => {
    const begin = useRotatingFleet();
    let fleet: RotatingFleet;

    beforeEach(() => {
        fleet = begin();
    });

    it.each([
        { locks: 'a lock that one holds', isUnlocked: false },
        { locks: 'a lock that everybody gets', isUnlocked: true },
    ])('refreshes once for each renewal that all force at the same time, with $locks', async ({ isUnlocked }) => {
        fleet.issuer.delay = 20;
        const nodes = await fleet.open(SIZE, { isUnlocked });
        await Promise.all(nodes.map((node) => node.token()));

        for (let renewal = 1; renewal <= 25; renewal += 1) {
            const tokens = await Promise.all(nodes.map((node) => node.renew()));
            expect(new Set(tokens).size).toBe(1);
        }

        expect(fleet.rotating.refreshTokens).toHaveLength(26);
    });

    it('refreshes once for each token that expires or is revoked under load', async () => {
        const { issuer, rotating } = fleet;
        issuer.lifetime = 3;
        const nodes = await fleet.open(SIZE);

        const running = runAll(nodes, { requests: 250, concurrency: 4, over: 8_000 });
        await eventually(() => issuer.users.size === 2);
        await eventually(() => [...issuer.users.values()].at(-1)?.size === SIZE);
        issuer.revoke();
        const report = await running;

        expect(report).toMatchObject({ succeeded: SIZE * 250, failures: [] });
        expect(rotating.refreshTokens.length).toBeGreaterThanOrEqual(4);
        // The run may end in the middle of a renewal ahead of expiry.
        await eventually(() => countAll(nodes, 'shared') === rotating.refreshTokens.length);
    });

    it('does not send it again while an answer may still come, even if nobody waits for that any more', async () => {
        const { issuer } = fleet;
        const source = { creationTimeout: 1_000 };
        const nodes = await fleet.open(SIZE, { sharing: { lockDuration: 500 }, source });
        const release = issuer.holdNext();

        const first = await Promise.allSettled(nodes.map((node) => node.token()));
        const second = await Promise.allSettled(nodes.map((node) => node.token()));
        const sentMeanwhile = issuer.requests.length;
        release();
        await eventually(() => countAll(nodes, 'shared') === 1);
        const tokens = await Promise.all(nodes.map(tokenInTheEnd));

        expect([...first, ...second].map(({ status }) => status)).toEqual(Array(2 * SIZE).fill('rejected'));
        expect(sentMeanwhile).toBe(1);
        expect(new Set(tokens).size).toBe(1);
        expect(issuer.requests).toHaveLength(1);
    });
});
