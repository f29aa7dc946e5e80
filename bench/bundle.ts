import { build } from 'esbuild';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where bundled code lies, and with it the modules that are loaded from there. */
export interface Bundle {
    readonly directory: string;
    readonly remove: () => Promise<void>;
}

/**
 * Bundles the benchmarks, and with them the package, as the package is published: plain ES2022, axios outside. Run as
 * they are under tsx, every closure would be wrapped to keep its name, at a cost that no user of the package has. Each
 * subject and each scenario stays a module of its own, so that a process loads the one it measures and no other.
 *
 * @param subjects - names of files in bench/subjects, without their extension
 */
export async function bundle(root: string, subjects: readonly string[]): Promise<Bundle> {
    const directory = await mkdtemp(join(tmpdir(), 'axios-token-creator-bench-'));
    const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
    try {
        await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
        await build({
            entryPoints: {
                child: join(root, 'bench/child.ts'),
                server: join(root, 'bench/worlds/server.ts'),
                ...Object.fromEntries(subjects.map((name) => [name, join(root, `bench/subjects/${name}.ts`)])),
            },
            outdir: directory,
            outExtension: { '.js': '.mjs' },
            bundle: true,
            splitting: true,
            packages: 'external',
            platform: 'node',
            format: 'esm',
            target: 'es2022',
            logLevel: 'error',
        });
    } catch (error) {
        await remove();
        throw error;
    }
    return { directory, remove };
}
