import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { build as bundleByEsbuild, type Plugin as EsbuildPlugin } from 'esbuild';
import type { OutputOptions, Plugin, RollupOptions } from 'rollup';

// Tests run in the root of the package.
const root = process.cwd();
const packageName = 'axios-token-creator';
const peers = ['axios', 'dpop', 'jose'];

export type Bundler = 'rollup' | 'vite';
export const bundlers: readonly Bundler[] = ['rollup', 'vite'];

/** A project as users have one: modules of its own, and packages in `node_modules`, this one as it is published. */
export interface ProjectPlan {
    /** The code of its modules by their file names, or the path of a module of the tests, with all that it imports. */
    readonly modules: Readonly<Record<string, string | { readonly path: string }>>;
    /** Where packages are installed, by the names that they are imported by; axios is that of the tests otherwise. */
    readonly packages?: Readonly<Record<string, string>>;
    readonly bundles: readonly BundlePlan[];
}

interface BundlePlan {
    readonly name: string;
    readonly bundler: Bundler;
    readonly entries: readonly string[];
    /** Packages that are left out. */
    readonly external?: readonly string[];
}

export interface Bundle {
    readonly name: string;
    /** Where its files are. */
    readonly directory: string;
    /** By file name. */
    readonly code: Readonly<Record<string, string>>;
    /** The modules of which something is left in it; those of packages begin with the name of theirs. */
    readonly modules: readonly string[];
    readonly warnings: readonly string[];
}

export interface Project {
    readonly bundle: (name: string) => Bundle;
    remove(): Promise<void>;
}

/** Sets up a project and bundles it, in a process of its own: jest cannot load Vite. */
export async function bundleProject(plan: ProjectPlan): Promise<Project> {
    const directory = await mkdtemp(join(tmpdir(), 'bundles-'));
    const remove = () => rm(directory, { recursive: true, force: true });
    try {
        await writeFile(join(directory, 'plan.json'), JSON.stringify(plan));
        await run(directory);
        const bundles = JSON.parse(await readFile(join(directory, 'bundles.json'), 'utf8')) as Bundle[];
        const bundle = (name: string): Bundle => {
            const found = bundles.find((each) => each.name === name);
            if (!found) throw new Error(`there is no bundle ${name}`);
            return found;
        };
        return { bundle, remove };
    } catch (error) {
        await remove();
        throw error;
    }
}

