import { quantile } from '../measure.js';
import { HOUR, MINUTE, type Course, type Scenario, type Wait } from './fleet.js';

/** The most events within any second. */
export function peakPerSecond(times: readonly number[]): number {
    const sorted = [...times].sort((a, b) => a - b);
    let first = 0;
    return sorted.reduce((most, at, last) => {
        while ((sorted[first] ?? at) <= at - 1_000) first += 1;
        return Math.max(most, last - first + 1);
    }, 0);
}

/** How many events each minute has. */
export function perMinute(times: readonly number[], duration: number): number[] {
    const minutes: number[] = Array.from({ length: Math.ceil(duration / MINUTE) }, () => 0);
    for (const at of times) {
        const minute = Math.min(minutes.length - 1, Math.floor(at / MINUTE));
        minutes[minute] = (minutes[minute] ?? 0) + 1;
    }
    return minutes;
}

interface Row {
    readonly scenario: Scenario & { readonly name: string };
    readonly course: Course;
}

const HEADINGS = [
    'fleet',
    'sharing',
    'token requests per hour',
    'in the worst second',
    'requests that waited for a first token, after the revocation, otherwise',
    'median, longest',
    'requests that failed',
    'store operations per hour',
    'in the worst second',
];

export const countOf = ({ waits }: Course, wanted: Wait['cause']): number =>
    waits.filter(({ cause }) => cause === wanted).length;

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);

function cells({ scenario, course }: Row): string[] {
    const hours = scenario.duration / HOUR;
    const { calls, operations, failed, waits } = course;
    const waited = waits.map(({ ms }) => ms);
    const longest = waited.reduce((most, ms) => Math.max(most, ms), 0);
    return [
        scenario.name,
        scenario.isShared ? 'yes' : 'no',
        calls.length < 100 ? (calls.length / hours).toFixed(1) : grouped(calls.length / hours),
        grouped(peakPerSecond(calls)),
        (['start', 'refused', 'old'] as const).map((cause) => grouped(countOf(course, cause))).join('; '),
        `${duration(quantile(waited, 0.5))}, ${duration(longest)}`,
        grouped(failed),
        scenario.isShared ? grouped(operations.length / hours) : '',
        scenario.isShared ? grouped(peakPerSecond(operations)) : '',
    ];
}

const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

/** A table in Markdown. */
export function table(rows: readonly Row[]): string {
    return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...rows.map((row) => line(cells(row)))].join('\n');
}
