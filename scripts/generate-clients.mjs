// The clients of __tests__/interop/generated, made anew from things.yaml by the generators themselves, which are
// installed in a scratch folder. Usage: node scripts/generate-clients.mjs [--check] [orval|openapi-generator]
// `--check` compares instead of writing, and fails when anything differs. openapi-generator needs Java, and is left
// out, with a line that says so, where there is none.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './commands.mjs';

const interop = fileURLToPath(new URL('../__tests__/interop', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'generate-clients-'));
const options = process.argv.slice(2);
const isCheck = options.includes('--check');
const wanted = options.filter((option) => option !== '--check');

/** An empty project with one package in it, and beside it the files that generators read, as they lie here. */
async function install(name, version) {
    const project = join(scratch, name.replace(/^.*\//, ''));
    mkdirSync(join(project, 'interop/generated'), { recursive: true });
    cpSync(join(interop, 'orval-instance.ts'), join(project, 'interop/orval-instance.ts'));
    cpSync(join(interop, 'generated/things.yaml'), join(project, 'interop/generated/things.yaml'));
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await run(`${name}, install`, 'npm', ['install', ...quietly, `${name}@${version}`], { cwd: project });
    return project;
}

function leaveUnchecked(file) {
    writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`);
}

const ORVAL_CONFIG = `
const input = './interop/generated/things.yaml';
const mutator = { path: './interop/orval-instance.ts', name: 'customInstance' };
module.exports = {
    axios: { input, output: { target: './interop/generated/orval/axios.ts', client: 'axios' } },
    instance: {
        input,
        output: {
            target: './interop/generated/orval/instance.ts', client: 'axios-functions', override: { mutator },
        },
    },
};
`;

const generators = {
    orval: {
        files: ['axios.ts', 'instance.ts'],
        generate: async () => {
            const project = await install('orval', '7.13.2');
            writeFileSync(join(project, 'orval.config.cjs'), ORVAL_CONFIG);
            const command = ['--no-install', 'orval', '--config', './orval.config.cjs'];
            await run('orval, generate', 'npx', command, { cwd: project });
            const generated = join(project, 'interop/generated/orval');
            // It does not compile with the types of the newest axios.
            leaveUnchecked(join(generated, 'axios.ts'));
            return generated;
        },
    },
    // The last version whose package brings the generator itself; later ones download it from elsewhere.
    'openapi-generator': {
        files: ['api.ts', 'base.ts', 'configuration.ts', 'index.ts'],
        missing: () => spawnSync('java', ['-version']).status !== 0 && 'Java',
        generate: async () => {
            const name = '@openapitools/openapi-generator-cli';
            const project = await install(name, '1.0.18-5.0.0-beta2');
            const jar = join('node_modules', name, 'bin/openapi-generator.jar');
            const spec = 'interop/generated/things.yaml';
            const command = ['-jar', jar, 'generate', '-g', 'typescript-axios', '-i', spec, '-o', 'out'];
            await run(`${name}, generate`, 'java', command, { cwd: project });
            // It overrides a property without saying so, which our compiler options forbid.
            leaveUnchecked(join(project, 'out/base.ts'));
            return join(project, 'out');
        },
    },
};

function deliver(name, files, generated) {
    for (const file of files) {
        const made = readFileSync(join(generated, file), 'utf8');
        const place = join(interop, 'generated', name, file);
        const isSame = existsSync(place) && readFileSync(place, 'utf8') === made;
        if (isCheck && !isSame) process.exitCode = 1;
        if (!isCheck) {
            mkdirSync(join(interop, 'generated', name), { recursive: true });
            writeFileSync(place, made);
        }
        console.log(`${name}/${file}: ${isSame ? 'unchanged' : isCheck ? 'DIFFERS' : 'written'}`);
    }
}

const unknown = wanted.filter((name) => !Object.hasOwn(generators, name));
try {
    if (unknown.length > 0) throw new Error(`no such generator: ${unknown.join(', ')}`);
    for (const [name, { files, generate, missing }] of Object.entries(generators)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        const lack = missing?.();
        if (lack) console.log(`${name}: not run, it needs ${lack}`);
        else deliver(name, files, await generate());
    }
} finally {
    rmSync(scratch, { recursive: true, force: true });
}
