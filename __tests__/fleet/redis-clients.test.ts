import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, useFleet, type FleetNode, type NodeSettings } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { openCommands, type RedisCommands } from '../support/redis-commands.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

jest.setTimeout(180_000);

const kinds = ['redis', 'redis, RESP 2', 'ioredis'] as const;

describeWithRedis('the clients of Redis by which a fleet shares its token', () => {
    const fleet = useFleet();
    let redis: RedisServer;
    let issuer: FleetIssuer;
    let settings: NodeSettings;
    let commands: RedisCommands;

    beforeEach(async () => {
        redis = await startRedisServer();
        commands = await openCommands(redis);
        issuer = new FleetIssuer();
        settings = await fleet.serve(issuer, redis);
    });

    afterEach(async () => {
        commands?.close();
        await redis?.close();
    });

    /** One node with each client. */
    async function openEach(more: Partial<NodeSettings> = {}): Promise<FleetNode[]> {
        const nodes = await fleet.start(kinds.length);
        await Promise.all(nodes.map((node, index) => node.open({ ...settings, ...more, redisClient: kinds[index] })));
        return nodes;
    }

    /** The first creates a token, for which the others wait. */
    async function createInFirst(nodes: readonly FleetNode[], meanwhile = async () => {}): Promise<string[]> {
        const release = issuer.holdNext();
        const first = nodes[0]?.token();
        await eventually(() => issuer.requests.length === 1);
        const others = nodes.slice(1).map((node) => node.token());
        await eventually(() => nodes.slice(1).every((node) => node.count('waiting') > 0));
        await meanwhile();
        release();
        return Promise.all([first ?? '', ...others]);
    }

    async function subscribers(): Promise<number> {
        const [channel] = (await commands.send('PUBSUB', 'CHANNELS')) as string[];
        const [, count] = channel ? ((await commands.send('PUBSUB', 'NUMSUB', channel)) as [string, number]) : [];
        return count ?? 0;
    }

    it('nodes of different clients and protocols share one token', async () => {
        const nodes = await openEach();
        await Promise.all(nodes.map((node) => node.token()));

        for (let renewal = 1; renewal <= 8; renewal += 1) {
            const tokens = await Promise.all(nodes.map((node) => node.renew()));
            expect(new Set(tokens).size).toBe(1);
        }

        expect(issuer.requests).toHaveLength(9);
        expect(countAll(nodes, 'uncoordinated')).toBe(0);
    });

    it.each(kinds)('one that %s connects creates what the others wait for', async (kind) => {
        const nodes = await openEach();
        const first = nodes[kinds.indexOf(kind)];
        const sorted = [...(first ? [first] : []), ...nodes.filter((node) => node !== first)];

        const tokens = await createInFirst(sorted, async () => {
            while ((await subscribers()) < 2);
        });

        expect(tokens).toEqual(Array(kinds.length).fill('token-1'));
        expect(issuer.requests).toHaveLength(1);
        expect(first?.count('shared')).toBe(1);
        // Who hears of it does not come later than who asks again and again would.
        const shared = timeOf(first, 'shared');
        const delays = sorted.slice(1).map((node) => timeOf(node, 'adopted') - shared);
        expect(Math.min(...delays)).toBeLessThan(250);
    });

    it('one whose user may use no channel polls', async () => {
        await commands.send('ACL', 'SETUSER', 'quiet', 'on', '>password', '~*', '+@all', 'resetchannels');
        const nodes = await openEach({ redisUrl: redis.url.replace('//', '//quiet:password@') });
        let listening = 0;

        const tokens = await createInFirst(nodes, async () => {
            listening = await subscribers();
        });

        expect(listening).toBe(0);
        expect(tokens).toEqual(Array(kinds.length).fill('token-1'));
        expect(issuer.requests).toHaveLength(1);
        expect(countAll(nodes, 'uncoordinated')).toBe(0);
        expect(String(await commands.send('ACL', 'LOG'))).toContain('channel');
    });

    it('a process ends by itself once its application has closed the client that it gave', async () => {
        const nodes = await openEach();
        await createInFirst(nodes, async () => {
            while ((await subscribers()) < 2);
        });

        await Promise.all(nodes.map((node) => node.finish()));

        expect(await Promise.all(nodes.map((node) => node.ended))).toEqual([0, 0, 0]);
        expect(Number(/connected_clients:(\d+)/.exec(String(await commands.send('INFO', 'clients')))?.[1])).toBe(1);
    });

    it('so does one that was creating, or waiting, when it was closed, and no request fails', async () => {
        const nodes = await openEach();

        const tokens = await createInFirst(nodes, async () => {
            while ((await subscribers()) < 2);
            await Promise.all(nodes.map((node) => node.finish()));
            await eventually(() => issuer.requests.length === kinds.length);
        });

        expect(tokens.every((token) => token.startsWith('token-'))).toBe(true);
        expect(await Promise.all(nodes.map((node) => node.ended))).toEqual([0, 0, 0]);
    });

    it.each(['cluster of redis', 'cluster of ioredis'] as const)(
        'nodes of a %s share one token',
        async (redisClient) => {
            const cluster = await startRedisServer({ isCluster: true });
            try {
                const more = await fleet.serve(issuer, cluster, { redisClient });
                const nodes = await fleet.open(kinds.length, more);

                const tokens = await createInFirst(nodes);
                for (let renewal = 1; renewal <= 4; renewal += 1) await Promise.all(nodes.map((node) => node.renew()));

                expect(tokens).toEqual(Array(kinds.length).fill('token-1'));
                expect(issuer.requests).toHaveLength(5);
                expect(countAll(nodes, 'uncoordinated')).toBe(0);
                await Promise.all(nodes.map((node) => node.finish()));
                expect(await Promise.all(nodes.map((node) => node.ended))).toEqual([0, 0, 0]);
            } finally {
                await cluster.close();
            }
        },
    );
});

function timeOf(node: FleetNode | undefined, type: 'shared' | 'adopted'): number {
    return node?.events.find((event) => event.type === type)?.at ?? NaN;
}
