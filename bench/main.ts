import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.js';
import { runPair, type Pair } from './pair.js';
import { reportOf, resultOf, type Report, type Result } from './report.js';
import { filesOf, pairsOf } from './selection.js';
import { SUBJECTS } from './subjects/index.js';
import { tables } from './table.js';

// What this package and its alternatives cost beside the same HTTP client with a static Authorization header.
//
//     npm run bench -- [--quick | --times 5] [--only <scenario>[:<subject>],...] [--json] [--write]
//
// Each pair of a scenario and a subject runs alone, in a process of its own, and measures the subject and its floor in
// turns within that process: on a machine that does other things as well, only such pairs can be compared. A figure is
// the median of the ratios of the rounds; "A/A control" is the same for the static header against itself, and shows how
// much of a figure is noise. Nothing is left out: rounds are neither dropped nor repeated, what fails, hangs or crashes
// is told as such, and so is a target missed. `--times` measures so many times as long. `--write` puts the figures into
// docs/benchmarks/results.json.

const root = fileURLToPath(new URL('..', import.meta.url));

const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

async function runAll(pairs: readonly Pair[], extent: { quick: boolean; times: number }): Promise<Result[]> {
    const { directory, remove } = await bundle(root, [...new Set(pairs.map(({ file }) => file))]);
    const results: Result[] = [];
    const begin = performance.now();
    try {
        for (const [index, pair] of pairs.entries()) {
            const start = performance.now();
            const result = resultOf(await runPair(pair, { directory, root, ...extent }));
            results.push(result);
            const done = `[${index + 1}/${pairs.length}, ${seconds(begin)}]`;
            const name = `${pair.name}: ${pair.subject.name}`;
            console.error(
                `${done} ${name}: ${result.outcome === 'measured' ? '' : `${result.outcome}, `}${seconds(start)}`,
            );
        }
    } finally {
        await remove();
    }
    return results;
}

async function write(report: Report): Promise<void> {
    await mkdir(join(root, 'docs/benchmarks'), { recursive: true });
    await writeFile(join(root, 'docs/benchmarks/results.json'), `${JSON.stringify(report, undefined, 4)}\n`);
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            only: { type: 'string' },
            json: { type: 'boolean' },
            quick: { type: 'boolean' },
            times: { type: 'string', default: '1' },
            write: { type: 'boolean' },
        },
    });
    const { only = '', json = false, quick = false } = values;
    const times = Number(values.times);
    if (!(Number.isInteger(times) && times > 0)) throw new TypeError(`--times: a whole number, not ${values.times}`);
    const pairs = pairsOf(await filesOf(root, SUBJECTS), only);
    const report = reportOf(root, SUBJECTS, await runAll(pairs, { quick, times }));
    if (values.write) await write(report);
    console.log(json ? JSON.stringify(report, undefined, 4) : `\n${tables(report)}`);
}

await main();
