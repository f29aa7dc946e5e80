import type { TestAuthorizationServerCounts } from '../../src/testing/index.js';
import { growthOf, type Growth } from './growth.js';
import type { Failure, Sample, Span } from './messages.js';
import { LONGEST_SILENCE, PATIENCE, type Course } from './run.js';
import type { SourceName } from './settings.js';
import type { Troubles } from './trouble.js';
import { judge, type Judgement } from './verdict.js';

export interface Check {
    readonly name: string;
    readonly passed: boolean;
    readonly said: string;
}

interface Outcome {
    readonly ours: Course;
    /** The same load on plain axios. */
    readonly control: Course;
    readonly troubles: Readonly<Partial<Record<SourceName, Troubles>>>;
    readonly counts: readonly TestAuthorizationServerCounts[];
    /** Of the servers' process. */
    readonly stalls: readonly Span[];
}

interface Report {
    readonly checks: readonly Check[];
    readonly lost: readonly string[];
}

/** Of all requests, those that may have failed because a process was stopped. */
const MOST_STOPPED = 0.01;

const count = (value: number): string => value.toLocaleString('en-US');
const kibibytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;

/** What must not grow; `most` is by how much more it may have grown than that of plain axios. */
interface Measure {
    readonly name: string;
    readonly most: number;
    readonly valueOf: (sample: Sample) => number;
    readonly write: (value: number) => string;
}

const MEASURES: readonly Measure[] = [
    { name: 'heap', most: 2 ** 20, valueOf: ({ heap }) => heap, write: kibibytes },
    { name: 'handles', most: 16, valueOf: ({ handles }) => handles, write: (value) => value.toFixed(1) },
];

/** Over the second half of a run, with 95% confidence. */
function growthCheck({ ours, control }: Outcome, { name, most, valueOf, write }: Measure): Check {
    const grown = ({ samples }: Course) => growthOf(samples.map((each) => ({ x: each.requests, y: valueOf(each) })));
    const tell = ({ total, margin }: Omit<Growth, 'steps'>) => `${write(total)} ± ${write(margin)}`;
    const [growth, plain] = [grown(ours), grown(control)];
    if (!growth || !plain) return { name, passed: false, said: 'there are too few samples to tell whether it grew' };
    const excess = { total: growth.total - plain.total, margin: Math.hypot(growth.margin, plain.margin) };
    const said = `grew by ${tell(growth)} over ${count(growth.steps)} requests, that of plain axios by ${tell(plain)}`;
    return {
        name,
        passed: excess.total + excess.margin <= most,
        said: `${said}; the difference of ${tell(excess)} may be ${write(most)} at most`,
    };
}

function lossCheck(outcome: Outcome, judged: ReadonlyMap<Failure, Judgement>): Check {
    const { sent = 0, served = 0, healed = 0 } = outcome.ours.totals ?? {};
    const having = (wanted: Judgement): number => [...judged.values()].filter((each) => each === wanted).length;
    const [lost, stopped] = [having('lost'), having('stopped')];
    const answered = `${count(served)} of ${count(sent)} requests served, ${count(healed)} of them sent again after a 401`;
    return {
        name: 'requests lost',
        passed: sent > 0 && served > 0 && healed > 0 && lost === 0 && stopped <= MOST_STOPPED * sent,
        said: `${lost}; ${answered}; ${count(having('unservable'))} could not be served, ${stopped} failed as a process was stopped`,
    };
}

/** No creation fails of itself: there was a fault for each. */
function creationCheck({ ours, counts, troubles }: Outcome): Check {
    const { created = 0, failedCreations = 0, reattached = 0 } = ours.totals ?? {};
    const all = Object.values(troubles);
    const faults = counts.reduce((total, each) => total + each.faults, 0);
    const [outages, revocations] = [all.flatMap((each) => each.outages), all.flatMap((each) => each.revocations)];
    const happened = `${count(faults)} token requests befallen by a fault, ${outages.length} outages, ${revocations.length} revocations`;
    return {
        name: 'creations',
        passed: created > 0 && faults > 0 && failedCreations <= faults,
        said: `${count(created)} tokens created, ${count(failedCreations)} creations failed; ${happened}; attached ${count(reattached)} times`,
    };
}

function exitCheck({ totals, exitCode, exitedAfter }: Course): Check {
    const name = 'exit';
    if (!totals)
        return {
            name,
            passed: false,
            said: `it ended before it was done, or after ${LONGEST_SILENCE} s without a sign`,
        };
    const ended = `ended by itself with code ${exitCode}, ${(exitedAfter / 1_000).toFixed(1)} s after its last request`;
    const said = exitCode === undefined ? `still there ${PATIENCE / 1_000} s after its last request` : ended;
    return { name, passed: exitCode === 0, said };
}

export function checksOf(outcome: Outcome): Report {
    const { ours, control, troubles, stalls } = outcome;
    const stopped = [...stalls, ...ours.stalls];
    const judged = new Map(
        ours.failures.map((failure) => [
            failure,
            judge(failure, failure.source === 'plain' ? undefined : troubles[failure.source], stopped),
        ]),
    );
    const lost = [...judged].flatMap(([failure, judgement]) => (judgement === 'lost' ? [JSON.stringify(failure)] : []));
    const { failed = NaN, sent = 0 } = control.totals ?? {};
    return {
        lost,
        checks: [
            lossCheck(outcome, judged),
            ...MEASURES.map((measure) => growthCheck(outcome, measure)),
            creationCheck(outcome),
            exitCheck(ours),
            {
                name: 'control',
                passed: control.exitCode === 0 && failed <= MOST_STOPPED * sent,
                said: `${count(sent)} requests of plain axios, ${failed} failed`,
            },
        ],
    };
}
