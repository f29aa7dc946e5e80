// What the package costs in a browser bundle: each import of size-budget.json is bundled from the built package,
// minified, with axios left out, and compressed. Every entry of the package has a budget, and no other.
// Usage, after a build: node scripts/check-size.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const budgets = read('size-budget.json');
const { name: library, exports } = read('package.json');

const IMPORT = /^(?:(\{[^}]+\})|\* as (\w+)) from '([^']+)'$/;

function partsOf(imports) {
    const [, names, namespace, entry] = IMPORT.exec(imports) ?? [];
    if (!entry) throw new Error(`size-budget.json: "${imports}" is not an import`);
    return { used: names ?? namespace, entry };
}

async function bundle(imports) {
    const result = await build({
        stdin: { contents: `import ${imports};\nglobalThis.used = ${partsOf(imports).used};\n`, resolveDir: root },
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        external: ['axios'],
        logLevel: 'error',
        absWorkingDir: root,
    });
    return result.outputFiles[0].contents;
}

/** The entries that have no budget, and the budgets of what is no entry. */
function unmatched() {
    const entries = Object.keys(exports).filter((path) => path !== './package.json');
    const ids = new Set(entries.map((path) => path.replace('.', library)));
    const budgeted = new Set(Object.values(budgets).map((budget) => partsOf(budget.import).entry));
    return [...ids, ...budgeted].filter((id) => !ids.has(id) || !budgeted.has(id));
}

for (const entry of unmatched()) {
    console.log(`${entry}: is an entry without a budget, or a budget without an entry`);
    process.exitCode = 1;
}
for (const [title, budget] of Object.entries(budgets)) {
    const code = await bundle(budget.import);
    const gzip = gzipSync(code, { level: 9 }).length;
    const verdict = gzip > budget.gzip ? 'TOO LARGE' : 'ok';
    console.log(`${title}: ${gzip} bytes gzipped (${code.length} minified), budget ${budget.gzip}: ${verdict}`);
    if (gzip > budget.gzip) process.exitCode = 1;
}
