/** A median with its quartiles. */
export interface Spread {
    readonly median: number;
    readonly lower: number;
    readonly upper: number;
    readonly rounds: number;
}

/** One line of the report. */
export interface Figure {
    readonly name: string;
    readonly unit: 'x' | 'B' | 'ms' | '';
    readonly measured: Spread | number;
    /** The same measurement of the static header against itself: what of `measured` is noise. */
    readonly control?: Spread;
    /** Absent where a figure only explains another one. */
    readonly target?: { readonly atMost: number } | { readonly exactly: number };
}

export interface BenchmarkOptions {
    readonly quick: boolean;
}

export type Benchmark = (options: BenchmarkOptions) => Promise<Figure[]>;

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

/**
 * Runs all loads once per round. Each round begins with another one, and every other round goes backwards, so that no
 * load always goes first, or always comes after the same other one.
 */
export async function interleave<Name extends string, Result>(
    rounds: number,
    loads: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result>[]> {
    const names = Object.keys(loads) as Name[];
    const results: Record<Name, Result>[] = [];
    for (let round = 0; round < rounds; round++) {
        const result = {} as Record<Name, Result>;
        const first = Math.floor(round / 2) % names.length;
        const order = [...names.slice(first), ...names.slice(0, first)];
        if (round % 2 === 1) order.reverse();
        for (const name of order) result[name] = await loads[name]();
        results.push(result);
    }
    return results;
}

/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return performance.now() - start;
}

/** What many requests sent at the same time took. */
export interface Burst {
    readonly ms: number;
    readonly cpuMs: number;
    readonly failed: number;
}

/** Sends requests all at once. The heap is collected before, so that no load pays for the garbage of another. */
export async function burst(count: number, send: () => Promise<unknown>): Promise<Burst> {
    globalThis.gc?.();
    const cpu = process.cpuUsage();
    let failed = 0;
    const ms = await timed(async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: count }, send));
        failed = outcomes.filter(({ status }) => status === 'rejected').length;
    });
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1_000, failed };
}

/** A burst on a client with a token creator. */
export interface CreatingBurst extends Burst {
    readonly creations: number;
}

const farthestFromOne = (values: readonly number[]): number =>
    values.reduce((farthest, value) => (Math.abs(value - 1) > Math.abs(farthest - 1) ? value : farthest), 1);

/** What must hold in each of several bursts, whatever the machine does meanwhile: the worst of them is told. */
export function promises(name: string, bursts: readonly CreatingBurst[], sentWithoutToken: number): Figure[] {
    return [
        {
            name: `${name}: creations`,
            unit: '',
            measured: farthestFromOne(bursts.map(({ creations }) => creations)),
            target: { exactly: 1 },
        },
        {
            name: `${name}: failed`,
            unit: '',
            measured: Math.max(...bursts.map(({ failed }) => failed)),
            target: { exactly: 0 },
        },
        { name: `${name}: sent without a token`, unit: '', measured: sentWithoutToken, target: { exactly: 0 } },
    ];
}
