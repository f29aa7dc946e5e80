import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { CaseResult, Results } from '../../__tests__/matrix/results.js';
import type { MatrixServer } from '../../__tests__/matrix/server.js';
import { adaptersOf, type PlannedRow } from './plan.js';
import type { ProgramSettings } from './program.js';
import { axiosName, platformLacks, type Scratch } from './scratch.js';

const LONGEST_ROW = 90_000;

/** Bundles of the behaviours with the library, one for each axios that the library resolves. */
export interface Programs {
    pathFor(version: string): string;
    remove(): Promise<void>;
}

export async function bundlePrograms(
    root: string,
    { directory }: Scratch,
    versions: readonly string[],
): Promise<Programs> {
    // Within the scratch folder, where the runtimes look for packages.
    await mkdir(join(directory, 'programs'), { recursive: true });
    const folder = await mkdtemp(join(directory, 'programs', 'run-'));
    const pathFor = (version: string): string => join(folder, `${version}.mjs`);
    await Promise.all(
        versions.map(async (version) => {
            const { outputFiles } = await build({
                entryPoints: [join(root, 'scripts', 'matrix', 'program.ts')],
                bundle: true,
                write: false,
                format: 'esm',
                platform: 'neutral',
                target: 'es2022',
                alias: { axios: axiosName(version) },
                external: ['axios-*'],
            });
            await writeFile(pathFor(version), outputFiles[0]?.text ?? '');
        }),
    );
    return { pathFor, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** What is needed to run a row. */
export interface Workshop {
    readonly scratch: Scratch;
    readonly programs: Programs;
    readonly server: MatrixServer;
}

/** @param path - where the row has the server to itself */
export async function runRow({ on, ...row }: PlannedRow, workshop: Workshop, path: string): Promise<Results> {
    const { scratch, programs, server } = workshop;
    const { library, adapter } = row;
    if (!adaptersOf(library).some((name) => name === adapter))
        return {
            ...row,
            notRun: `requests fail where the library resolves axios ${library}, which has no ${adapter} adapter`,
        };
    const binary = scratch.binaryOf(on);
    if (!binary) return { ...row, notRun: platformLacks() ?? 'there is no binary' };
    const settings: ProgramSettings = {
        user: axiosName(row.user),
        adapter: row.adapter,
        runtime: on.kind,
        url: `${server.url}/${path}`,
        elsewhere: `${server.elsewhere}/${path}`,
    };
    const flags = {
        node: [],
        bun: ['--no-install'],
        deno: ['run', '--no-remote', '--no-prompt', ...denoPermissions(scratch.directory)],
    }[on.kind];
    const parameters = [...flags, programs.pathFor(row.library), JSON.stringify(settings)];
    return { ...row, cases: await runProgram(binary, parameters, scratch.directory) };
}

function denoPermissions(directory: string): string[] {
    return ['--allow-net=127.0.0.1', '--allow-env', `--allow-read=${directory}`];
}

/** Nothing of the environment that could lead a request, or a lookup, elsewhere. */
function environment(directory: string): NodeJS.ProcessEnv {
    return { PATH: '/usr/bin:/bin', HOME: directory, DENO_DIR: join(directory, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
}

async function runProgram(binary: string, parameters: string[], directory: string): Promise<CaseResult[]> {
    const child = spawn(binary, parameters, { cwd: directory, env: environment(directory), timeout: LONGEST_ROW });
    const complaints: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    const ended = new Promise<string>((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(code === 0 ? '' : `exit code ${code ?? signal}`));
    });
    const cases: CaseResult[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('{')) cases.push(JSON.parse(line) as CaseResult);
    }
    const end = await ended;
    const why = `${end || 'no case was run'}: ${complaints.join('').trim().slice(-2_000)}`;
    if (end || cases.length === 0) cases.push({ name: 'the process runs to its end', outcome: 'failed', why });
    return cases;
}
