import { sum } from '../../bench/measure.js';

/** How much something grew, and how far off that may be: the 95% confidence interval is `total` ± `margin`. */
export interface Growth {
    readonly total: number;
    readonly margin: number;
    /** How many times `x` went on by one. */
    readonly steps: number;
}

const FEWEST = 10;

export interface Point {
    readonly x: number;
    readonly y: number;
}

/** The 97.5% quantile of Student's t distribution, by its expansion around the normal one. */
function quantile(freedom: number): number {
    const z = 1.959964;
    return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/**
 * Least squares over the second half of the points: the first is warming up. What lies beside the line is no independent
 * noise, as one sample is much like the one before; they count for as many as they are worth (AR(1)).
 *
 * @returns `undefined` when they are too few to tell
 */
export function growthOf(points: readonly Point[]): Growth | undefined {
    const half = points.slice(Math.floor(points.length / 2));
    const count = half.length;
    const [first, last] = [half[0], half.at(-1)];
    if (!first || !last || count < FEWEST) return undefined;
    const meanX = sum(half.map(({ x }) => x)) / count;
    const meanY = sum(half.map(({ y }) => y)) / count;
    const spread = sum(half.map(({ x }) => (x - meanX) ** 2));
    const slope = sum(half.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
    const beside = half.map(({ x, y }) => y - meanY - slope * (x - meanX));
    const squares = sum(beside.map((value) => value ** 2));
    const products = sum(beside.slice(1).map((value, index) => value * (beside[index] ?? 0)));
    const likeness = squares > 0 ? Math.min(Math.max(products / squares, 0), 0.9) : 0;
    const freedom = Math.max((count * (1 - likeness)) / (1 + likeness) - 2, 1);
    const error = Math.sqrt(squares / freedom / spread);
    const steps = last.x - first.x;
    return { total: slope * steps, margin: quantile(freedom) * error * steps, steps };
}
