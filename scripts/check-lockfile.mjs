// What package-lock.json may hold: packages of the registry alone, each with its SHA-512, no host of any registry, and the
// names and ranges of package.json. lockfile-lint judges packages by their `resolved`, which this lock leaves out on
// purpose (see .npmrc); without that it misses a hash that is gone, a link, and a range that package.json does not have.
// Usage: node scripts/check-lockfile.mjs [folder]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const folder = process.argv[2] ?? '.';
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const manifest = read('package.json');
const lock = read('package-lock.json');

const SHA512 = /^sha512-[\w+/]{86}==$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;
// Ranges of versions, and `npm:name@range`; neither URLs nor paths nor `owner/repository`.
const RANGE = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?[^/:@]*$/;
const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

const same = ['name', 'version', ...GROUPS, 'peerDependenciesMeta', 'engines', 'bin'];

/** What npm wrote of package.json into the lock, against what stands there now. */
function disagreements() {
    const root = lock.packages[''] ?? {};
    return same
        .filter((field) => !isDeepStrictEqual(root[field], manifest[field]))
        .map((field) => `"${field}" of package.json is not what the lock says: run npm install`);
}

function badRanges(path, entry) {
    return GROUPS.flatMap((group) =>
        Object.entries(entry[group] ?? {})
            .filter(([, range]) => !RANGE.test(range))
            .map(([name, range]) => `${path || 'package.json'}: "${name}": "${range}" is not of the registry`),
    );
}

/** A package for another system, which complete-lockfile.mjs added: the registry at hand had no hash for it. */
const isForAnotherSystem = ({ optional, os, cpu }) => optional === true && (os ?? cpu) !== undefined;

function problemsOf([path, entry]) {
    const problems = badRanges(path, entry);
    if (path === '') return problems;
    const { link, resolved, version, integrity } = entry;
    const say = (problem) => problems.push(`${path}: ${problem}`);
    if (!/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) say('is a folder, not a package of the registry');
    if (link) say('is a link');
    if (resolved !== undefined)
        say(`says where it comes from (${resolved}); omit-lockfile-registry-resolved is not set`);
    if (!VERSION.test(version ?? '')) say(`"${version}" is not a version`);
    if (integrity === undefined ? !isForAnotherSystem(entry) : !SHA512.test(integrity)) say('has no SHA-512');
    return problems;
}

const problems = [
    ...(lock.lockfileVersion === 3 ? [] : [`lockfileVersion is ${lock.lockfileVersion}, not 3`]),
    ...disagreements(),
    ...badRanges('', manifest),
    ...Object.entries(lock.packages).flatMap(problemsOf),
];
for (const problem of new Set(problems)) console.log(`VIOLATION: ${problem}`);
const packages = Object.values(lock.packages).slice(1);
const unhashed = packages.filter(({ integrity }) => integrity === undefined).length;
console.log(`package-lock.json: ${packages.length} packages, ${unhashed} of other systems without a hash`);
if (problems.length > 0) process.exitCode = 1;
