// The package under every supported TypeScript, and every way of resolving modules that it has.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { run } from '../commands.mjs';

const { uses } = createRequire(import.meta.url)('../consumer/uses.cjs');

// Under node16 and nodenext the same program is compiled as an ES module and as CommonJS; elsewhere `module` tells.
const eitherKind = ['program.mts', 'program.cts', 'types.mts', 'types.cts'];
const oneKind = ['program.ts', 'types.ts'];
const resolutions = {
    bundler: { module: 'ESNext', moduleResolution: 'bundler', files: oneKind },
    nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext', files: eitherKind },
    node16: { module: 'Node16', moduleResolution: 'Node16', files: eitherKind },
    'node10, ES module': { module: 'ESNext', moduleResolution: 'node10', files: oneKind },
    'node10, CommonJS': { module: 'CommonJS', moduleResolution: 'node10', files: oneKind },
};

/** TypeScript 6 wants to be told that node10 is wanted nonetheless; 7 has it no more. */
function deprecationsOf(typescript, resolution) {
    return typescript === 'typescript-6.0' && resolution.startsWith('node10') ? { ignoreDeprecations: '6.0' } : {};
}
const isThere = (typescript, resolution) => typescript !== 'typescript-7.0' || !resolution.startsWith('node10');

function configure(project, typescript, resolution) {
    const { files, ...options } = resolutions[resolution];
    const compilerOptions = {
        target: 'ES2022',
        lib: ['ES2022', 'DOM'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        // All declarations are checked, ours and those of axios, but for TypeScript's own.
        skipLibCheck: false,
        skipDefaultLibCheck: true,
        noEmit: true,
        ...options,
        ...deprecationsOf(typescript, resolution),
    };
    const name = `tsconfig.${typescript}.${resolution.replace(/\W+/g, '-')}.json`;
    writeFileSync(join(project, name), JSON.stringify({ compilerOptions, files }));
    return ['node', [join('node_modules', typescript, 'bin', 'tsc'), '--project', name], { cwd: project }];
}

async function checkAbsence(title, command) {
    const answer = await run(title, ...command).then(
        () => 'it compiles',
        ({ message }) => message,
    );
    if (!/TS510[78]|has been removed/.test(answer))
        throw new Error(`${title}: was to be refused as removed; ${answer}`);
    console.log(`${title}: not there (this TypeScript has removed it)`);
}

/** One step for each TypeScript and each way of resolving. */
export function compileSteps(project, title, typescripts, wanted = Object.keys(resolutions)) {
    return typescripts.flatMap((typescript) =>
        wanted.map((resolution) => async () => {
            const command = configure(project, typescript, resolution);
            const step = `${title}, ${typescript}, ${resolution}`;
            return isThere(typescript, resolution) ? run(step, ...command) : checkAbsence(step, command);
        }),
    );
}

/** The names that a file of declarations exports. */
function exportedNames(declarations) {
    const lists = [...declarations.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => list.split(','));
    return lists.map((each) => each.trim().split(' as ').at(-1)).filter(Boolean);
}

const sameNames = (some, others) => isDeepStrictEqual(new Set(some), new Set(others));

/** What the declarations of each entry export: the values that are used, and the types that types.ts uses. */
export function checkTypeExports(project, name) {
    const folder = join(project, 'node_modules', name, 'dist');
    const types = readFileSync(join(project, 'types.ts'), 'utf8');
    const problems = Object.keys(uses).flatMap((path) => {
        const entry = path === '.' ? 'index' : path.slice(2);
        const alias = path === '.' ? 'root' : entry;
        const used = [...types.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, type]) => type);
        const expected = [...Object.keys(uses[path]), ...used];
        const files = ['d.ts', 'd.cts'].map((extension) => `${entry}.${extension}`);
        return files.filter((file) => !sameNames(exportedNames(readFileSync(join(folder, file), 'utf8')), expected));
    });
    const declared = readdirSync(folder).filter((file) => file.endsWith('.d.ts')).length;
    if (declared !== Object.keys(uses).length) problems.push(`${declared} entries have declarations`);
    if (problems.length > 0) {
        throw new Error(`exported types: other than those of uses.cjs and types.ts: ${problems.join(', ')}`);
    }
    console.log(`exported types: ok (${declared} entries)`);
}
