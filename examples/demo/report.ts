import type { Expectation } from './expectations.js';
import { type Measurement, numbersOf } from './measurement.js';
import type { Result, Skipped } from './steps.js';
import { type Terminal, type Tone, wrap } from './terminal.js';
import { drawTimeline } from './timeline.js';

const indent = '    ';
const tones: Record<Verdict, Tone> = { ok: 'good', 'NOT ok': 'bad', skipped: 'quiet' };

export function printStep(terminal: Terminal, number: number, { title, story }: { title: string; story: string }) {
    terminal.print();
    terminal.print(terminal.paint('strong', ` ${number}  ${title}`));
    printText(terminal, story);
}

export type Verdict = 'ok' | 'NOT ok' | 'skipped';

export function printResult(terminal: Terminal, result: Result | Skipped): Verdict {
    terminal.print();
    if ('skipped' in result) {
        printVerdict(terminal, 'skipped', result.skipped);
        return 'skipped';
    }
    for (const line of numbersTable(result.measurement)) {
        terminal.print(`${indent}${line}`);
    }
    terminal.print();
    const { startedAt, endedAt } = result.measurement;
    const timeline = { startedAt, endedAt, lanes: result.lanes };
    for (const line of drawTimeline(timeline, terminal.width - indent.length, terminal.paint)) {
        terminal.print(`${indent}${line}`);
    }
    terminal.print();
    return printExpectations(terminal, result.expectations);
}

export function printText(terminal: Terminal, text: string) {
    for (const line of wrap(text, terminal.width, indent)) {
        terminal.print(line);
    }
}

function printExpectations(terminal: Terminal, expectations: Expectation[]): Verdict {
    const broken = expectations.filter(({ holds }) => !holds);
    const verdict = broken.length === 0 ? 'ok' : 'NOT ok';
    const says =
        verdict === 'ok'
            ? expectations.map(({ what, seen }) => `${what}: ${seen}`)
            : broken.map(({ what, seen, wanted }) => `${what}: ${seen} (wanted: ${wanted})`);
    printVerdict(terminal, verdict, says.join(', '));
    return verdict;
}

function printVerdict(terminal: Terminal, verdict: Verdict, says: string) {
    const hanging = ' '.repeat(indent.length + verdict.length + 2);
    const [first = '', ...rest] = wrap(says, terminal.width, hanging);
    terminal.print(`${indent}${terminal.paint(tones[verdict], verdict)}  ${first.trimStart()}`);
    for (const line of rest) {
        terminal.print(line);
    }
}

function numbersTable(measurement: Measurement): string[] {
    const { calls, requests, unauthorized, created, failed, slowest } = numbersOf(measurement);
    const columns: [string, string][] = [
        ['calls', String(calls)],
        ['requests at API', String(requests)],
        ['401s', String(unauthorized)],
        ['tokens created', String(created)],
        ['failed calls', String(failed)],
        ['slowest call', `${slowest.toFixed(0)} ms`],
    ];
    const row = (cells: string[]) =>
        cells.map((cell, index) => cell.padStart(columns[index]?.[0].length ?? 0)).join('  ');
    return [row(columns.map(([name]) => name)), row(columns.map(([, value]) => value))];
}
