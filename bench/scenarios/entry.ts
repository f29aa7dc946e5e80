import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';

/** Ours is bundled from its sources, so that no build has to come first. */
const OURS = { 'axios-token-creator': join(process.cwd(), 'src/index.ts') };

/** Bundles a module that is given as text, as if it lay in the root of the repository. */
export async function bundleEntry(entry: string, options: BuildOptions): Promise<Uint8Array> {
    const { outputFiles } = await build({
        stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        format: 'esm',
        target: 'es2022',
        alias: OURS,
        logLevel: 'silent',
        ...options,
        write: false,
    });
    return outputFiles[0]?.contents ?? new Uint8Array();
}
