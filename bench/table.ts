import type { Report, Result, Verdict } from './report.js';
import { OURS } from './subject.js';

function format(value: number, unit: string): string {
    if (unit === 'x') return value.toFixed(Math.abs(value) < 100 ? 3 : 0);
    if (unit === 'us' || unit === 'ms') return value.toFixed(Math.abs(value) < 100 ? 2 : 0);
    return Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

const UNITS = { x: 'x', B: ' B', ms: ' ms', us: ' us', '': '' } as const;

const withUnit = (value: number, unit: Verdict['unit']): string => `${format(value, unit)}${UNITS[unit]}`;

function draw(rows: readonly (readonly string[])[]): string {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row: readonly string[]): string =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join('  ')
            .trimEnd();
    const [headings = [], ...rest] = rows;
    const rule = widths.map((width) => '-'.repeat(width));
    return [line(headings), line(rule), ...rest.map(line)].join('\n');
}

/** Those that any subject beside ours has; of a scenario that is ours alone there is no table of subjects. */
function sharedKeys(results: readonly Result[]): string[] {
    const others = results.filter(({ subject }) => subject !== OURS);
    return [...new Set(others.flatMap(({ figures }) => figures.map(({ key }) => key)))];
}

function noteOf({ outcome, why = '' }: Result): string {
    return outcome === 'measured' || outcome === 'inapplicable' ? why : `${outcome.toUpperCase()}: ${why}`;
}

function rowOf({ subject, figures }: Result, keys: readonly string[]): string[] {
    const cell = (key: string): string => {
        const figure = figures.find((each) => each.key === key);
        return figure ? withUnit(figure.measured, figure.unit) : '';
    };
    return [subject, ...keys.map(cell)];
}

/** Those that begin with the same number, of requests, go into one table. */
function groupsOf(keys: readonly string[]): string[][] {
    const groups = new Map<string, string[]>();
    for (const key of keys) {
        const group = /^\d+\./.exec(key)?.[0] ?? '';
        groups.set(group, [...(groups.get(group) ?? []), key]);
    }
    return [...groups.values()];
}

function subjectsTables(results: readonly Result[]): string[] {
    const keys = sharedKeys(results);
    const hasNotes = results.some(({ outcome }) => outcome !== 'measured' && outcome !== 'inapplicable');
    if (keys.length === 0 && !hasNotes) return [];
    const groups = keys.length === 0 ? [[]] : groupsOf(keys);
    return groups.map((group, index) => {
        const isLast = index === groups.length - 1; // what is to be said is said once
        const rows = results.map((result) => [...rowOf(result, group), isLast ? noteOf(result) : '']);
        return draw([['', ...group, ''], ...rows]);
    });
}

const HEADINGS = ['figure', 'target', 'measured', 'quartiles', 'rounds', 'A/A control', 'verdict'];

function cells({ name, unit, measured, quartiles, rounds, control, target, passed }: Verdict): string[] {
    const between = ([lower, upper]: readonly [number, number]): string =>
        `${format(lower, unit)} .. ${format(upper, unit)}`;
    return [
        name,
        target ?? '',
        withUnit(measured, unit),
        quartiles ? between(quartiles) : '',
        rounds === undefined ? '' : String(rounds),
        control ? `${format(control.median, unit)} (${between([control.lower, control.upper])})` : '',
        passed === undefined ? '' : passed ? 'pass' : 'FAIL',
    ];
}

function oursTable(results: readonly Result[]): string {
    const ours = results.find(({ subject }) => subject === OURS);
    if (!ours || ours.figures.length === 0) return '';
    return `${OURS}:\n${draw([HEADINGS, ...ours.figures.map(cells)])}`;
}

/** For each scenario its subjects side by side, and then all figures of ours with what it is held to. */
export function tables({ results }: Report): string {
    const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
    return scenarios
        .map((scenario) => {
            const own = results.filter((result) => result.scenario === scenario);
            return [`## ${scenario}`, ...subjectsTables(own), oursTable(own)]
                .filter((part) => part !== '')
                .join('\n\n');
        })
        .join('\n\n');
}

/** A page with all figures, as they are printed, and where they come from. */
export function page(report: Report): string {
    const { date, machine, versions } = report;
    const { cpu, cores, memory, os } = machine;
    const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return [
        '# All figures',
        'What each of them means, and what was not measured, [is said here](../benchmarks.md).',
        `Written by \`npm run bench -- --write\` and \`npm run bench:plots\` on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${memory}, ${os}.`,
        `${installed.join(', ')}.`,
        `\`\`\`text\n${tables(report)}\n\`\`\``,
        '',
    ].join('\n\n');
}
