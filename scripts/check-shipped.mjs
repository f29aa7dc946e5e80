// What is shipped: the files that are meant to be, nothing that runs on installing, no code but ours, no import of what a
// user may not have, and licences that ask for no more than to be named.
// Usage, after a build: node scripts/check-shipped.mjs [folder]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesOf } from './shipped/licences.mjs';
import { foreignImports, foreignSources } from './shipped/origins.mjs';

const folder = process.argv[2] ?? '.';
const read = (name) => readFileSync(join(folder, name), 'utf8');
const manifest = JSON.parse(read('package.json'));

const FILES = ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'];
const BUILT = /^dist\/(?:chunks\/)?[\w.-]+\.(?:js|cjs|js\.map|cjs\.map|d\.ts|d\.cts)$/;
// npm runs these where the package is installed; `prepare` and `prepublish` where it is installed from git.
const ON_INSTALLING = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish'];

function packedFiles() {
    const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const { status, stdout, stderr } = spawnSync('npm', pack, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack: ${stderr}`);
    const packed = Object.values(JSON.parse(stdout))[0];
    return packed.files.map(({ path }) => path);
}

const targetsOf = (exported) =>
    typeof exported === 'string' ? [exported] : Object.values(exported ?? {}).flatMap(targetsOf);

function checkFiles(files) {
    const wanted = [...targetsOf(manifest.exports), manifest.main, manifest.module, manifest.types]
        .concat(...Object.values(manifest.typesVersions?.['*'] ?? {}))
        .filter(Boolean)
        .map((target) => target.replace(/^\.\//, ''));
    const alone = [...FILES.slice(1), 'package.json'];
    return [
        ...(JSON.stringify(manifest.files) === JSON.stringify(FILES) ? [] : [`"files" is not ${FILES.join(', ')}`]),
        ...files.filter((file) => !alone.includes(file) && !BUILT.test(file)).map((file) => `${file} is shipped`),
        ...[...new Set([...alone, ...wanted])]
            .filter((file) => !files.includes(file))
            .map((file) => `${file} is not shipped`),
    ];
}

function checkInstalling(files) {
    const scripts = ON_INSTALLING.filter((name) => manifest.scripts?.[name] !== undefined);
    return [
        ...scripts.map((name) => `the script "${name}" runs on installing`),
        ...(files.includes('binding.gyp') || manifest.gypfile ? ['npm would run node-gyp on installing'] : []),
    ];
}

function checkDependencies() {
    const groups = ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies'];
    return groups
        .filter((group) => Object.keys(manifest[group] ?? {}).length > 0 || manifest[group] === true)
        .map((group) => `there are "${group}"; what the package needs are peers`);
}

function checkLicences() {
    const { problems, counts } = licencesOf(manifest, JSON.parse(read('package-lock.json')));
    const own = manifest.license === 'MIT' && /^(?:The )?MIT License/i.test(read('LICENSE').trim());
    console.log(`licences of the peers, and of what they need: ${counts}`);
    return own ? problems : ['package.json and LICENSE do not both say MIT', ...problems];
}

function report(title, problems) {
    console.log(`${title}: ${problems.length > 0 ? 'VIOLATION' : 'ok'}`);
    for (const problem of problems) console.log(`    ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
}

try {
    const files = packedFiles();
    const peers = Object.keys(manifest.peerDependencies ?? {});
    report(`files (${files.length})`, checkFiles(files));
    report('nothing runs on installing', checkInstalling(files));
    report('no dependencies', checkDependencies());
    report('licences', checkLicences());
    report('imports', foreignImports(files, read, [manifest.name, ...peers]));
    report('sources', foreignSources(files, read));
} catch (error) {
    console.error(`VIOLATION: ${error.message}`);
    process.exitCode = 1;
}
