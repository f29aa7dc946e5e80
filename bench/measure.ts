/** A median with its quartiles. */
export interface Spread {
    readonly median: number;
    readonly lower: number;
    readonly upper: number;
    readonly rounds: number;
}

export type Target = { readonly atMost: number } | { readonly atLeast: number } | { readonly exactly: number };

/** Something that was measured. */
export interface Figure {
    readonly name: string;
    /** The same for all subjects of a scenario. */
    readonly key: string;
    readonly unit: 'x' | 'B' | 'ms' | 'us' | '';
    readonly measured: Spread | number;
    /** The same measurement of the static header against itself: what of `measured` is noise. */
    readonly control?: Spread;
    /** What this package is held to. Absent where a figure only explains another one. */
    readonly target?: Target;
}

/** Linear interpolation between the two nearest values. */
export function quantile(values: readonly number[], fraction: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    const position = (sorted.length - 1) * fraction;
    const below = sorted[Math.floor(position)] ?? NaN;
    const above = sorted[Math.ceil(position)] ?? NaN;
    return below + (above - below) * (position - Math.floor(position));
}

export function spread(values: readonly number[]): Spread {
    return {
        median: quantile(values, 0.5),
        lower: quantile(values, 0.25),
        upper: quantile(values, 0.75),
        rounds: values.length,
    };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

type Loads<Name extends string, Result> = { readonly [Each in Name]?: () => Promise<Result> };

/**
 * Runs all loads that there are once per round. Each round begins with another one, and every other round goes
 * backwards, so that no load always goes first, or always comes after the same other one.
 *
 * @param isEnough - ends it after a round
 */
async function takeTurns<Name extends string, Result>(
    loads: Loads<Name, Result>,
    isEnough: (results: readonly Record<Name, Result>[]) => boolean,
): Promise<Record<Name, Result>[]> {
    const names = Object.keys(loads) as Name[];
    const results: Record<Name, Result>[] = [];
    for (let round = 0; round === 0 || !isEnough(results); round++) {
        const result = {} as Record<Name, Result>;
        const first = Math.floor(round / 2) % names.length;
        const order = [...names.slice(first), ...names.slice(0, first)];
        if (round % 2 === 1) order.reverse();
        for (const name of order) {
            const load = loads[name];
            if (load) result[name] = await load();
        }
        results.push(result);
    }
    return results;
}

/** Runs all loads in turn, in so many rounds, at least one. */
export function interleave<Name extends string, Result>(
    rounds: number,
    loads: Loads<Name, Result>,
): Promise<Record<Name, Result>[]> {
    return takeTurns(loads, (results) => results.length >= rounds);
}

interface Limits<Round> {
    /** Ends it after a round, whatever else is said. */
    readonly isLost?: (round: Round) => boolean;
    /** How many rounds there are however long they take; one by default. */
    readonly leastRounds?: number;
}

/**
 * Runs all loads in turn, in as many rounds as begin within so many milliseconds: a slow machine takes fewer
 * measurements, and not more time.
 */
export function interleaveFor<Name extends string, Result>(
    ms: number,
    loads: Loads<Name, Result>,
    { isLost = () => false, leastRounds = 1 }: Limits<Record<Name, Result>> = {},
): Promise<Record<Name, Result>[]> {
    const end = performance.now() + ms;
    const isOver = (rounds: number): boolean => rounds >= leastRounds && performance.now() >= end;
    return takeTurns(loads, (results) => isOver(results.length) || isLost(results.at(-1) as Record<Name, Result>));
}

/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return performance.now() - start;
}
