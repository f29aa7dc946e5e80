import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import type { Benchmark } from './measure.js';

// What the two functions of the README's first example add to a browser bundle, without axios: minified, and
// compressed as tightly as gzip can. From the sources, so that no build has to come first.

export const size: Benchmark = async () => {
    const names = 'attachTokenCreator, createClientTokenCreator';
    const { outputFiles } = await build({
        stdin: {
            contents: `import { ${names} } from './src/index.js';\nglobalThis.used = { ${names} };\n`,
            resolveDir: process.cwd(),
        },
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        external: ['axios'],
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    return [
        {
            name: 'attach and client credentials, gzipped',
            unit: 'B',
            measured: gzipSync(code, { level: 9 }).length,
            target: { atMost: 4_000 },
        },
        { name: 'attach and client credentials, minified', unit: 'B', measured: code.length },
    ];
};
