// Who needs no DPoP and no JWT neither bundles nor installs what these sub-paths are made of: each entry of the built
// package is bundled with every export, as an ES module and as CommonJS, and loaded by Node where only what it needs is
// installed. Usage, after a build: node scripts/check-isolation.mjs
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, exports, peerDependenciesMeta } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// What each entry may contain of the optional packages. It has to contain that: a check that finds nothing anywhere
// would be looking in the wrong place.
/** @type {Record<string, string[]>} */
const allowed = {
    [name]: [],
    [`${name}/dpop`]: ['dpop'],
    [`${name}/jwt`]: ['jose'],
    [`${name}/redis`]: [],
    [`${name}/shared`]: [],
    [`${name}/tabs`]: [],
    [`${name}/testing`]: [],
};
const optional = Object.keys(peerDependenciesMeta);
const formats = {
    'ES module': (entry) => `import * as all from '${entry}';\nglobalThis.used = all;\n`,
    CommonJS: (entry) => `globalThis.used = require('${entry}');\n`,
};

function report(title, problems) {
    console.log(`${title}: ${problems.length > 0 ? `VIOLATION: ${problems.join('; ')}` : 'ok'}`);
    if (problems.length > 0) process.exitCode = 1;
}

const packageOf = (path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(path)?.[1];
const isOf = (dependency) => (path) => path === dependency || path.startsWith(`${dependency}/`);

async function bundle(contents, platform, external) {
    const { metafile, outputFiles } = await build({
        stdin: { contents, resolveDir: root },
        bundle: true,
        write: false,
        metafile: true,
        format: 'esm',
        platform,
        target: 'es2022',
        external: ['axios', ...external],
        absWorkingDir: root,
        logLevel: 'error',
    });
    return { metafile, code: outputFiles[0].text };
}

/** The modules that a bundle consists of, by package. */
async function modulesOf(contents, platform) {
    const { metafile } = await bundle(contents, platform, []);
    const counts = Object.fromEntries(optional.map((dependency) => [dependency, 0]));
    for (const path of Object.keys(metafile.inputs)) {
        const dependency = packageOf(path);
        if (dependency in counts) counts[dependency] += 1;
    }
    return counts;
}

/** How the packages are mentioned by what is not theirs: imported, by whatever kind of import, or named in a string. */
async function mentionsOf(contents, platform) {
    const { metafile, code } = await bundle(
        contents,
        platform,
        optional.flatMap((each) => [each, `${each}/*`]),
    );
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    return optional.flatMap((dependency) => {
        const kinds = imports.filter(({ path }) => isOf(dependency)(path)).map(({ kind }) => kind);
        const named = [...code.matchAll(/(["'`])([\w@/.-]+)\1/g)].some(([, , text]) => isOf(dependency)(text));
        return kinds.length > 0 || named ? [{ dependency, how: [...new Set(kinds), ...(named ? ['name'] : [])] }] : [];
    });
}

async function checkBundle(entry, format, platform) {
    const contents = formats[format](entry);
    const wanted = allowed[entry];
    const counts = await modulesOf(contents, platform);
    const mentions = await mentionsOf(contents, platform);
    const problems = optional.flatMap((dependency) => {
        const how = mentions.find((mention) => mention.dependency === dependency)?.how.join(', ');
        if (!wanted.includes(dependency)) {
            const modules = counts[dependency] > 0 ? [`${counts[dependency]} modules of ${dependency}`] : [];
            return how ? [...modules, `${dependency} is imported (${how})`] : modules;
        }
        return counts[dependency] > 0 && how ? [] : [`nothing of ${dependency} is found, which this entry needs`];
    });
    const found = optional.map((dependency) => `${counts[dependency]} modules of ${dependency}`).join(', ');
    report(`bundle of ${entry}, every export, ${format}, for ${platform} (${found})`, problems);
}

/** A folder in which the built package is installed as it would be published, beside some others. */
function install(folder, dependencies) {
    const modules = join(folder, 'node_modules');
    mkdirSync(modules, { recursive: true });
    for (const part of ['package.json', 'dist'])
        cpSync(join(root, part), join(modules, name, part), { recursive: true });
    for (const dependency of dependencies) {
        symlinkSync(realpathSync(join(root, 'node_modules', dependency)), join(modules, dependency), 'dir');
    }
    const { resolve } = createRequire(join(modules, name, 'dist/index.cjs'));
    for (const dependency of optional.filter((each) => !dependencies.includes(each))) {
        let path;
        try {
            path = resolve(dependency);
        } catch {}
        if (path) throw new Error(`${dependency} is to be missing, and is found at ${path}`);
    }
}

// Every entry is used as well as loaded: what is imported late would be missed otherwise.
const uses = {
    [name]: `
        const grant = { access_token: 'a', token_type: 'Bearer' };
        const adapter = async (config) => ({ status: 200, data: JSON.stringify(grant), headers: {}, config });
        const client = axios.create({ baseURL: 'http://h.invalid', adapter });
        const source = lib.createTokenSource(lib.createClientTokenCreator({ id: 'a', secret: 'b' }, { client }));
        lib.attachTokenCreator(client, source);
        client.get('/').then(() => console.log(Object.keys(lib).length));`,
    [`${name}/dpop`]: 'lib.dpop().adapter(async () => {}); console.log(Object.keys(lib).length);',
    [`${name}/jwt`]: 'lib.clientSecretJwt(); console.log(Object.keys(lib).length);',
    [`${name}/redis`]: `
        const client = { eval: async () => 1, duplicate() {} };
        lib.withRedisToken(async () => ({ access_token: 'a', token_type: 'Bearer' }), { client, key: 'k' })()
            .then(() => console.log(Object.keys(lib).length));`,
    [`${name}/shared`]: `
        const store = lib.createMemoryStore();
        lib.withSharedToken(async () => ({ access_token: 'a', token_type: 'Bearer' }), { store, key: 'k' })()
            .then(() => console.log(Object.keys(lib).length));`,
    [`${name}/testing`]: `
        lib.createTestAuthorizationServer().then((server) => server.close())
            .then(() => console.log(Object.keys(lib).length));`,
    [`${name}/tabs`]: `
        lib.withTabs(async () => ({ access_token: 'a', token_type: 'Bearer' }), { name: 'n' })()
            .then(() => console.log(Object.keys(lib).length));`,
    [`${name}/testing`]: 'console.log(lib.storeContract(() => {}).length);',
};

const loads = {
    'ES module': ['module', (entry) => `import axios from 'axios'; import * as lib from '${entry}'; ${uses[entry]}`],
    CommonJS: [
        'commonjs',
        (entry) => `const axios = require('axios'); const lib = require('${entry}'); ${uses[entry]}`,
    ],
};

function checkLoad(folder, installed, entry, format) {
    const [type, program] = loads[format];
    const { status, stdout, stderr } = spawnSync('node', [`--input-type=${type}`, '--eval', program(entry)], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NODE_PATH: '' },
    });
    const missing = allowed[entry].find((dependency) => !installed.includes(dependency));
    const title = `${entry} in Node, ${format}, with nothing but ${installed.join(' and ')}`;
    if (missing) {
        const isSaid = status !== 0 && new RegExp(`Cannot find (package|module) '${missing}'`).test(stderr);
        report(`${title}, says that ${missing} is missing`, isSaid ? [] : [`it ends with ${status}: ${stderr}`]);
    } else {
        const count = Number(stdout);
        const problems = status === 0 && count > 0 ? [] : [`it ends with ${status}: ${stderr || stdout}`];
        report(`${title} (${count} exports)`, problems);
    }
}

const entries = Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => name + path.slice(1));
report(
    `entries (${entries.join(', ')})`,
    entries.filter((entry) => !(entry in allowed)).map((entry) => `what may ${entry} contain?`),
);

for (const entry of entries.filter((each) => each in allowed)) {
    for (const format of Object.keys(formats)) {
        for (const platform of ['browser', 'node']) await checkBundle(entry, format, platform);
    }
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), `${name}-isolation-`)));
try {
    for (const extra of [[], ...optional.map((dependency) => [dependency])]) {
        const installed = ['axios', ...extra];
        const folder = join(scratch, installed.join('-'));
        install(folder, installed);
        for (const entry of entries.filter((each) => each in allowed)) {
            for (const format of Object.keys(loads)) checkLoad(folder, installed, entry, format);
        }
    }
} finally {
    rmSync(scratch, { recursive: true, force: true });
}
