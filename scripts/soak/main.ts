import { parseArgs } from 'node:util';
import { createRandom } from '../../bench/fleet/random.js';
import { createTestAuthorizationServer, type TestAuthorizationServer } from '../../src/testing/index.js';
import { checksOf } from './checks.js';
import type { Sample, Span } from './messages.js';
import { writePage } from './page.js';
import { runApplication } from './run.js';
import { LIFETIMES, SOURCES, STALL } from './settings.js';
import { startTrouble } from './trouble.js';

// Two sources with two authorization servers in which anything goes wrong at any time, and a hundred requests a second:
// see docs/soak.md.
//
//     npm run soak [-- --minutes 30] [--seed N] [--write]
//
// `--write` puts the figures into docs/soak.md, and draws docs/soak.svg.

const { values } = parseArgs({
    options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        write: { type: 'boolean', default: false },
    },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes >= 1)) throw new TypeError(`--minutes must be a number, at least 1, not ${values.minutes}`);
if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed must be a whole number, not ${values.seed}`);

/** Notes when this process is not let run: its servers answer nobody then. */
function watchStalls(): { readonly stalls: readonly Span[]; stop(): void } {
    const stalls: Span[] = [];
    let last = Date.now();
    const timer = setInterval(() => {
        const now = Date.now();
        if (now - last > STALL) stalls.push({ from: last, until: now });
        last = now;
    }, STALL / 10);
    return { stalls, stop: () => clearInterval(timer) };
}

function tellMinutes(): (sample: Sample) => void {
    let told = 0;
    return ({ at, requests, heap, handles }) => {
        const minute = Math.floor(at / 60_000);
        if (minute <= told) return;
        told = minute;
        console.log(
            `minute ${minute}: ${requests} requests, heap ${(heap / 2 ** 20).toFixed(2)} MiB, ${handles} handles`,
        );
    };
}

async function authorizationOf({ url }: TestAuthorizationServer): Promise<string> {
    const answer = await fetch(`${url}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'password' }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    return `Bearer ${access_token}`;
}

console.log(`${minutes} minutes, seed ${seed}`);
const watch = watchStalls();
const servers = await Promise.all(
    SOURCES.map(async (name) => ({
        name,
        server: await createTestAuthorizationServer({ expiresIn: LIFETIMES[name] }),
    })),
);
const wellServer = await createTestAuthorizationServer({ expiresIn: 10 * 86_400 });
const troubled = servers.map(({ server }, index) => startTrouble(server, createRandom(seed + index)));
const stopAll = () => Promise.all(troubled.map((trouble) => trouble.stop()));
const urls = Object.fromEntries(servers.map(({ name, server }) => [name, server.url]));
const plain = { url: wellServer.url, authorization: await authorizationOf(wellServer) };

const [ours, control] = await Promise.all([
    runApplication({ minutes, urls }, tellMinutes(), () => void stopAll()),
    runApplication(
        { minutes, urls: {}, plain },
        () => {},
        () => {},
    ),
]);
await stopAll();
watch.stop();
const troubles = Object.fromEntries(servers.map(({ name }, index) => [name, troubled[index]?.troubles]));
const counts = servers.map(({ server }) => server.counts);
await Promise.all([...servers.map(({ server }) => server.close()), wellServer.close()]);

const report = checksOf({ ours, control, troubles, counts, stalls: watch.stalls });
for (const { name, passed, said } of report.checks) console.log(`${passed ? 'passed' : 'FAILED'}  ${name}: ${said}`);
for (const line of report.lost.slice(0, 10)) console.log(`    ${line}`);
if (values.write) await writePage({ minutes, seed, checks: report.checks, ours, control });
if (report.checks.some(({ passed }) => !passed)) process.exitCode = 1;
