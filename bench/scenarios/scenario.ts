import type { Figure } from '../measure.js';
import type { Subject } from '../subject.js';

/** What is measured now. */
export interface Context {
    readonly subject: Subject;
    /** Whether the subject is this package, which gets more rounds, an A/A control, and figures of its own. */
    readonly isOurs: boolean;
    readonly quick: boolean;
    /** So many times as long as usual. */
    readonly times: number;
}

/** A figure, or what is to be said beside the figures. */
export type Finding = Figure | { readonly why: string };

/** Tells each finding as soon as there is one, so that those before a crash are not lost. */
export type Run = (context: Context) => AsyncIterable<Finding>;

/** What a scenario does in one process. */
interface Part {
    readonly nodeOptions: readonly string[];
    load(): Promise<Run>;
}

export interface Scenario {
    readonly parts: readonly Part[];
    /** Why it makes no sense for a subject. */
    inapplicable?(subject: Subject, isOurs: boolean): string | undefined;
}

/** How long something is measured, in milliseconds. */
export interface Paces {
    readonly quick: number;
    readonly ours: number;
    readonly others: number;
}

export function paceOf({ isOurs, quick, times }: Context, { quick: fewest, ours, others }: Paces): number {
    return times * (quick ? fewest : isOurs ? ours : others);
}
