// The package as a user gets it: packed, installed with axios into an empty project, loaded as an ES module and as
// CommonJS, and compiled by every supported TypeScript. Usage, after a build: node scripts/check-consumer.mjs
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const developed = JSON.parse(readFileSync(join(root, 'node_modules/axios/package.json'), 'utf8')).version;
const oldest = manifest.peerDependencies.axios.replace(/^\D+/, '');

const optional = Object.keys(manifest.peerDependenciesMeta).map((name) => `${name}@${manifest.peerDependencies[name]}`);

const project = realpathSync(mkdtempSync(join(tmpdir(), `${manifest.name}-`)));
const local = JSON.parse(readFileSync(new URL('consumer/package.json', import.meta.url), 'utf8'));

function run(title, command, args, cwd = project) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${title}: failed (${error ?? status})\n${stdout ?? ''}${stderr ?? ''}`);
    console.log(`${title}: ok`);
    return stdout;
}

const npm = (title, args, cwd) => run(title, 'npm', args, cwd);
const install = (title, packages) =>
    npm(title, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...packages]);

/** Only what `files` names may be published. */
function checkContents() {
    const files = readdirSync(join(project, 'node_modules', manifest.name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).split(`node_modules/${manifest.name}/`)[1]);
    const expected = [/^dist\//, /^package\.json$/, ...manifest.files.map((name) => new RegExp(`^${name}$`))];
    const unexpected = files.filter((file) => !expected.some((pattern) => pattern.test(file)));
    const missing = manifest.files.filter(
        (name) => !files.some((file) => file === name || file.startsWith(`${name}/`)),
    );
    if (unexpected.length + missing.length > 0) {
        throw new Error(
            `contents: unexpected ${unexpected.join(', ') || 'none'}; missing ${missing.join(', ') || 'none'}`,
        );
    }
    console.log(`contents: ok (${files.length} files)`);
}

function smoke(axios) {
    const imports = `import axios from 'axios'; import * as lib from '${manifest.name}'; import { smoke } from './smoke.cjs';`;
    run(`axios ${axios}, ES module`, 'node', ['--input-type=module', '--eval', `${imports} await smoke(axios, lib);`]);
    const requires = `require('./smoke.cjs').smoke(require('axios'), require('${manifest.name}'))`;
    run(`axios ${axios}, CommonJS`, 'node', ['--input-type=commonjs', '--eval', requires]);
}

function smokeSubPaths(axios) {
    const name = manifest.name;
    const imports = [
        `import axios from 'axios'; import * as lib from '${name}'; import * as dpop from '${name}/dpop';`,
        `import * as jwt from '${name}/jwt'; import * as redis from '${name}/redis';`,
        `import * as shared from '${name}/shared'; import * as tabs from '${name}/tabs';`,
        `import * as testing from '${name}/testing'; import { smokeSubPaths } from './smoke.cjs';`,
        'await smokeSubPaths(axios, lib, dpop, jwt, redis, shared, tabs, testing);',
    ];
    run(`axios ${axios}, sub-paths, ES module`, 'node', ['--input-type=module', '--eval', imports.join('\n')]);
    const paths = ['dpop', 'jwt', 'redis', 'shared', 'tabs', 'testing'].map((path) => `${name}/${path}`);
    const required = ['axios', name, ...paths].map((id) => `require('${id}')`);
    const requires = `require('./smoke.cjs').smokeSubPaths(${required.join(', ')})`;
    run(`axios ${axios}, sub-paths, CommonJS`, 'node', ['--input-type=commonjs', '--eval', requires]);
}

/** The first example of the README has to run as it stands, and to print what it says it prints. */
function checkReadme() {
    const example = /```js\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(project, 'readme.mjs'), example);
    const printed = run('README example', 'node', ['readme.mjs']).trim();
    const promised = /console\.log\(.*\); \/\/ (.*)/.exec(example)?.[1];
    if (printed !== promised) throw new Error(`README example: printed "${printed}", promised "${promised}"`);
}

// One project per way of resolving; under nodenext the same program is compiled as an ES module and as CommonJS.
const resolutions = {
    bundler: { module: 'ESNext', moduleResolution: 'bundler', files: ['program.ts'] },
    nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext', files: ['program.mts', 'program.cts'] },
};

function compile(axios) {
    for (const [resolution, { files, ...options }] of Object.entries(resolutions)) {
        const compilerOptions = {
            target: 'ES2022',
            lib: ['ES2022', 'DOM'],
            types: [],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            noEmit: true,
            ...options,
        };
        writeFileSync(join(project, `tsconfig.${resolution}.json`), JSON.stringify({ compilerOptions, files }));
        for (const typescript of Object.keys(local.devDependencies)) {
            const tsc = join('node_modules', typescript, 'bin', 'tsc');
            run(`axios ${axios}, ${typescript}, ${resolution}`, 'node', [
                tsc,
                '--project',
                `tsconfig.${resolution}.json`,
            ]);
        }
    }
}

try {
    cpSync(new URL('consumer', import.meta.url), project, { recursive: true });
    for (const extension of ['mts', 'cts']) cpSync(join(project, 'program.ts'), join(project, `program.${extension}`));
    npm('pack', ['pack', '--ignore-scripts', '--pack-destination', project], root);
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'));
    for (const axios of [developed, oldest]) {
        install(`install with axios ${axios}`, [`./${tarball}`, `axios@${axios}`]);
        if (axios === developed) {
            checkContents();
            checkReadme();
        }
        smoke(axios);
        install('install what the sub-paths need', optional);
        smokeSubPaths(axios);
        compile(axios);
    }
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
} finally {
    rmSync(project, { recursive: true, force: true });
}
