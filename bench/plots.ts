import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawAll } from './plots/pictures.js';
import type { Report } from './report.js';
import { page } from './table.js';

// Draws what `npm run bench -- --write` measured, and lists all of it on a page.
//
//     npm run bench:plots [-- --check] [<directory of results.json, otherwise docs/benchmarks>]
//
// The same figures give the same bytes: `--check` writes nothing, and fails where a file is not that of results.json.

const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
});
const directory = positionals[0] ?? fileURLToPath(new URL('../docs/benchmarks', import.meta.url));
const nameOf = (file: string): string => relative(process.cwd(), join(directory, file));

async function textOf(file: string): Promise<string | undefined> {
    try {
        return await readFile(join(directory, file), 'utf8');
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
    }
}

async function check(files: ReadonlyMap<string, string>): Promise<void> {
    const faults: string[] = [];
    for (const [file, wanted] of files) {
        const text = await textOf(file);
        if (text === undefined) faults.push(`${nameOf(file)}: missing`);
        else if (text !== wanted) faults.push(`${nameOf(file)}: not what results.json says`);
    }
    for (const file of await readdir(directory))
        if (file.endsWith('.svg') && !files.has(file)) faults.push(`${nameOf(file)}: nothing draws it`);
    if (faults.length === 0) return;
    console.error([...faults, 'npm run bench:plots draws them anew'].join('\n'));
    process.exitCode = 1;
}

async function write(files: ReadonlyMap<string, string>): Promise<void> {
    await mkdir(directory, { recursive: true });
    for (const [file, content] of files) {
        await writeFile(join(directory, file), content);
        console.log(nameOf(file));
    }
}

const text = await textOf('results.json');
if (text === undefined) throw new Error(`${nameOf('results.json')} is missing: npm run bench -- --write writes it`);
const report = JSON.parse(text) as Report;
const files = new Map([...drawAll(report), ['figures.md', page(report)]]);
await (values.check ? check(files) : write(files));
