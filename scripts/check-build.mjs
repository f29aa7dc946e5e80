// The build is reproducible, and made of src alone: two builds, in folders, time zones, languages and with umasks that
// differ, give tarballs that are the same to the byte. (npm packs what only its owner can read as such: umask 077 differs.) Usage: node scripts/check-build.mjs
import { createHash } from 'node:crypto';
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, together } from './commands.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'reproducible-')));

const needed = ['src', 'package.json', 'rollup.config.mjs', 'tsconfig.json', 'tsconfig.build.json'];
const { files: shipped } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The build as it is, which also writes down which modules it is made of, those of declarations included.
const recording = `
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import configs from './rollup.config.mjs';

const modules = new Set();
const record = {
    name: 'record',
    generateBundle(options, bundle) {
        for (const { modules: made = {} } of Object.values(bundle))
            for (const id of Object.keys(made)) modules.add(relative(process.cwd(), id));
    },
    closeBundle: () => writeFileSync('modules.json', JSON.stringify([...modules].sort())),
};
export default configs.map((config) => ({ ...config, plugins: [...config.plugins, record] }));
`;

const builds = {
    one: { env: { TZ: 'UTC', LC_ALL: 'C' }, umask: '022', date: new Date() },
    'another/a-longer-name': { env: { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8' }, umask: '002', date: new Date(1e12) },
};

async function build(name, { env, umask, date }) {
    const cwd = join(scratch, name);
    mkdirSync(cwd, { recursive: true });
    for (const part of [...needed, ...shipped.filter((each) => each !== 'dist')]) {
        cpSync(join(root, part), join(cwd, part), { recursive: true });
        utimesSync(join(cwd, part), date, date);
    }
    symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'), 'dir');
    writeFileSync(join(cwd, 'recording.config.mjs'), recording);
    const command = `umask ${umask} && node node_modules/rollup/dist/bin/rollup --config recording.config.mjs --silent`;
    await run(`build in ${name}`, 'sh', ['-c', `${command} && npm pack --ignore-scripts`], { cwd, env });
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const tarballOf = (name) => {
    const folder = join(scratch, name);
    return readFileSync(
        join(
            folder,
            readdirSync(folder).find((file) => file.endsWith('.tgz')),
        ),
    );
};

function hashesOf(name) {
    const dist = join(scratch, name, 'dist');
    const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length + 1));
    return new Map(paths.map((path) => [path, sha256(readFileSync(join(dist, path)))]));
}

function differences([one, other]) {
    const [ones, others] = [hashesOf(one), hashesOf(other)];
    const paths = [...new Set([...ones.keys(), ...others.keys()])].filter(
        (path) => ones.get(path) !== others.get(path),
    );
    if (paths.length > 0) return paths.map((path) => `dist/${path} differs`);
    return tarballOf(one).equals(tarballOf(other)) ? [] : ['the tarballs differ, and the files in them do not'];
}

function foreignModules(name) {
    const modules = JSON.parse(readFileSync(join(scratch, name, 'modules.json'), 'utf8'));
    if (modules.length === 0) return ['the build told of no module'];
    return modules.filter((path) => !path.startsWith('src/')).map((path) => `${path} is bundled`);
}

try {
    const names = Object.keys(builds);
    await together(names.map((name) => async () => build(name, builds[name])));
    const problems = [...differences(names), ...foreignModules(names[0])];
    for (const problem of problems) console.log(`VIOLATION: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
    else console.log(`two builds, one tarball: sha256 ${sha256(tarballOf(names[0]))}`);
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
} finally {
    rmSync(scratch, { recursive: true, force: true });
}
