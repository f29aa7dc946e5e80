/** What came of one behaviour on one axios, adapter and runtime. */
export interface CaseResult {
    readonly name: string;
    readonly outcome: 'passed' | 'failed' | 'inapplicable';
    /** What failed, or why it cannot run there. */
    readonly why?: string;
}

/** One row of the table. */
export interface Row {
    /** Of the axios that the library resolves. */
    readonly library: string;
    /** Of the axios whose instance the library is attached to; mostly the same copy. */
    readonly user: string;
    readonly adapter: 'http' | 'fetch' | 'xhr';
    /** With the version that was run, `Node 22.23.3` say. */
    readonly runtime: string;
}

/** The cases of a row, or why it was not run. */
export type Results = Row & ({ readonly cases: readonly CaseResult[] } | { readonly notRun: string });
