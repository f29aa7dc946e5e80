import { readFileSync, rmSync } from 'node:fs';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

// One entry per sub-path of the package: name in dist -> source.
const paths = ['dpop', 'jwt', 'redis', 'shared', 'tabs', 'testing'];
const input = { index: 'src/index.ts', ...Object.fromEntries(paths.map((path) => [path, `src/${path}/index.ts`])) };

const external = (id) => id.startsWith('node:') || packages.some((name) => id === name || id.startsWith(`${name}/`));

const clean = {
    name: 'clean',
    buildStart: () => rmSync('dist', { recursive: true, force: true }),
};

const output = (format, extension, options) => ({
    dir: 'dist',
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `chunks/[name]-[hash].${extension}`,
    ...options,
});

// Each file of its own makes an import slower.
const code = { sourcemap: true, experimentalMinChunkSize: 2_000 };

const onwarn = (warning) => {
    throw Object.assign(new Error(warning.message), warning);
};

/** @type {import('rollup').RollupOptions[]} */
export default [
    {
        input,
        external,
        onwarn,
        plugins: [clean, esbuild({ target: 'es2022', tsconfig: 'tsconfig.build.json' })],
        output: [output('es', 'js', code), output('cjs', 'cjs', { ...code, exports: 'named', interop: 'auto' })],
    },
    {
        input,
        external,
        onwarn,
        plugins: [dts({ tsconfig: 'tsconfig.build.json' })],
        output: [output('es', 'd.ts'), output('es', 'd.cts')],
    },
];
