// A release is one thing: its tag, the version in package.json and in the lock, and the topmost heading of CHANGELOG.md.
// The registry takes no provenance of a package that names another repository than the one it is built in.
// Usage: node scripts/check-release.mjs <tag> [folder]; in GitHub Actions it also gives the dist-tag to later steps.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [tag = '', folder = '.'] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), 'utf8');
const { version, repository } = JSON.parse(read('package.json'));
const { version: locked } = JSON.parse(read('package-lock.json'));
const heading = /^## (.*)$/m.exec(read('CHANGELOG.md'))?.[1].trim();

// `## 1.2.3 - 2026-01-31`, as Keep a Changelog has it; with brackets where the version is a link.
const [, released, date] = /^\[?([\w.+-]+?)\]? - (\d{4}-\d{2}-\d{2})$/.exec(heading ?? '') ?? [];
function isDay(text) {
    const day = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(day.getTime()) && day.toJSON().startsWith(text);
}

const url = String(repository?.url ?? repository ?? '');
const here = process.env.GITHUB_REPOSITORY ?? '';
const isOfHere = url.replace(/\.git$/, '').endsWith(`github.com/${here}`);

const problems = [
    !/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version) && `package.json: "${version}" is not a version to release`,
    tag !== `v${version}` && `the tag is "${tag}", and package.json says ${version}: it has to be v${version}`,
    locked !== version && `package-lock.json says ${locked}, and package.json ${version}: run npm install`,
    released !== version && `CHANGELOG.md begins with "${heading}": it has to be "${version} - YYYY-MM-DD"`,
    !/^(?:git\+)?https:\/\/\S+$/.test(url) &&
        'package.json: "repository" is not { "type": "git", "url": "git+https://..." }',
    here && !isOfHere && `package.json: "repository" is "${url}", and this is ${here}`,
    released === version && !isDay(date) && `CHANGELOG.md: ${date} is no day`,
].filter(Boolean);

for (const problem of problems) console.log(`VIOLATION: ${problem}`);
if (problems.length > 0) {
    process.exitCode = 1;
} else {
    const distTag = version.includes('-') ? 'next' : 'latest';
    console.log(`${tag}: tag, package.json, package-lock.json and CHANGELOG.md agree; dist-tag ${distTag}`);
    if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `dist-tag=${distTag}\n`);
}
