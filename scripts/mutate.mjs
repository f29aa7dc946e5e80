// Mutation testing of the core: `npm run mutate`, or `npm run mutate -- tokens` for some of its groups. Prints the score of
// each file; the mutants themselves are in reports/mutation. Fails below the score that stryker.config.mjs asks for.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { groups } from '../stryker.config.mjs';

const args = process.argv.slice(2);
const named = args.filter((arg) => arg in groups);
const chosen = named.length > 0 ? named : Object.keys(groups);
const rows = [];
let hasFailed = false;

for (const group of chosen) {
    const { status } = spawnSync('npx', ['stryker', 'run', ...args.filter((arg) => !(arg in groups))], {
        stdio: 'inherit',
        env: { ...process.env, MUTATION_GROUP: group },
    });
    hasFailed ||= status !== 0;
    const { files } = JSON.parse(readFileSync(`reports/mutation/${group}.json`, 'utf8'));
    for (const [file, { mutants }] of Object.entries(files)) rows.push({ file, ...scoreOf(mutants) });
}

const all = rows.reduce((sum, { killed, total }) => ({ killed: sum.killed + killed, total: sum.total + total }), {
    killed: 0,
    total: 0,
});
console.log('\n| file | mutants | killed | score |\n| --- | --- | --- | --- |');
for (const { file, killed, total } of [...rows, { file: 'all', ...all }])
    console.log(`| ${file} | ${total} | ${killed} | ${((100 * killed) / total).toFixed(1)} % |`);
process.exitCode = hasFailed ? 1 : 0;

/** A mutant that makes a test wait for ever is found as well. */
function scoreOf(mutants) {
    const count = (...wanted) => mutants.filter(({ status }) => wanted.includes(status)).length;
    return { killed: count('Killed', 'Timeout'), total: count('Killed', 'Timeout', 'Survived', 'NoCoverage') };
}
