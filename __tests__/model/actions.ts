import fc from 'fast-check';
import type { Answer, Ending, SourceName } from './facts.js';
import { PARAMETERS, type Kind } from './parameters.js';

/** What somebody, or something, does. Numbers of requests and tokens count from the last one back. */
export type Action =
    | {
          readonly does: 'request';
          readonly parameters: Kind;
          /** To its first sending, and to its second. */
          readonly answers: readonly Answer[];
          readonly canBeRepeated: boolean;
      }
    /** An endpoint that refuses every token is asked again and again, until the budget is empty. */
    | { readonly does: 'insist'; readonly parameters: Kind }
    | { readonly does: 'abort'; readonly request: number }
    | { readonly does: 'clear'; readonly source: SourceName }
    | { readonly does: 'attach'; readonly source: SourceName | undefined }
    /** A token is reported as refused to a source, be it its own or not. */
    | { readonly does: 'report'; readonly source: SourceName; readonly token: number }
    /** Milliseconds by each clock: a laptop that sleeps stops the monotonic one, and the wall clock may be set back. */
    | { readonly does: 'pass time'; readonly wall: number; readonly monotonic: number };

/**
 * How and when a creator answers: at its call, in a moment, not before nobody waits any more, not before it is called again
 * after that, or never.
 */
export interface Plan {
    readonly when: 'at once' | 'soon' | 'late' | 'later' | 'never';
    readonly ending: Ending;
}

const answer = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Answer>(200) },
    { weight: 7, arbitrary: fc.constant<Answer>(401) },
    { weight: 2, arbitrary: fc.constantFrom<Answer>(404, 429, 503, 'insufficient scope', 'cut') },
);
const source = fc.constantFrom<SourceName>('A', 'A', 'B');
const parameters = fc.constantFrom<Kind>(...(Object.keys(PARAMETERS) as Kind[]), '', '', '');
/** Those at which something changes; what is told twice comes more often. */
const DURATIONS = [
    [1, 300, 300, 5_000, 20_000, 30_000, 30_000, 50_000],
    [78_500, 80_000, 80_000, 80_000, 81_000, 89_999, 90_000, 3_299_000, 3_300_000, 3_590_000],
].flat();
const milliseconds = fc.constantFrom(...DURATIONS);

export const action: fc.Arbitrary<Action> = fc.oneof(
    {
        weight: 60,
        arbitrary: fc.record({
            does: fc.constant('request' as const),
            parameters,
            answers: fc.array(answer, { minLength: 2, maxLength: 2 }),
            canBeRepeated: fc.constantFrom(true, true, true, true, false),
        }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('insist' as const), parameters }) },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('abort' as const), request: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('clear' as const), source }) },
    {
        weight: 3,
        arbitrary: fc.record({
            does: fc.constant('attach' as const),
            source: fc.constantFrom<SourceName | undefined>('A', 'A', 'B', undefined),
        }),
    },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('report' as const), source, token: fc.nat(3) }) },
    {
        weight: 20,
        arbitrary: milliseconds.map((time): Action => ({ does: 'pass time', wall: time, monotonic: time })),
    },
    {
        weight: 5,
        arbitrary: fc.tuple(milliseconds, fc.constantFrom<[number, number]>([1, 0], [-1, 0], [0, 1], [-1, 1])).map(
            ([time, [wall, monotonic]]): Action => ({
                does: 'pass time',
                wall: wall * time,
                monotonic: monotonic * time,
            }),
        ),
    },
);

const grant = (lifetime?: number): Ending => ({ with: 'grant', ...(lifetime !== undefined && { lifetime }) });
const failure = (retryAfter?: number): Ending => ({ with: 'failure', ...(retryAfter && { retryAfter }) });

function plan(late: number, failing: number): fc.Arbitrary<Plan> {
    return fc.record({
        when: fc.oneof(
            { weight: 10 - late, arbitrary: fc.constant('soon' as const) },
            { weight: late, arbitrary: fc.constantFrom('late' as const, 'later' as const) },
            { weight: 1, arbitrary: fc.constantFrom('at once' as const, 'never' as const) },
        ),
        ending: fc.oneof(
            {
                weight: 10 - failing,
                arbitrary: fc.constantFrom(grant(100_000), grant(100_000), grant(3_600_000), grant(0), grant()),
            },
            {
                weight: failing,
                arbitrary: fc.constantFrom(failure(), failure(), failure(20_000), failure(20_000), failure(9_000_000)),
            },
            { weight: 1, arbitrary: fc.constantFrom<Ending>({ with: 'garbage' }, { with: 'nobody logged in' }) },
        ),
    });
}

/** In the order of the creations; of a server that works, one that is slow, and one that is about to fail. */
export const plans: fc.Arbitrary<Plan[]> = fc.oneof(
    ...[plan(1, 1), plan(7, 5), plan(3, 6)].map((each) => fc.array(each, { maxLength: 16, size: 'max' })),
);

/** Where nothing else is planned. */
export const USUAL: Plan = { when: 'soon', ending: grant(100_000) };
/** While somebody insists. */
export const AT_ONCE: Plan = { when: 'at once', ending: grant() };
