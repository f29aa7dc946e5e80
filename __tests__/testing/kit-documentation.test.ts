import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { useTestServers } from './test-servers.js';
import { differences, readPage, SAME } from '../docs/excerpts.js';

const root = join(__dirname, '../..');
const suites = ['shop-unit.ts', 'shop-integration.ts'];
const serve = useTestServers();

it('docs/testing.md shows the code that is run here, to the letter, and no other', () => {
    const files = ['shop.ts', ...suites].map((name) => `../../examples/testing/${name}`);

    expect(differences('testing.md', files)).toEqual(SAME);
});

it('docs/testing.md lists every fault that there is, and no other', async () => {
    const server = await serve();
    let known: string[] = [];
    try {
        server.inject({} as never);
    } catch (error) {
        known = /one of (.*), not undefined/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
    }

    const rows = [...readPage('testing.md').matchAll(/^\| `\{ type: '([\w-]+)'/gm)].map(([, type]) => type);

    expect(known.length).toBeGreaterThan(10);
    expect(new Set(rows)).toEqual(new Set(known));
});

describe('its examples run with jest:', () => {
    describe('unit tests', () => void jest.requireActual('../../examples/testing/shop-unit.js'));
    describe('integration tests', () => void jest.requireActual('../../examples/testing/shop-integration.js'));
});

it('its examples run with vitest', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vitest-'));
    const report = join(directory, 'report.json');
    const include = suites.map((name) => `examples/testing/${name}`);
    const test = { globals: true, include, reporters: ['json'], outputFile: report, testTimeout: 60_000 };
    const config = join(directory, 'vitest.config.mjs');
    await writeFile(config, `export default ${JSON.stringify({ root, cacheDir: directory, test })};`);
    const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
    // What jest's own process is told is not meant for another runner.
    const env = { PATH: process.env['PATH'] };

    await promisify(execFile)(process.execPath, [vitest, 'run', '--config', config], { cwd: root, env });

    const { numTotalTests, numPassedTests } = JSON.parse(await readFile(report, 'utf8')) as Record<string, number>;
    const written = await Promise.all(include.map((name) => readFile(join(root, name), 'utf8')));
    expect(numPassedTests).toBe(written.join('').match(/^it\(/gm)?.length);
    expect(numTotalTests).toBe(numPassedTests);
    await rm(directory, { recursive: true, force: true });
});
