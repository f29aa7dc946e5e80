import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { interleave, spread, type Benchmark } from './measure.js';

// Importing the package (bundled into one file, as it is published, with axios outside) beside importing axios alone.
// Each import is the only one of a fresh process, which measures it itself: the start of Node, which would hide a
// difference, is not part of it.

const PACKAGE = new URL('./package.mjs', import.meta.url).href;
const WORKING_DIRECTORY = fileURLToPath(new URL('.', import.meta.url));

async function importInFreshProcess(specifier: string): Promise<number> {
    const script = `
        const start = performance.now();
        await import(${JSON.stringify(specifier)});
        console.log(performance.now() - start);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: WORKING_DIRECTORY,
    });
    return Number(stdout);
}

export const importTime: Benchmark = async ({ quick }) => {
    const loads = {
        axios: () => importInFreshProcess('axios'),
        control: () => importInFreshProcess('axios'),
        package: () => importInFreshProcess(PACKAGE),
    };
    await interleave(1, loads); // files into the cache of the operating system
    const rounds = await interleave(quick ? 6 : 30, loads);
    return [
        {
            name: 'import of the package / of axios alone',
            unit: 'x',
            measured: spread(rounds.map((round) => round.package / round.axios)),
            control: spread(rounds.map(({ control, axios }) => control / axios)),
            target: { atMost: 1.03 },
        },
        { name: 'import of axios alone', unit: 'ms', measured: spread(rounds.map(({ axios }) => axios)) },
    ];
};
