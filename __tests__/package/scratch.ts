import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const scripts = join(__dirname, '../../scripts');

export interface Outcome {
    readonly status: number | null;
    readonly output: string;
}

/** Runs one of our scripts as CI does. */
export function runScript(name: string, args: string[], cwd: string, env: Record<string, string> = {}): Outcome {
    // What CI sets for its own steps is not for these.
    const bare = { ...process.env, GITHUB_OUTPUT: undefined, GITHUB_REPOSITORY: undefined };
    const options = { cwd, encoding: 'utf8', env: { ...bare, ...env } } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(scripts, name), ...args], options);
    return { status, output: stdout + stderr };
}

export type Files = Readonly<Record<string, unknown>>;

/** A folder with these files, JSON but for texts; it is gone when the tests of the file are over. */
export function useFolders(): (files: Files) => string {
    const folders: string[] = [];
    afterAll(() => {
        for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    return (files) => {
        const folder = mkdtempSync(join(tmpdir(), 'package-'));
        folders.push(folder);
        for (const [path, content] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
        }
        return folder;
    };
}
