import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BENCHMARKS } from './benchmarks.js';
import { bundle } from './bundle.js';
import type { Figure } from './measure.js';
import { judge, table, type Verdict } from './report.js';

// What the package costs beside plain axios with a static Authorization header.
//
//     npx tsx bench/main.ts [--only <name or beginning of it>] [--quick] [--json]
//
// Each benchmark runs alone, in a process of its own, and measures what it compares in turns within that process: on a
// machine that does other things as well, only such pairs can be compared. A figure is the median of the ratios of the
// pairs; "A/A control" is the same for the static header against itself, and shows how much of a figure is noise.
// Nothing is left out: rounds are neither dropped nor repeated, and a target missed is printed as such.

const root = fileURLToPath(new URL('..', import.meta.url));

async function figuresOf(name: string, directory: string, quick: boolean): Promise<Figure[]> {
    const child = fork(join(directory, 'child.mjs'), [name, quick ? 'quick' : 'full'], {
        cwd: root,
        execArgv: [...(BENCHMARKS[name]?.nodeOptions ?? [])],
    });
    let figures: Figure[] | undefined;
    child.on('message', (message) => (figures = message as Figure[]));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0 || !figures) throw new Error(`the benchmark ${name} ended without figures (exit code ${code})`);
    return figures;
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { only: { type: 'string' }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
    });
    const { only = '', json = false, quick = false } = values;
    const names = Object.keys(BENCHMARKS).filter((name) => name.startsWith(only));
    if (names.length === 0) throw new Error(`--only: there are ${Object.keys(BENCHMARKS).join(', ')}`);

    const { directory, remove } = await bundle(root);
    const verdicts: Verdict[] = [];
    try {
        for (const name of names) {
            const start = performance.now();
            for (const figure of await figuresOf(name, directory, quick)) verdicts.push(judge(name, figure));
            if (!json) console.error(`${name}: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
        }
    } finally {
        await remove();
    }
    console.log(json ? JSON.stringify(verdicts, undefined, 4) : `\n${table(verdicts)}`);
}

await main();
