import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { perMinute, table } from './figures.js';
import { MINUTE, type Course } from './fleet.js';
import { plot, type Panel } from './plot.js';
import { REVOKED_AT, SCENARIOS, STORE_DOWN, type ScenarioName } from './scenarios.js';

// A fleet of 10,000 nodes for three hours of virtual time, with and without sharing.
//
//     npm run simulate [-- --write]
//
// Prints the table; with `--write` it goes to docs/fleet-figures.md, and the plot to docs/fleet.svg.

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function courseOf(name: ScenarioName): Promise<Course> {
    const start = performance.now();
    const command = [...process.execArgv, pathOf('./child.ts'), name];
    const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 28 });
    console.error(`${name}: ${((performance.now() - start) / 1_000).toFixed(0)} s`);
    return JSON.parse(stdout) as Course;
}

/** As many at a time as there are processors. */
async function simulateAll(names: readonly ScenarioName[]): Promise<Map<ScenarioName, Course>> {
    const courses = new Map<ScenarioName, Course>();
    const left = [...names];
    const takeNext = async (): Promise<void> => {
        for (let name = left.shift(); name; name = left.shift()) courses.set(name, await courseOf(name));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, takeNext));
    return courses;
}

async function main(): Promise<void> {
    const names = Object.keys(SCENARIOS) as ScenarioName[];
    const courses = await simulateAll(names);
    const rows = names.flatMap((name) => {
        const course = courses.get(name);
        return course ? [{ scenario: SCENARIOS[name], course }] : [];
    });
    const figures = table(rows);
    console.log(figures);
    if (!process.argv.includes('--write')) return;

    const minutesOf = (name: ScenarioName): number[] =>
        perMinute(courses.get(name)?.calls ?? [], SCENARIOS[name].duration);
    const panels: Panel[] = [
        {
            title: 'All tokens are revoked at 1:30',
            unshared: minutesOf('revoked'),
            shared: minutesOf('revokedShared'),
            notes: [{ minute: REVOKED_AT / MINUTE, text: 'revoked' }],
        },
        {
            title: 'The store is down from 0:50 to 1:00, when the first token has to be renewed',
            unshared: minutesOf('rolling'),
            shared: minutesOf('downShared'),
            notes: [{ minute: (STORE_DOWN.from + STORE_DOWN.until) / 2 / MINUTE, text: 'store down' }],
        },
    ];
    await writeFile(pathOf('../../docs/fleet.svg'), plot('Token requests per minute, 10,000 nodes', panels));
    const page = pathOf('../../docs/fleet-figures.md');
    const text = await readFile(page, 'utf8');
    await writeFile(page, text.replace(/^\|.*\|$(\n\|.*\|$)*/m, figures));
}

await main();
