import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKeys } from '../support/openid-provider.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';
import { FACTORIES, PLANTED, type Planted, type Planting, type Stage } from './canary-factories.js';
import { ANSWERED, FAULTS_OF_THE_ANSWER, FAULTS_OF_THE_WIRE } from './canary-faults.js';
import { printsOf, spellingsOf, tracesIn } from './traces.js';

failOnUnhandledRejections();

const everyPlanting: [name: string, planting: Planting][] = Object.entries(FACTORIES).flatMap(([entry, { by }]) =>
    Object.entries(by).map(([name, planting]): [string, Planting] => [`${entry} ${name}`, planting]),
);

const everySpelling = Object.fromEntries(
    Object.entries({ ...PLANTED, ...ANSWERED }).map(([name, secret]) => [name, spellingsOf(secret)]),
);

/** All secrets, those of private keys in the spellings of their own formats. */
function secretsOf({ keys }: Stage): Record<string, readonly string[]> {
    const { d = '' } = keys.ec.privateJwk;
    return { ...everySpelling, jwk: [d], pem: keys.rsa.pem.split('\n').slice(1, 3) };
}

describe('the canary', () => {
    test.each(Object.entries(FACTORIES))('knows every export of %s', (_entry, { exports, by }) => {
        expect(Object.keys(by).sort()).toEqual(Object.keys(exports).sort());
    });

    test('knows every entry of the package', () => {
        const { exports } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
            exports: Record<string, unknown>;
        };
        // The kit for tests deals in tokens that are made up.
        const entries = Object.keys(exports).filter((entry) => !['./package.json', './testing'].includes(entry));
        expect(Object.keys(FACTORIES).sort()).toEqual(entries.sort());
    });

    test.each(Object.entries({ ...PLANTED, ...ANSWERED }))('would be seen in any encoding: %s', (name, secret) => {
        const others = Object.entries({ ...PLANTED, ...ANSWERED }).filter(([other]) => other !== name);
        expect(others.filter(([, other]) => other.includes(secret))).toEqual([]);
        const bearers = [
            new Error(`it is ${secret}`),
            new Error('', { cause: { config: { data: new URLSearchParams({ secret }) + '' } } }),
            Object.assign(new Error(), { [Symbol('hidden')]: [new Map([['a', secret]])] }),
            Object.defineProperty(() => {}, 'hidden', { value: { secret } }),
            { toJSON: () => secret },
            { header: `Basic ${Buffer.from(`an-id:${secret}`).toString('base64')}` },
            {
                header: `Basic ${Buffer.from(`id:${new URLSearchParams({ '': secret }).toString().slice(1)}`).toString('base64')}`,
            },
            new Uint8Array(Buffer.from(secret)),
        ];
        expect(bearers.filter((bearer) => !tracesIn(printsOf(bearer), { secret: spellingsOf(secret) }).length)).toEqual(
            [],
        );
        expect(spellingsOf(secret).every(({ length }) => length >= 8)).toBe(true);
    });
});

describe.each([
    ['http', [...FAULTS_OF_THE_WIRE, ...FAULTS_OF_THE_ANSWER]],
    ['fetch', FAULTS_OF_THE_WIRE], // what an answer says is read in the same way
])('over the %s adapter no secret and no token is found', (adapter, faults) => {
    let server: TokenEndpointServer;
    let stage: Stage;
    let events: unknown[];

    beforeEach(async () => {
        server = await startTokenEndpointServer();
        const { ES256, RS256 } = await testKeys();
        events = [];
        const auth = { username: 'somebody', password: PLANTED.authPassword };
        stage = {
            client: { baseURL: server.url, adapter, timeout: 300, auth },
            keys: { ec: ES256, rsa: RS256 },
            onEvent: (event) => events.push(event),
        };
    });

    afterEach(() => server.close());

    async function plantAll(): Promise<(Planted & { name: string })[]> {
        return Promise.all(
            everyPlanting.map(async ([name, planting]) => ({
                name,
                ...(typeof planting === 'string' ? { holders: [] } : await planting(stage)),
            })),
        );
    }

    /** What was made for a request: assertions, proofs, credentials in headers. */
    function madeForRequests(): Record<string, string[]> {
        const made = server.requests.flatMap(({ form, headers }) => [
            form['client_assertion'],
            form['assertion'],
            headers.authorization?.replace(/^\w+ /, ''),
            String(headers['dpop'] ?? ''),
        ]);
        return {
            'made for a request': [...new Set(made.filter((text) => text !== undefined && text !== ''))] as string[],
        };
    }

    function expectNoTraces(values: readonly unknown[], more: Record<string, string[]> = {}): void {
        const secrets = { ...secretsOf(stage), ...madeForRequests(), ...more };
        const printed = values.map(printsOf);
        if (tracesIn(printed.flat(), secrets).length === 0) return;
        const bearers = values.map((value, index) => [String(value), tracesIn(printed[index] ?? [], secrets)]);
        expect(bearers.filter(([, traces]) => traces?.length)).toEqual([]);
    }

    const names = new Set<string>();

    test.each(faults)('in what fails when the server %s', async (_fault, reply) => {
        server.reply(reply());
        const all = await plantAll();
        const failures: unknown[] = [];
        const run = async ({ name, runs = [] }: Planted & { name: string }): Promise<void> => {
            for (const one of runs) {
                const failed: unknown = await one().then(
                    () => undefined,
                    (error: unknown) => error ?? 'nothing',
                );
                if (failed === undefined) continue;
                failures.push(failed);
                names.add(name).add((failed as Error).name);
            }
        };
        await Promise.all(all.map(run));

        expect(failures.length).toBeGreaterThanOrEqual(20);
        expectNoTraces([...failures, events, ...all.flatMap(({ holders }) => holders)]);
    });

    test('and every function that asks has failed, with every class of error', () => {
        const asking = everyPlanting.filter(([, planting]) => typeof planting === 'function').map(([name]) => name);
        const failing = asking.filter((name) => !/attachTokenCreator|createTokenSource|createRedisStore/.test(name));
        expect(failing.filter((name) => !names.has(name))).toEqual([]);
        const errors = Object.entries(FACTORIES['.']?.exports ?? {}).filter(
            ([, value]) => typeof value === 'function' && Reflect.get(value, 'prototype') instanceof Error,
        );
        expect(errors.length).toBeGreaterThan(2);
        expect(errors.filter(([name]) => !names.has(name))).toEqual([]);
    });

    test('in the events, and in what holds tokens, when all goes well', async () => {
        const all = await plantAll();
        for (const { runs = [] } of all) for (const one of runs) await one().catch(() => undefined);

        expect(events.length).toBeGreaterThan(20);
        expectNoTraces([events, ...all.flatMap(({ holders }) => holders)], { granted: ['an-access-token'] });
    });
});
