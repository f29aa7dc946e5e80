// The package as a user gets it: packed, installed with axios into an empty project, every export used from an ES module
// and from CommonJS, compiled by every supported TypeScript, and tested by the test runners that users have.
// Usage, after a build: node scripts/check-consumer.mjs
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, together } from './commands.mjs';
import { checkTypeExports, compileSteps } from './consumer-steps/compile.mjs';
import { runnerSteps } from './consumer-steps/runners.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { name } = manifest;
const developed = JSON.parse(readFileSync(join(root, 'node_modules/axios/package.json'), 'utf8')).version;
const oldest = manifest.peerDependencies.axios.replace(/^\D+/, '');
const optional = Object.keys(manifest.peerDependenciesMeta).map((each) => `${each}@${manifest.peerDependencies[each]}`);

const { devDependencies } = JSON.parse(readFileSync(new URL('consumer/package.json', import.meta.url), 'utf8'));
const typescripts = Object.keys(devDependencies).filter((each) => each.startsWith('typescript-'));

const project = realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)));
const cwd = { cwd: project };

const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
const install = (title, packages) => run(title, 'npm', ['install', ...quietly, ...packages], cwd);

const paths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
const idOf = (path) => path.replace('.', name);

/** Runs `consume(axios, entries)` with what is imported, and with what is required. */
function consumeSteps(title, consume) {
    const imported = [
        `import axios from 'axios'; import * as consumer from './consume.cjs';`,
        `const entries = {};`,
        ...paths.map((path) => `entries['${path}'] = await import('${idOf(path)}');`),
        `await consumer.default.${consume}(axios, entries);`,
    ];
    const required = [
        `const entries = {};`,
        ...paths.map((path) => `entries['${path}'] = require('${idOf(path)}');`),
        `require('./consume.cjs').${consume}(require('axios'), entries);`,
    ];
    const programs = { module: imported, commonjs: required };
    return Object.entries(programs).map(([type, lines]) => async () => {
        const options = [`--input-type=${type}`, '--unhandled-rejections=strict', '--eval', lines.join('\n')];
        const { stdout } = await run(`${title}, ${consume}, ${type}`, 'node', options, cwd);
        if (stdout) console.log(`    ${stdout.trim()}`);
    });
}

function rootSteps(title) {
    const imports = `import axios from 'axios'; import * as lib from '${name}'; import { smoke } from './smoke.cjs';`;
    const requires = `require('./smoke.cjs').smoke(require('axios'), require('${name}'))`;
    const programs = { module: `${imports} await smoke(axios, lib);`, commonjs: requires };
    return Object.entries(programs).map(
        ([type, program]) =>
            async () =>
                run(`${title}, root, ${type}`, 'node', [`--input-type=${type}`, '--eval', program], cwd),
    );
}

/** The first example of the README has to run as it stands, and to print what it says it prints. */
async function checkReadme() {
    const example = /```js\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(project, 'readme.mjs'), example);
    const { stdout } = await run('README example', 'node', ['readme.mjs'], cwd);
    const promised = /console\.log\(.*\); \/\/ (.*)/.exec(example)?.[1];
    if (stdout.trim() !== promised) {
        throw new Error(`README example: printed "${stdout.trim()}", promised "${promised}"`);
    }
}

async function check(tarball, axios) {
    const title = `axios ${axios}`;
    await install(`${title}, install`, [`./${tarball}`, `axios@${axios}`]);
    await together(rootSteps(title));
    await install(`${title}, install what the sub-paths need`, optional);
    if (axios === developed) {
        checkTypeExports(project, name);
        await checkReadme();
    }
    const consumed = [...consumeSteps(title, 'smokeSubPaths'), ...consumeSteps(title, 'useAll')];
    // These mostly wait for the times that the contracts of `testing` try out.
    await together(axios === developed ? [...runnerSteps(project), ...consumed] : consumed, 4);
    // What differs between versions of axios is their declarations for ES modules and for CommonJS.
    const resolutions = axios === developed ? undefined : ['bundler', 'nodenext', 'node10, CommonJS'];
    await together(compileSteps(project, title, typescripts, resolutions));
}

try {
    cpSync(new URL('consumer', import.meta.url), project, { recursive: true });
    for (const program of ['program', 'types']) {
        for (const extension of ['mts', 'cts'])
            cpSync(join(project, `${program}.ts`), join(project, `${program}.${extension}`));
    }
    await run('pack', 'npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: root });
    const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'));
    for (const axios of [developed, oldest]) await check(tarball, axios);
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
} finally {
    rmSync(project, { recursive: true, force: true });
}
