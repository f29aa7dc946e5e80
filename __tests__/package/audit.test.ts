import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { runScript, useFolders, type Outcome } from './scratch.js';

const folderWith = useFolders();

interface Answer {
    status: number;
    stdout?: unknown;
    stderr?: string;
}

const fine: Answer = { status: 0, stdout: {} };
const unreachable: Answer = { status: 1, stdout: { error: { code: 'ENOTFOUND', summary: 'getaddrinfo' } } };

/** A shell's commands, which begin sooner than a program of Node.js would. */
function answering({ status, stdout, stderr = '' }: Answer): string {
    const said = stdout === undefined ? '' : JSON.stringify(stdout);
    return `printf %s '${said}'; printf %s '${stderr}' >&2; exit ${status}`;
}

/** An `npm` that answers so: what the registry says cannot be had otherwise than by a registry that is broken into. */
function npmThatSays(answers: { install?: Answer; audit?: Answer; signatures?: Answer }): string {
    const { install = fine, audit = fine, signatures = fine } = answers;
    return `#!/bin/sh
        case "$*" in
            *signatures*) ${answering(signatures)};;
            install*) ${answering(install)};;
            *) ${answering(audit)};;
        esac`;
}

function check(answers: Parameters<typeof npmThatSays>[0], ...args: string[]): Outcome {
    const folder = folderWith({
        'package.json': { name: 'library', peerDependencies: { axios: '^1.5.0' } },
        'bin/npm': npmThatSays(answers),
    });
    chmodSync(join(folder, 'bin/npm'), 0o755);
    const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
    return runScript('check-audit.mjs', args, folder, { PATH: path });
}

test('a registry that knows nothing bad passes', () => {
    const { status, output } = check({}, '--must-answer');
    expect(output).toBe('advisories on axios: ok\nsignatures of what is installed: ok\n');
    expect(status).toBe(0);
});

test('an advisory fails', () => {
    const vulnerabilities = { axios: { name: 'axios', severity: 'low', range: '<1.7.0' } };
    const { status, output } = check({ audit: { status: 1, stdout: { vulnerabilities } } });
    expect(output).toContain('advisories on axios: FAILED\n    axios <1.7.0: low');
    expect(status).toBe(1);
});

test.each([
    ['invalid', 'the signature is invalid'],
    ['missing', 'there is no signature'],
])('a signature that is %s fails', (kind, message) => {
    const stdout = { invalid: [], missing: [], [kind]: [{ name: 'jose', version: '6.0.0' }] };
    const { status, output } = check({ signatures: { status: 1, stdout } });
    expect(output).toContain(`signatures of what is installed: FAILED\n    jose 6.0.0: ${message}`);
    expect(status).toBe(1);
});

test.each<[what: string, answer: Answer]>([
    ['has no network', unreachable],
    ['says so in lines alone', { status: 1, stderr: 'npm error code ECONNREFUSED\nnpm error x' }],
    ['has no such endpoint', { status: 1, stdout: { statusCode: 405, error: { code: 'E405' } } }],
    ['is out of order', { status: 1, stdout: { error: { code: 'E503' } } }],
])('who %s fails nothing, is told, and stops a release', (_what, answer) => {
    const lenient = check({ audit: answer, signatures: answer });
    expect(lenient.output).toMatch(
        /advisories on axios: not answered \(E\w+\)\nsignatures .*: not answered \(E\w+\)\n/,
    );
    expect(lenient.status).toBe(0);
    expect(check({ signatures: answer }, '--must-answer').status).toBe(1);
});

test('peers that cannot be looked up for want of a network are not answered, either', () => {
    const { status, output } = check({ install: unreachable });
    expect(output).toContain('advisories on axios: not answered (ENOTFOUND)');
    expect(status).toBe(0);
});

test.each<[what: string, answer: Answer]>([
    ['an error of another kind', { status: 1, stdout: { error: { code: 'EUSAGE', summary: 'no such command' } } }],
    ['no word at all', { status: 1 }],
    ['a bad signature and no network', { status: 1, stdout: { ...(unreachable.stdout as object), invalid: [{}] } }],
])('%s is not taken for a registry that does not answer', (_what, answer) => {
    const { status, output } = check({ signatures: answer });
    expect(output).toContain('signatures of what is installed: FAILED');
    expect(status).toBe(1);
});
