import { createClient } from 'redis';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { eventually, tokensOf, type FleetNode, type NodeSettings } from '../support/fleet.js';
import { tokenInTheEnd, useRotatingFleet, type RotatingFleet } from '../support/rotating-fleet.js';
import { failureOf } from '../support/servers.js';

jest.setTimeout(180_000);

const SIZE = 8;

describeWithRedis('a refresh token that is used once, when Redis fails', () => {
    const begin = useRotatingFleet();
    let fleet: RotatingFleet;

    beforeEach(() => {
        fleet = begin();
        fleet.issuer.delay = 20;
    });

    it('is not sent while Redis is silent, by nodes that say why, and is good when Redis answers', async () => {
        const { redis, issuer } = fleet;
        redis.pause();
        const nodes = await fleet.open(SIZE, { sharing: { storeTimeout: 300 } });

        const failures = await Promise.all(nodes.map((node) => failureOf(node.token())));
        const sentMeanwhile = issuer.requests.length;
        redis.resume();
        const tokens = await Promise.all(nodes.map(tokenInTheEnd));

        expect(failures.map(({ name, code }) => `${name} ${code}`)).toEqual(
            Array(SIZE).fill('TokenError uncoordinated'),
        );
        expect([...new Set(failures.map(({ message }) => message))]).toEqual([expect.stringMatching(/store/)]);
        expect(sentMeanwhile).toBe(0);
        expect(new Set(tokens).size).toBe(1);
        expect(issuer.requests).toHaveLength(1);
    });

    it.each([
        {
            loss: 'is silent',
            lose: async () => fleet.redis.pause(),
            mend: async () => fleet.redis.resume(),
        },
        {
            loss: 'is silent, and then gone,',
            lose: async () => fleet.redis.pause(),
            async mend() {
                await fleet.redis.stop('SIGKILL');
                await fleet.redis.start();
            },
        },
        {
            loss: 'is gone',
            lose: () => fleet.redis.stop('SIGKILL'),
            mend: () => fleet.redis.start(),
        },
    ])('is not lost when Redis $loss while it is replaced', async ({ lose, mend }) => {
        const { issuer } = fleet;
        const nodes = await fleet.open(SIZE, { sharing: { storeTimeout: 300, lockDuration: 3_000 } });
        await Promise.all(nodes.map((node) => node.token()));
        const release = issuer.holdNext();

        const renewed = nodes[0]?.renew();
        await eventually(() => issuer.requests.length === 2);
        await lose();
        release();
        const token = await renewed;
        await mend();
        const others = nodes.slice(1);
        const tokens = new Set(await Promise.all(others.map(replaceOn)));

        expect(token).toMatch(/^access/);
        expect(tokens.size).toBe(1);
        expect(await tokensOf(others)).toHaveLength(1);
    });

    it('is sent in its newest form when Redis has lost everything', async () => {
        const nodes = await openUsed();

        for (let loss = 1; loss <= 5; loss += 1) {
            await forgetEverything();
            const tokens = await Promise.all(nodes.map((node) => node.renew()));
            expect(new Set(tokens).size).toBe(1);
        }

        expect(fleet.rotating.refreshTokens).toHaveLength(1 + 10 + 5);
    });

    it('is sent in its newest form after a failed attempt, too, when Redis has lost everything', async () => {
        const { issuer } = fleet;
        const nodes = await openUsed({ sharing: { failureDuration: 0 } });

        for (const node of nodes) {
            await forgetEverything();
            issuer.error = { status: 502, error: 'bad_gateway' };
            await failureOf(node.renew());
            issuer.error = undefined;
            await Promise.all(nodes.map((each) => (each === node ? each.token() : each.renew())));
        }

        expect(fleet.rotating.refreshTokens).toHaveLength(1 + 10 + SIZE);
    });

    it('is sent in its newest form, whichever scope it came with, when Redis has lost everything', async () => {
        const [node] = await fleet.open(1);

        for (let loss = 1; loss <= 3; loss += 1) {
            for (const scope of ['a', 'b']) await node?.renew({ scope });
            await forgetEverything();
        }

        expect(fleet.rotating.refreshTokens).toHaveLength(2 + 3 * 2);
    });

    /** In the end many of them have sent one, and none but one has sent the last. */
    async function openUsed(more?: Partial<NodeSettings>): Promise<FleetNode[]> {
        const nodes = await fleet.open(SIZE, more);
        await Promise.all(nodes.map((node) => node.token()));
        for (let renewal = 1; renewal <= 10; renewal += 1) await Promise.all(nodes.map((node) => node.renew()));
        return nodes;
    }

    async function forgetEverything(): Promise<void> {
        const client = createClient({ url: fleet.redis.url, RESP: 2 });
        await client.connect();
        await client.flushAll();
        await client.close();
    }
});

/** What it has is refused; it gets another, if not at once. */
async function replaceOn(node: FleetNode): Promise<string> {
    return node.renew().catch(() => tokenInTheEnd(node));
}
