import type { CaseResult, Results, Row } from '../../__tests__/matrix/results.js';

export function describeRow({ runtime, user, library, adapter }: Row): string {
    const pair = user === library ? `axios ${user}` : `axios ${user}, the library with ${library}`;
    return `${runtime}, ${pair}, ${adapter}`;
}

export function casesOf(result: Results, outcome: CaseResult['outcome']): readonly CaseResult[] {
    return 'cases' in result ? result.cases.filter((one) => one.outcome === outcome) : [];
}

export const failuresOf = (result: Results): readonly CaseResult[] => casesOf(result, 'failed');

export function countsOf(result: Results): string {
    if ('notRun' in result) return `not run: ${result.notRun}`;
    const count = (outcome: CaseResult['outcome']): number => casesOf(result, outcome).length;
    return `${count('passed')} passed, ${count('failed')} failed, ${count('inapplicable')} inapplicable`;
}

/** The runtimes of which nothing was run here. */
export function missingRuntimes(results: readonly Results[]): string[] {
    const run = new Set(results.filter((result) => 'cases' in result).map(({ runtime }) => runtime));
    return [...new Set(results.map(({ runtime }) => runtime))].filter((runtime) => !run.has(runtime));
}
