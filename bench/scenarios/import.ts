import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { interleave, interleaveFor, spread } from '../measure.js';
import { buildOurs, bundleEntry } from './entry.js';
import { paceOf, type Context, type Run } from './scenario.js';

// Importing what a subject needs (its packages as they are installed; ours built into files, as it is published)
// beside importing axios alone. Each import is the only one of a fresh process, which measures it itself: the start of
// Node, which would hide a difference, is not part of it.

const DIRECTORY = new URL('.', import.meta.url);

async function runFresh(script: string): Promise<number> {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: fileURLToPath(DIRECTORY),
    });
    return Number(stdout);
}

const importTimeOf = (specifier: string): Promise<number> =>
    runFresh(`
        const start = performance.now();
        await import(${JSON.stringify(specifier)});
        console.log(performance.now() - start);
    `);

const importAxios = (): Promise<number> => importTimeOf('axios');

/**
 * Files that are loaded as modules, in another process than those whose time is taken: ES modules are seen by a loader
 * that counts what it loads, what CommonJS requires by the cache of `require`. Modules of Node itself do not count.
 */
const modulesOf = (specifier: string): Promise<number> =>
    runFresh(`
        import { createRequire, register } from 'node:module';
        import { pathToFileURL } from 'node:url';
        import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
        const { port1, port2 } = new MessageChannel();
        const loader = \`
            let port;
            export const initialize = (data) => void (port = data.port);
            export const load = (url, context, next) => (port.postMessage(url), next(url, context));
        \`;
        register('data:text/javascript,' + encodeURIComponent(loader), { data: { port: port2 }, transferList: [port2] });
        await import(${JSON.stringify(specifier)});
        const cached = Object.keys(createRequire(import.meta.url).cache);
        const modules = new Set(cached.map((path) => pathToFileURL(path).href));
        for (let got; (got = receiveMessageOnPort(port1)); ) modules.add(got.message);
        const files = [...modules].filter((url) => url.startsWith('file:'));
        console.log(files.length);
        process.exit();
    `);

const IMPORT_AXIOS = "import 'axios';\n";

async function writeModule(name: string, code: string | Uint8Array): Promise<URL> {
    const url = new URL(`./${name}-${process.pid}.mjs`, DIRECTORY);
    await writeFile(url, code);
    return url;
}

/** With axios, where it is axios that the subject is for: not all that are load it by themselves. */
async function codeOf({ subject, isOurs }: Context): Promise<string | Uint8Array> {
    if (isOurs) {
        const built = await buildOurs(fileURLToPath(new URL(`./built-${process.pid}`, DIRECTORY)));
        return `${IMPORT_AXIOS}export * from ${JSON.stringify(pathToFileURL(built).href)};\n`;
    }
    const modules = `${subject.http === 'axios' ? IMPORT_AXIOS : ''}${subject.entry}`;
    return bundleEntry(modules, { packages: 'external', platform: 'node' });
}

export const importTime: Run = async function* (context) {
    const entry = await writeModule('entry', await codeOf(context));
    // The least that there can be: a file that imports axios, and nothing else.
    const empty = await writeModule('empty', IMPORT_AXIOS);
    const loads = {
        axios: importAxios,
        measured: () => importTimeOf(entry.href),
        ...(context.isOurs && { control: importAxios, empty: () => importTimeOf(empty.href) }),
    };
    await interleave(1, loads); // files into the cache of the operating system
    const rounds = await interleaveFor(paceOf(context, { quick: 500, ours: 2_000, others: 300 }), loads);
    yield {
        name: 'import / of axios alone',
        key: 'ratio',
        unit: 'x',
        measured: spread(rounds.map((round) => round.measured / round.axios)),
        ...(context.isOurs && { control: spread(rounds.map(({ control, axios: alone }) => control / alone)) }),
        target: { atMost: 1.02 },
    };
    if (context.isOurs)
        yield {
            name: 'the same of an empty module',
            key: 'empty',
            unit: 'x',
            measured: spread(rounds.map(({ empty: least, axios: alone }) => least / alone)),
        };
    yield {
        name: 'import of axios alone',
        key: 'axios',
        unit: 'ms',
        measured: spread(rounds.map(({ axios: alone }) => alone)),
    };
    yield { name: 'modules loaded', key: 'modules', unit: '', measured: await modulesOf(entry.href) };
    if (context.isOurs)
        yield { name: 'modules of axios alone', key: 'axios.modules', unit: '', measured: await modulesOf('axios') };
};
