import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { runtimes, type Runtime } from './plan.js';

const run = promisify(execFile);

/** Where the versions under test are installed, each under a name of its own. */
export interface Scratch {
    readonly directory: string;
    /** Where the binary of a runtime is; undefined on platforms that its package is not for. */
    binaryOf(runtime: Runtime): string | undefined;
}

export const axiosName = (version: string): string => `axios-${version}`;

/** undefined where the binaries run; else why they do not. */
export function platformLacks(): string | undefined {
    const platform = `${process.platform}-${process.arch}`;
    return platform === 'linux-x64'
        ? undefined
        : `the packages of its binary that are pinned are for linux-x64, not ${platform}`;
}

/** Installs what is not there yet from the registry, into a folder whose name tells what is in it. */
export async function prepareScratch(root: string, axiosVersions: readonly string[]): Promise<Scratch> {
    const dependencies = Object.fromEntries([
        ...axiosVersions.map((version) => [axiosName(version), `npm:axios@${version}`]),
        ...(platformLacks() ? [] : runtimes.map(({ name, dependency }) => [name, dependency])),
    ]) as Record<string, string>;
    const manifest = JSON.stringify({ private: true, type: 'module', dependencies }, undefined, 4);
    const hash = createHash('sha256').update(manifest).digest('hex').slice(0, 16);
    const directory = join(root, 'node_modules', '.cache', 'compatibility', hash);
    if (!(await exists(directory))) await install(directory, manifest);
    return {
        directory,
        binaryOf({ name, kind }) {
            if (platformLacks()) return undefined;
            return join(directory, 'node_modules', name, ...(kind === 'deno' ? ['deno'] : ['bin', kind]));
        },
    };
}

/** The folder gets its name when it is complete: an installation that was interrupted is not taken for a whole one. */
async function install(directory: string, manifest: string): Promise<void> {
    const partial = `${directory}.${process.pid}`;
    await mkdir(dirname(directory), { recursive: true });
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await writeFile(join(partial, 'package.json'), manifest);
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial });
    const deno = join(partial, 'node_modules', 'deno', 'deno');
    if (await exists(deno)) await chmod(deno, 0o755);
    await rename(partial, directory).catch(async (error: unknown) => {
        await rm(partial, { recursive: true, force: true });
        // Somebody else may have been faster.
        if (!(await exists(directory))) throw error;
    });
}

async function exists(path: string): Promise<boolean> {
    return access(path).then(
        () => true,
        () => false,
    );
}
