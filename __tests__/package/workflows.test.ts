import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../.github/workflows');
const workflows = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

/** What stands below a job's name, by that name. */
function jobsOf(workflow: string): Map<string, string> {
    const [, jobs = ''] = workflow.split(/^jobs:$/m);
    const parts = jobs.split(/^ {4}(\w+):$/m).slice(1);
    return new Map(parts.flatMap((part, i) => (i % 2 === 0 ? [[part, parts[i + 1] ?? ''] as const] : [])));
}

describe.each(workflows)('%s', (name, workflow) => {
    test('every action is pinned by its full hash, with the version beside it', () => {
        const uses = workflow.match(/uses:.*/g) ?? [];
        expect(uses.length).toBeGreaterThan(0);
        for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    test('nobody has a right that is not given to the job', () => {
        expect(workflow).toMatch(/^permissions: \{\}$/m);
        for (const [job, text] of jobsOf(workflow)) {
            const rights = /^ {8}permissions:\n((?: {12}.*\n)+)/m.exec(text)?.[1]?.match(/^ {12}[\w-]+: \w+$/gm) ?? [];
            const expected = name === 'release.yml' && job === 'publish' ? ['id-token: write'] : [];
            expect(rights.map((right) => right.trim())).toEqual(['contents: read', ...expected]);
        }
    });

    test('no checkout leaves a token behind', () => {
        const checkouts = workflow.match(/actions\/checkout@/g) ?? [];
        expect(workflow.match(/persist-credentials: false/g)).toHaveLength(checkouts.length);
    });

    test('what comes from outside is no part of a command', () => {
        const commands = workflow.match(/run: (?:[>|]-?\n(?: {18}.*\n)+|.*)/g) ?? [];
        expect(commands.length).toBeGreaterThan(0);
        for (const command of commands) expect(command).not.toContain('${{');
    });

    test('there is no secret to steal', () => {
        expect(workflow).not.toContain('secrets.');
        expect(workflow).not.toContain('pull_request_target');
    });
});

test('each Node.js that package.json admits is checked, from the oldest', () => {
    const ci = new Map(workflows).get('ci.yml') ?? '';
    const manifest = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as {
        engines: { node: string };
    };
    const tried = /node: \[(.*)\]/.exec(ci)?.[1]?.split(', ').map(Number) ?? [];
    expect(`>=${tried[0]}`).toBe(manifest.engines.node);
    expect(tried).toEqual([20, 22, 24]);
});
