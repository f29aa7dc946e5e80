import type { Report, Result, Verdict } from '../report.js';
import { OURS } from '../subject.js';

export function figureOf(result: Result | undefined, key: string): Verdict | undefined {
    return result?.figures.find((figure) => figure.key === key && Number.isFinite(figure.measured));
}

/** All subjects of some scenarios, in the order in which they are told: ours first. */
export function subjectsOf({ results }: Report, scenarios: readonly string[]): string[] {
    const names = results.filter(({ scenario }) => scenarios.includes(scenario)).map(({ subject }) => subject);
    return [...new Set(names)].sort((a, b) => Number(b === OURS) - Number(a === OURS));
}

export function resultOf({ results }: Report, scenario: string, subject: string): Result | undefined {
    return results.find((result) => result.scenario === scenario && result.subject === subject);
}

/** How many requests a subject lost while a figure was measured: those of the same number waiting, or all. */
export function lossOf(result: Result | undefined, waiting?: number): number {
    return figureOf(result, waiting === undefined ? 'failed' : `${waiting}.failed`)?.measured ?? 0;
}

export const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** Three digits that count. */
export function shortened(value: number): string {
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
