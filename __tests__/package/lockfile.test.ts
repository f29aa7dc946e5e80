import { runScript, useFolders, type Outcome } from './scratch.js';

const folderWith = useFolders();

const integrity = `sha512-${'A'.repeat(86)}==`;
const manifest = {
    name: 'library',
    version: '1.0.0',
    peerDependencies: { axios: '^1.5.0' },
    devDependencies: { axios: '^1.5.0', compiler: 'npm:other@~2.1' },
};
type Entry = Record<string, unknown>;
const axios: Entry = { version: '1.21.1', integrity };
const packages: Record<string, Entry> = {
    '': manifest,
    'node_modules/axios': axios,
    'node_modules/@scope/tool/node_modules/compiler': { name: 'other', version: '2.1.0-rc.1+build', integrity },
    'node_modules/tool-win32-x64': { version: '3.0.0', optional: true, os: ['win32'], cpu: ['x64'] },
};

function check(changed: Record<string, Entry>, pack: object = manifest, lockfileVersion = 3): Outcome {
    const lock = { lockfileVersion, packages: { ...packages, ...changed } };
    return runScript('check-lockfile.mjs', [], folderWith({ 'package.json': pack, 'package-lock.json': lock }));
}

test('a lock of packages of the registry alone passes, and tells how many have no hash', () => {
    const { status, output } = check({});
    expect(output).toContain('3 packages, 1 of other systems without a hash');
    expect(status).toBe(0);
});

test.each<[rule: string, entry: Entry, message: string]>([
    [
        'names the host that it was got from',
        { ...axios, resolved: 'https://a.example/x.tgz' },
        'says where it comes from',
    ],
    ['has no hash', { version: '1.21.1' }, 'has no SHA-512'],
    ['has no hash, and is merely optional', { version: '1.21.1', optional: true }, 'has no SHA-512'],
    ['has a weak hash', { ...axios, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'has no SHA-512'],
    ['is a link', { ...axios, link: true }, 'is a link'],
    ['comes from git', { ...axios, version: 'git+ssh://git@a.example/b.git#c' }, 'is not a version'],
    ['is a file', { ...axios, version: 'file:../axios' }, 'is not a version'],
    ['wants something of git', { ...axios, dependencies: { b: 'github:a/b' } }, 'is not of the registry'],
    ['wants something of a repository, in short', { ...axios, dependencies: { b: 'a/b' } }, 'is not of the registry'],
    ['wants something by URL', { ...axios, dependencies: { b: 'https://a.example/b' } }, 'is not of the registry'],
])('a package that %s does not pass', (_rule, entry, message) => {
    const { status, output } = check({ 'node_modules/axios': entry });
    expect(output).toContain(message);
    expect(output).toContain('VIOLATION: node_modules/axios');
    expect(status).toBe(1);
});

test('a folder of the repository in the lock does not pass', () => {
    const { status, output } = check({ 'packages/axios': axios });
    expect(output).toContain('VIOLATION: packages/axios: is a folder');
    expect(status).toBe(1);
});

test.each([
    ['a range that was changed', { ...manifest, devDependencies: { ...manifest.devDependencies, axios: '^1.6.0' } }],
    ['a dependency that was added', { ...manifest, devDependencies: { ...manifest.devDependencies, more: '1' } }],
    ['a dependency that was removed', { ...manifest, devDependencies: {} }],
    ['a peer that was changed', { ...manifest, peerDependencies: { axios: '>=1' } }],
    ['a version that was changed', { ...manifest, version: '1.0.1' }],
])('%s in package.json, and not in the lock, does not pass', (_what, pack) => {
    const { status, output } = check({}, pack);
    expect(output).toContain('is not what the lock says');
    expect(status).toBe(1);
});

test('a dependency of git in package.json does not pass, although the lock agrees', () => {
    const pack = { ...manifest, devDependencies: { axios: 'git+https://a.example/axios.git' } };
    const { status, output } = check({ '': pack }, pack);
    expect(output).toContain('package.json: "axios": "git+https://a.example/axios.git" is not of the registry');
    expect(status).toBe(1);
});

test('a lock of another version, which says less, does not pass', () => {
    expect(check({}, manifest, 2)).toMatchObject({ status: 1, output: expect.stringContaining('not 3') as string });
});

test('the lock of this package passes', () => {
    expect(runScript('check-lockfile.mjs', [], `${__dirname}/../..`)).toMatchObject({ status: 0 });
});
