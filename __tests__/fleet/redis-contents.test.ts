import { describeWithRedis } from '../support/describe-with-redis.js';
import { countAll, eventually, tokensOf, useFleet, type FleetNode, type NodeSettings } from '../support/fleet.js';
import { FleetIssuer } from '../support/fleet-issuer.js';
import { openCommands, type RedisCommands } from '../support/redis-commands.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';

jest.setTimeout(180_000);

const SIZE = 3;

describeWithRedis('what Redis holds of the token of a fleet', () => {
    const fleet = useFleet();
    let redis: RedisServer;
    let issuer: FleetIssuer;
    let settings: NodeSettings;
    let nodes: FleetNode[];
    let commands: RedisCommands;

    beforeEach(async () => {
        redis = await startRedisServer();
        commands = await openCommands(redis);
        issuer = new FleetIssuer();
        issuer.delay = 20;
        // A lock that is not given counts for that time.
        settings = await fleet.serve(issuer, redis, { sharing: { lockDuration: 500 } });
        nodes = await fleet.open(SIZE, settings);
    });

    afterEach(async () => {
        commands?.close();
        await redis?.close();
    });

    async function entryName(): Promise<string> {
        const names = (await commands.send('KEYS', '*')) as string[];
        const name = names.find((each) => !each.endsWith(':lock'));
        if (!name) throw new Error('there is no entry');
        return name;
    }

    async function openAnew(): Promise<string[]> {
        await Promise.all(nodes.map((node) => node.open(settings)));
        return Promise.all(nodes.map((node) => node.token()));
    }

    const planted: { what: string; plant: (name: string, value: string) => string[][] }[] = [
        { what: 'a string', plant: (name) => [['SET', name, 'x']] },
        { what: 'a list', plant: (name) => [['RPUSH', name, 'generation', 'value']] },
        { what: 'other fields', plant: (name) => [['HSET', name, 'other', 'x']] },
        { what: 'no generation', plant: (name, value) => [['HSET', name, 'value', value]] },
        { what: 'no value', plant: (name) => [['HSET', name, 'generation', 'x']] },
        { what: 'an empty value', plant: (name) => [['HSET', name, 'generation', 'x', 'value', '']] },
        { what: 'no JSON', plant: (name) => [['HSET', name, 'generation', 'x', 'value', '{"not JSON']] },
        {
            what: 'half of a value',
            plant: (name, value) => [['HSET', name, 'generation', 'x', 'value', value.slice(0, value.length / 2)]],
        },
        ...['null', '7', '"x"', '[]', '{}', '{"tokens":7}', '[[[]]]', '{"__proto__":null}'].map((json) => ({
            what: `the JSON ${json}`,
            plant: (name: string) => [['HSET', name, 'generation', 'x', 'value', json]],
        })),
        {
            what: 'a list as the lock',
            plant: (name) => [
                ['DEL', `${name}:lock`],
                ['RPUSH', `${name}:lock`, 'x'],
            ],
        },
    ];

    it('whatever is there instead of an entry, the token is created once, and then shared', async () => {
        await openAnew();
        const name = await entryName();
        const value = String(await commands.send('HGET', name, 'value'));
        const outcomes: Record<string, unknown> = {};

        for (const { what, plant } of planted) {
            for (const lasts of [true, false]) {
                await commands.send('DEL', name);
                for (const command of plant(name, value)) await commands.send(...command);
                if (!lasts) await commands.send('PEXPIRE', name, '60000');
                issuer.requests.length = 0;
                const created = await openAnew().catch((error: unknown) => [String(error)]);
                const calls = issuer.requests.length;
                const adopted = await openAnew().catch((error: unknown) => [String(error)]);
                const moreCalls = issuer.requests.length - calls;
                const tokens = new Set([...created, ...adopted]).size;
                outcomes[`${what}${lasts ? '' : ' for a while'}`] = { tokens, calls, moreCalls };
            }
        }

        const good = { tokens: 1, calls: 1, moreCalls: 0 };
        expect(outcomes).toEqual(Object.fromEntries(Object.keys(outcomes).map((key) => [key, good])));
        expect(Object.keys(outcomes)).toHaveLength(2 * planted.length);
        expect(countAll(nodes, 'unreadable')).toBeGreaterThan(0);
        expect(await tokensOf(nodes)).toHaveLength(1);
    });

    it('names neither the key nor the client, and holds no secret of the client', async () => {
        const release = issuer.holdNext();
        const creating = openAnew();
        await eventually(() => issuer.requests.length === 1);
        const meanwhile = await dump();
        release();
        await creating;
        const afterwards = await dump();

        expect(meanwhile.names.length).toBeGreaterThan(0);
        expect(afterwards.names.length).toBeGreaterThan(0);
        const names = [...meanwhile.names, ...afterwards.names].join('\n');
        for (const known of [settings.key, settings.clientId, 'issuer.example']) expect(names).not.toContain(known);
        const all = [...meanwhile.values, ...afterwards.values, names].join('\n');
        expect(all).toContain('token-1');
        expect(all).not.toContain(settings.clientSecret);
        expect(all).not.toContain(settings.clientId);
        // Nothing stays for ever.
        expect(afterwards.timesToLive.every((left) => left > 0)).toBe(true);
    });

    /** Of all databases, and of who listens. */
    async function dump(): Promise<{ names: string[]; values: string[]; timesToLive: number[] }> {
        const names = (await commands.send('KEYS', '*')) as string[];
        const channels = (await commands.send('PUBSUB', 'CHANNELS')) as string[];
        const values = await Promise.all(
            names.map(async (name) => {
                const type = await commands.send('TYPE', name);
                return JSON.stringify(
                    await (type === 'hash' ? commands.send('HGETALL', name) : commands.send('GET', name)),
                );
            }),
        );
        const timesToLive = await Promise.all(names.map(async (name) => Number(await commands.send('PTTL', name))));
        expect(await commands.send('INFO', 'keyspace')).not.toContain('db1');
        return { names: [...names, ...channels], values, timesToLive };
    }
});
