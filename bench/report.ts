import type { Figure, Spread } from './measure.js';

/** A figure of a benchmark, judged; in the form that `--json` prints. */
export interface Verdict {
    readonly benchmark: string;
    readonly figure: string;
    readonly unit: string;
    readonly measured: number;
    readonly quartiles?: readonly [number, number];
    readonly rounds?: number;
    readonly control?: Spread;
    readonly target?: string;
    /** Absent without a target. */
    readonly passed?: boolean;
}

export function judge(benchmark: string, { name, unit, measured, control, target }: Figure): Verdict {
    const value = typeof measured === 'number' ? measured : measured.median;
    const verdict: Verdict = { benchmark, figure: name, unit, measured: value };
    const spread = typeof measured === 'number' ? {} : quartilesOf(measured);
    if (!target) return { ...verdict, ...spread, ...(control && { control }) };
    const wanted = 'atMost' in target ? `<= ${target.atMost}` : `${target.exactly}`;
    const passed = 'atMost' in target ? value <= target.atMost : value === target.exactly;
    return { ...verdict, ...spread, ...(control && { control }), target: wanted, passed };
}

function quartilesOf({ lower, upper, rounds }: Spread): Pick<Verdict, 'quartiles' | 'rounds'> {
    return { quartiles: [lower, upper], rounds };
}

function format(value: number, unit: string): string {
    if (unit === 'x') return value.toFixed(3);
    return value.toFixed(unit === 'ms' && Math.abs(value) < 100 ? 2 : 0);
}

const HEADINGS = ['benchmark', 'figure', 'target', 'measured', 'quartiles', 'rounds', 'A/A control', 'verdict'];

function cells({ benchmark, figure, unit, measured, quartiles, rounds, control, target, passed }: Verdict): string[] {
    const between = ([lower, upper]: readonly [number, number]): string =>
        `${format(lower, unit)} .. ${format(upper, unit)}`;
    return [
        benchmark,
        figure,
        target ?? '',
        `${format(measured, unit)}${unit === 'x' || !unit ? unit : ` ${unit}`}`,
        quartiles ? between(quartiles) : '',
        rounds === undefined ? '' : String(rounds),
        control ? `${format(control.median, unit)} (${between([control.lower, control.upper])})` : '',
        passed === undefined ? '' : passed ? 'pass' : 'FAIL',
    ];
}

export function table(verdicts: readonly Verdict[]): string {
    const rows = [HEADINGS, ...verdicts.map(cells)];
    const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row: string[]): string =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join('  ')
            .trimEnd();
    return [line(HEADINGS), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join('\n');
}
