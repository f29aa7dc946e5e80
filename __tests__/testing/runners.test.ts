import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { createMemoryStore } from '../../src/shared/index.js';
import { storeContract } from '../../src/testing/index.js';

const root = join(__dirname, '../..');
const contents = `
    export { storeContract } from './src/testing/index.ts';
    export { createMemoryStore } from './src/shared/memory-store.ts';`;
const { length } = storeContract(createMemoryStore);
const options = { patience: 30 };
let directory: string;

async function bundle(format: 'cjs' | 'esm' | 'iife'): Promise<string> {
    // Neutral: what only Node, or only browsers have could not be imported.
    const stdin = { contents, resolveDir: root, loader: 'ts' } as const;
    const result = await build({ stdin, bundle: true, write: false, platform: 'neutral', format, globalName: 'all' });
    return result.outputFiles[0]?.text ?? '';
}

beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'contract-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it.each([
    ['esm', 'mjs', 'import { createMemoryStore, storeContract } from "./contract.mjs"; import test from "node:test";'],
    [
        'cjs',
        'cjs',
        'const { createMemoryStore, storeContract } = require("./contract.cjs"); const test = require("node:test");',
    ],
] as const)('node:test runs the cases (%s)', async (format, extension, head) => {
    const suite = join(directory, `suite.${extension}`);
    await writeFile(join(directory, `contract.${extension}`), await bundle(format));
    const cases = `storeContract(() => store, ${JSON.stringify(options)})`;
    await writeFile(
        suite,
        `${head}\nconst store = createMemoryStore();\nfor (const { name, run } of ${cases}) test(name, run);`,
    );
    // What jest's own process is told is not meant for another runner.
    const env = { PATH: process.env['PATH'] };

    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', suite], { env });

    expect(stdout).toMatch(`# pass ${length}\n`);
});

it('needs no more than timers and a clock', async () => {
    const script = `${await bundle('iife')}
        const store = all.createMemoryStore();
        all.storeContract(() => store, ${JSON.stringify(options)}).map(({ run }) => run());`;

    const runs = runInNewContext(script, { setTimeout, clearTimeout, queueMicrotask, performance }) as Promise<void>[];

    expect(await Promise.all(runs)).toHaveLength(length);
});
