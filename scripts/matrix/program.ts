/** What runs in each runtime: `<runtime> program.mjs <settings as JSON>`; prints a line of JSON for each case. */
import sender, { type AxiosStatic } from 'axios';
import { behaviours } from '../../__tests__/matrix/behaviours.js';
import type { CaseResult } from '../../__tests__/matrix/results.js';
import { runBehaviours, type Scene } from '../../__tests__/matrix/scene.js';
import * as library from '../../src/index.js';

/** A scene as it is told on the command line. */
export interface ProgramSettings extends Pick<Scene, 'adapter' | 'runtime' | 'url' | 'elsewhere'> {
    /** Under which name the user's axios is installed. */
    readonly user: string;
}

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

const tell = (result: CaseResult): void => console.log(JSON.stringify(result));

/** What no case can see by itself. */
function quietCase(): CaseResult {
    const name = 'no rejection is left unhandled';
    return unhandled.length === 0
        ? { name, outcome: 'passed' }
        : { name, outcome: 'failed', why: unhandled.map(String).join('; ') };
}

async function main(): Promise<void> {
    const { user, ...given } = JSON.parse(String(process.argv.at(-1))) as ProgramSettings;
    const { default: axios } = (await import(user)) as { default: AxiosStatic };
    await runBehaviours(behaviours, { ...given, axios, sender, library }, tell);
    await new Promise((resolve) => {
        setTimeout(resolve); // rejections count as unhandled by then
    });
    tell(quietCase());
    // Connections that are kept alive would keep the process alive for some seconds.
    process.exit(0);
}

await main();
