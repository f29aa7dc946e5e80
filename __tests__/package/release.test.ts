import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript, useFolders, type Outcome } from './scratch.js';

const folderWith = useFolders();

interface Release {
    tag: string;
    version: string;
    locked: string;
    changelog: string;
    repository: unknown;
    env: Record<string, string>;
}

const release: Release = {
    tag: 'v1.2.3',
    version: '1.2.3',
    locked: '1.2.3',
    changelog: '# Changelog\n\n## 1.2.3 - 2026-01-31\n\n### Fixed\n\n## 1.2.2 - 2026-01-01\n',
    repository: { type: 'git', url: 'git+https://github.com/owner/library.git' },
    env: {},
};

function check(changed: Partial<Release>): Outcome & { folder: string } {
    const { tag, version, locked, changelog, repository, env } = { ...release, ...changed };
    const folder = folderWith({
        'package.json': { name: 'library', version, repository },
        'package-lock.json': { version: locked },
        'CHANGELOG.md': changelog,
    });
    return { folder, ...runScript('check-release.mjs', [tag], folder, env) };
}

test('a release whose tag, versions and topmost heading agree passes', () => {
    const { status, output } = check({});
    expect(output).toContain('agree; dist-tag latest');
    expect(status).toBe(0);
    expect(check({ changelog: '## [1.2.3] - 2026-01-31\n' }).status).toBe(0);
});

test('a pre-release is not the latest, and later steps are told so', () => {
    const changelog = '## 2.0.0-beta.1 - 2026-01-31\n';
    const beta = { tag: 'v2.0.0-beta.1', version: '2.0.0-beta.1', locked: '2.0.0-beta.1', changelog };
    const { status, folder } = check({ ...beta, env: { GITHUB_OUTPUT: 'output.txt' } });
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'output.txt'), 'utf8')).toBe('dist-tag=next\n');
});

test.each<[what: string, changed: Partial<Release>, message: string]>([
    ['no tag', { tag: '' }, 'it has to be v1.2.3'],
    ['a tag of another version', { tag: 'v1.2.4' }, 'it has to be v1.2.3'],
    ['a tag without its v', { tag: '1.2.3' }, 'it has to be v1.2.3'],
    ['a lock of another version', { locked: '1.2.2' }, 'package-lock.json says 1.2.2'],
    ['no version', { version: 'next', tag: 'vnext', locked: 'next' }, 'is not a version to release'],
    ['a changelog of another version', { changelog: '## 1.2.2 - 2026-01-01\n' }, 'begins with "1.2.2'],
    [
        'a changelog that begins with what is unreleased',
        { changelog: `## Unreleased\n${release.changelog}` },
        'Unreleased',
    ],
    ['a changelog without a date', { changelog: '## 1.2.3\n' }, 'begins with "1.2.3"'],
    ['a day that never was', { changelog: '## 1.2.3 - 2026-02-30\n' }, '2026-02-30 is no day'],
    ['no heading at all', { changelog: '# Changelog\n' }, 'begins with "undefined"'],
    ['no repository', { repository: undefined }, '"repository" is not'],
    ['the repository of somebody else', { env: { GITHUB_REPOSITORY: 'fork/library' } }, 'and this is fork/library'],
])('a release with %s does not pass', (_what, changed, message) => {
    const { status, output } = check(changed);
    expect(output).toContain(message);
    expect(status).toBe(1);
});

test('the repository that is built is the one that package.json names', () => {
    expect(check({ env: { GITHUB_REPOSITORY: 'owner/library' } }).status).toBe(0);
});
