/** Runs the behaviours on each version of axios, in each runtime; see docs/compatibility.md. */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Results } from '../../__tests__/matrix/results.js';
import { startMatrixServer } from '../../__tests__/matrix/server.js';
import { writePage } from './page.js';
import { runPages } from './pages.js';
import { olderAxiosVersions, planRows, runtimes } from './plan.js';
import { countsOf, describeRow, failuresOf, missingRuntimes } from './report.js';
import { bundlePrograms, runRow } from './run-row.js';
import { prepareScratch, type Scratch } from './scratch.js';

const AT_ONCE = 3; // a row mostly waits

const root = process.cwd();
const pagePath = join(root, 'docs', 'compatibility.md');

function newestAxios(): string {
    const text = readFileSync(join(root, 'node_modules', 'axios', 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
}

function report(result: Results, place = ''): void {
    console.log(`${place}${describeRow(result)}: ${countsOf(result)}`);
    for (const { name, why } of failuresOf(result)) console.log(`    FAILED ${name}\n        ${why}`);
}

async function runPrograms(scratch: Scratch, newest: string, only: string): Promise<Results[]> {
    const programs = await bundlePrograms(root, scratch, [...olderAxiosVersions, newest]);
    const server = await startMatrixServer();
    try {
        const planned = runtimes.flatMap((runtime) => planRows(runtime, newest));
        const wanted = planned.filter((row) => describeRow(row).includes(only));
        const results: Results[] = [];
        const next = wanted.entries();
        const work = async (): Promise<void> => {
            for (const [index, row] of next) {
                const result = await runRow(row, { scratch, programs, server }, `row-${index}`);
                results[index] = result;
                report(result, `${index + 1}/${wanted.length} `);
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        return results;
    } finally {
        await server.close();
        await programs.remove();
    }
}

async function runAll(only: string): Promise<Results[]> {
    const newest = newestAxios();
    console.log('Installing what is not there yet …');
    const scratch = await prepareScratch(root, [...olderAxiosVersions, newest]);
    const programs = runPrograms(scratch, newest, only);
    const pages = 'Chromium'.includes(only) ? runPages(scratch, newest) : [];
    const results = await Promise.all([programs, pages]);
    for (const result of results[1]) report(result);
    return results.flat();
}

/** @returns what is wrong */
async function staleness(results: readonly Results[]): Promise<string | undefined> {
    const missing = missingRuntimes(results);
    if (missing.length > 0) {
        console.log(`docs/compatibility.md was not compared, these were not run: ${missing.join('; ')}.`);
        return undefined;
    }
    const written = await readFile(pagePath, 'utf8').catch(() => '');
    return written === writePage(results)
        ? undefined
        : 'docs/compatibility.md is stale: npm run test:matrix -- --write';
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { write: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
    });
    const start = performance.now();
    const results = await runAll(values.only);
    const failed = results.filter((result) => failuresOf(result).length > 0).length;
    const seconds = Math.round((performance.now() - start) / 1000);
    if (failed > 0) process.exitCode = 1;
    if (!values.only) {
        console.log(writePage(results));
        if (values.write) await writeFile(pagePath, writePage(results));
        const complaint = await staleness(results);
        if (complaint) {
            console.error(complaint);
            process.exitCode = 1;
        }
    }
    console.log(`${results.length} rows, ${failed} with failures, ${seconds} s`);
}

await main();
