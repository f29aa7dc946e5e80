import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rollup, type RollupOptions } from 'rollup';

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

/** Builds this package as it is published. */
export async function buildOurs(dir: string): Promise<string> {
    const config = pathToFileURL(join(process.cwd(), 'rollup.config.mjs')).href;
    const [published] = ((await import(config)) as { default: RollupOptions[] }).default;
    const [output] = [published?.output ?? []].flat();
    const plugins = [published?.plugins]
        .flat()
        .filter((plugin) => plugin && 'name' in plugin && plugin.name !== 'clean');
    const built = await rollup({ ...published, plugins });
    await built.write({ ...output, dir, entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
    return join(dir, 'index.mjs');
}
