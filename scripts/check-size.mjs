// What the package costs in a browser bundle: each import of size-budget.json is bundled from the built package,
// minified, with axios left out, and compressed. Usage, after a build: node scripts/check-size.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const budgets = JSON.parse(readFileSync(new URL('../size-budget.json', import.meta.url), 'utf8'));

async function bundle(imports) {
    const names = imports.slice(0, imports.indexOf('}') + 1);
    const result = await build({
        stdin: { contents: `import ${imports};\nglobalThis.used = ${names};\n`, resolveDir: root },
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        external: ['axios'],
        absWorkingDir: root,
    });
    return result.outputFiles[0].contents;
}

for (const [name, budget] of Object.entries(budgets)) {
    const code = await bundle(budget.import);
    const gzip = gzipSync(code, { level: 9 }).length;
    const verdict = gzip > budget.gzip ? 'TOO LARGE' : 'ok';
    console.log(`${name}: ${gzip} bytes gzipped (${code.length} minified), budget ${budget.gzip}: ${verdict}`);
    if (gzip > budget.gzip) process.exitCode = 1;
}
