import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Figure } from './measure.js';
import type { Finding, Scenario } from './scenarios/scenario.js';
import { OURS, type Subject } from './subject.js';

/** What became of a scenario with a subject. */
export interface Outcome {
    readonly scenario: string;
    readonly subject: string;
    readonly outcome: 'measured' | 'hung' | 'crashed' | 'inapplicable';
    readonly why: readonly string[];
    /** Those of a subject that hung or crashed were told before it did. */
    readonly figures: readonly Figure[];
}

export interface Pair {
    readonly name: string;
    readonly scenario: Scenario;
    readonly subject: Subject;
    /** Of the subject's file, without its extension. */
    readonly file: string;
}

interface Process {
    readonly directory: string;
    readonly root: string;
    readonly quick: boolean;
    /** So many times as long as usual. */
    readonly times: number;
}

/** How long a process may take, in milliseconds. Ours measures several times as much. */
const PATIENCE = { ours: 300_000, others: 60_000 };

/** What Node exits with when it waits for a promise that nothing can settle any more. */
const UNSETTLED = 13;

const WARNING = /^(\(node:|\(Use `node|Warning: )/;

/** The line of an error's print that says what it is. */
function errorOf(printed: string): string {
    const lines = printed.split('\n').filter((line) => line.trim() !== '' && !WARNING.test(line));
    return (lines.find((line) => /^\s*(\w*Error\b|\[?\w+Error)/.test(line)) ?? lines[0] ?? '').trim().slice(0, 200);
}

interface PartOutcome extends Pick<Outcome, 'outcome'> {
    readonly why?: string;
    readonly findings: readonly Finding[];
}

async function runPart({ name, scenario, subject, file }: Pair, part: number, at: Process): Promise<PartOutcome> {
    const patience = at.times * (subject.name === OURS ? PATIENCE.ours : PATIENCE.others);
    const extent = [at.quick ? 'quick' : 'full', String(at.times)];
    const child = fork(join(at.directory, 'child.mjs'), [name, String(part), file, subject.name, ...extent], {
        cwd: at.root,
        execArgv: [...(scenario.parts[part]?.nodeOptions ?? [])],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const findings: Finding[] = [];
    let isDone = false;
    let isLate = false;
    let printed = '';
    child.on('message', (message) => {
        if (message === 'done') isDone = true;
        else findings.push(message as Finding);
    });
    child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const timer = setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
    }, patience);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(timer);
    if (isDone) return { outcome: 'measured', findings };
    if (isLate) return { outcome: 'hung', why: `no end after ${patience / 1_000} s`, findings };
    if (code === UNSETTLED) return { outcome: 'hung', why: 'requests that nothing will ever answer', findings };
    return { outcome: 'crashed', why: errorOf(printed) || `ended with ${signal ?? `exit code ${code}`}`, findings };
}

/** Runs a scenario with a subject, each part in a process of its own; the first that fails is the last. */
export async function runPair(pair: Pair, at: Process): Promise<Outcome> {
    const { name, scenario, subject } = pair;
    const common = { scenario: name, subject: subject.name };
    const inapplicable = scenario.inapplicable?.(subject, subject.name === OURS);
    if (inapplicable !== undefined) return { ...common, outcome: 'inapplicable', why: [inapplicable], figures: [] };
    const figures: Figure[] = [];
    const why: string[] = [];
    for (const part of scenario.parts.keys()) {
        const ended = await runPart(pair, part, at);
        for (const finding of ended.findings) {
            if ('why' in finding) why.push(finding.why);
            else figures.push(finding);
        }
        if (ended.outcome === 'measured') continue;
        return { ...common, outcome: ended.outcome, why: [...why, ended.why ?? ''], figures };
    }
    return { ...common, outcome: 'measured', why, figures };
}