async function run(directory: string): Promise<void> {
    const url = pathToFileURL(join(root, '__tests__/support/bundlers.ts')).href;
    const code = `const { carryOut } = await import('${url}'); await carryOut(${JSON.stringify(directory)});`;
    const parameters = ['--import', 'tsx', '--input-type=module', '--eval', code];
    const child = spawn(process.execPath, parameters, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    const [said] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    if (child.exitCode !== 0) throw new Error(`bundling failed: ${said}`);
}

/**
 * What the process does.
 *
 * @public
 */
export async function carryOut(directory: string): Promise<void> {
    const { modules, packages, bundles } = JSON.parse(
        readFileSync(join(directory, 'plan.json'), 'utf8'),
    ) as ProjectPlan;
    mkdirSync(join(directory, 'node_modules'));
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    const own = Object.fromEntries(peers.map((name) => [name, join(root, 'node_modules', name)]));
    for (const [name, installed] of Object.entries({ ...own, ...packages }))
        symlinkSync(realpathSync(installed), join(directory, 'node_modules', name), 'dir');
    await buildPackage(join(directory, 'node_modules', packageName));
    for (const [name, source] of Object.entries(modules))
        await writeFile(join(directory, name), typeof source === 'string' ? source : await moduleAt(source.path));
    const done: Bundle[] = [];
    for (const plan of bundles) done.push(await bundleOne(directory, plan));
    await writeFile(join(directory, 'bundles.json'), JSON.stringify(done));
}

/** Builds the package as `npm run build` does, declarations left out, to another place. */
async function buildPackage(to: string): Promise<void> {
    const { rollup } = await import('rollup');
    const { default: configs } = (await import(pathToFileURL(join(root, 'rollup.config.mjs')).href)) as {
        default: RollupOptions[];
    };
    const [{ output, plugins, ...input } = {}] = configs;
    // It empties `dist`.
    const kept = (plugins as Plugin[]).filter(({ name }) => name !== 'clean');
    const built = await rollup({ ...input, plugins: kept });
    for (const each of output as OutputOptions[]) await built.write({ ...each, dir: join(to, 'dist') });
    await built.close();
    writeFileSync(join(to, 'package.json'), readFileSync(join(root, 'package.json')));
}

/** A module of the tests as JavaScript, which imports the package by its name. */
async function moduleAt(path: string): Promise<string> {
    const published: EsbuildPlugin = {
        name: 'published',
        setup(build) {
            build.onResolve({ filter: /\/src\/(\w+\/)?index\.js$/ }, ({ path: imported }) => {
                const [, subPath] = /\/src\/(?:(\w+)\/)?index\.js$/.exec(imported) ?? [];
                return { path: subPath ? `${packageName}/${subPath}` : packageName, external: true };
            });
        },
    };
    const { outputFiles } = await bundleByEsbuild({
        entryPoints: [path],
        bundle: true,
        write: false,
        format: 'esm',
        target: 'es2022',
        external: ['axios'],
        plugins: [published],
        absWorkingDir: root,
    });
    return outputFiles[0]?.text ?? '';
}

interface Output {
    readonly type: string;
    readonly fileName: string;
    readonly code?: string;
    readonly modules?: Readonly<Record<string, { readonly renderedLength: number }>>;
}

async function bundleOne(project: string, plan: BundlePlan): Promise<Bundle> {
    const { name, bundler, entries, external = [] } = plan;
    const directory = join(project, 'bundles', name);
    await mkdir(directory, { recursive: true });
    const input = Object.fromEntries(entries.map((entry) => [entry.replace(/\.\w+$/, ''), join(project, entry)]));
    const warnings: string[] = [];
    const bundle = bundler === 'vite' ? bundleByVite : bundleByRollup;
    const outputs = await bundle({ project, directory, input, external: [...external], warnings });
    const chunks = outputs.filter(({ type }) => type === 'chunk');
    const used = chunks.flatMap(({ modules = {} }) =>
        Object.keys(modules).filter((id) => (modules[id]?.renderedLength ?? 0) > 0),
    );
    return {
        name,
        directory,
        code: Object.fromEntries(chunks.map(({ fileName, code = '' }) => [fileName, code])),
        modules: used.map((id) => nameOf(id, project)),
        warnings,
    };
}

/** Where a module is, without where its package is. */
function nameOf(id: string, project: string): string {
    const installed = id.lastIndexOf('/node_modules/');
    return installed < 0 ? relative(realpathSync(project), id) : id.slice(installed + '/node_modules/'.length);
}

interface Bundling {
    readonly project: string;
    readonly directory: string;
    readonly input: Record<string, string>;
    readonly external: string[];
    readonly warnings: string[];
}

async function bundleByRollup({ project, directory, input, external, warnings }: Bundling): Promise<readonly Output[]> {
    const { rollup } = await import('rollup');
    const built = await rollup({
        input,
        external,
        plugins: [packagesForBrowsers(project)],
        onLog: (level, { message }) => {
            if (level === 'warn') warnings.push(message);
        },
    });
    const { output } = await built.write({ dir: directory, format: 'es', entryFileNames: '[name].js' });
    await built.close();
    return output;
}

async function bundleByVite({ project, directory, input, external, warnings }: Bundling): Promise<readonly Output[]> {
    const { build, createLogger } = await import('vite');
    const warn = (message: string): void => void warnings.push(message);
    const logger = { ...createLogger('warn'), warn, warnOnce: warn, error: warn };
    const built = await build({
        root: project,
        configFile: false,
        envDir: false,
        base: './',
        customLogger: logger,
        build: {
            outDir: directory,
            emptyOutDir: false,
            modulePreload: { polyfill: false },
            target: 'es2022',
            rollupOptions: {
                input,
                external,
                // As those of a library, where a page would keep none.
                preserveEntrySignatures: 'strict',
                output: { entryFileNames: '[name].js' },
            },
        },
    });
    return (Array.isArray(built) ? built : [built]).flatMap((each) =>
        'output' in each ? each.output : [],
    ) as Output[];
}

interface Manifest {
    readonly exports: Readonly<Record<string, ExportTarget>>;
    readonly browser?: Readonly<Record<string, string>>;
}

type ExportTarget = string | { readonly [condition: string]: ExportTarget };

const conditions = ['browser', 'import', 'module', 'default'];

function targetOf(target: ExportTarget): string | undefined {
    if (typeof target === 'string') return target;
    const fitting = Object.keys(target).find((condition) => conditions.includes(condition));
    return fitting === undefined ? undefined : targetOf(target[fitting] ?? '');
}

/** Resolves packages for browsers, as rollup's own plugin does: by `exports`, and by what `browser` replaces. */
function packagesForBrowsers(project: string): Plugin {
    const manifests = new Map<string, Manifest>();

    function manifestOf(directory: string): Manifest {
        const manifest = manifests.get(directory) ?? read(directory);
        manifests.set(directory, manifest);
        return manifest;
    }

    const read = (directory: string) => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;

    function replaced(path: string): string {
        let directory = dirname(path);
        while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
        const other = manifestOf(directory).browser?.[`./${relative(directory, path)}`];
        return other ? join(directory, other) : path;
    }

    return {
        name: 'packages-for-browsers',
        resolveId(source, importer) {
            if (source.startsWith('.')) return importer ? replaced(join(dirname(importer), source)) : undefined;
            const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(source) ?? [];
            if (!name || !existsSync(join(project, 'node_modules', name))) return undefined;
            const directory = realpathSync(join(project, 'node_modules', name));
            const target = targetOf(manifestOf(directory).exports[`.${rest ?? ''}`] ?? {});
            return target === undefined ? undefined : replaced(join(directory, target));
        },
    };
}
