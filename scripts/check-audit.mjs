// What the registry knows: advisories on what a user gets with this package, and the signatures of what is installed here.
// A registry, or the source of its keys, that cannot be asked fails nothing, and a line says so; `--must-answer`, for a
// release, does not let that pass. Usage: node scripts/check-audit.mjs [--must-answer]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mustAnswer = process.argv.includes('--must-answer');
const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

// A failure to ask, as opposed to an answer: no network, no such endpoint, or one that is out of order.
const UNANSWERED =
    /^(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|ENOAUDIT|E40[345]|E429|E5\d\d)$/;

function npm(args, cwd = '.') {
    const options = ['--json', '--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=1000'];
    const { status, stdout, stderr } = spawnSync('npm', [...args, ...options], { cwd, encoding: 'utf8' });
    let answer;
    try {
        answer = JSON.parse(stdout);
    } catch {}
    return { status, answer: answer ?? {}, text: `${stdout}${stderr}`.trim() };
}

/** The code of an error that is no answer: of the error itself, or of the lines that npm prints. */
function unanswered({ answer, text }) {
    const code = answer.error?.code ?? /npm error code (\w+)/.exec(text)?.[1];
    const status = answer.statusCode >= 400 ? `E${answer.statusCode}` : undefined;
    return [code, status].find((each) => each && UNANSWERED.test(each));
}

const advisoriesOf = ({ vulnerabilities = {} }) =>
    Object.values(vulnerabilities).map(({ name, severity, range }) => `${name} ${range}: ${severity}`);

const signaturesOf = ({ invalid = [], missing = [] }) => [
    ...invalid.map(({ name, version }) => `${name} ${version}: the signature is invalid`),
    ...missing.map(({ name, version }) => `${name} ${version}: there is no signature`),
];

function report(title, outcome, problemsIn) {
    const problems = problemsIn(outcome.answer);
    const code = problems.length === 0 && outcome.status !== 0 ? unanswered(outcome) : undefined;
    if (outcome.status === 0 && problems.length === 0) return console.log(`${title}: ok`);
    if (code) console.log(`${title}: not answered (${code})`);
    else console.log(`${title}: FAILED\n    ${problems.join('\n    ') || outcome.text}`);
    if (!code || mustAnswer) process.exitCode = 1;
    return undefined;
}

/**
 * `npm audit --omit=dev` here would look at nothing: all that is installed is for development. So it is done where the
 * peers are dependencies, in the newest versions that are admitted.
 */
function auditPeers() {
    const folder = mkdtempSync(join(tmpdir(), 'audit-'));
    try {
        writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: peerDependencies }));
        const installed = npm(['install', '--package-lock-only', '--ignore-scripts', '--no-audit'], folder);
        return installed.status === 0 ? npm(['audit', '--omit=dev'], folder) : installed;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

report(`advisories on ${Object.keys(peerDependencies).join(', ')}`, auditPeers(), advisoriesOf);
report('signatures of what is installed', npm(['audit', 'signatures']), signaturesOf);
