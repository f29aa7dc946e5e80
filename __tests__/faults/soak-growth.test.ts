import { createRandom } from '../../bench/fleet/random.js';
import { growthOf, type Growth, type Point } from '../../scripts/soak/growth.js';

const SAMPLES = 200;

/** Ups and downs of which each is like the one before; the first half is warming up. */
function series(slope: number, seed: number): Point[] {
    const random = createRandom(seed);
    let drift = 0;
    return Array.from({ length: SAMPLES }, (_, x) => {
        drift = 0.5 * drift + (random() - 0.5) * 100;
        return { x, y: (x < SAMPLES / 2 ? x * 50 : SAMPLES * 25) + drift + slope * x };
    });
}

function grown(points: readonly Point[]): Growth {
    const growth = growthOf(points);
    if (!growth) throw new Error('it cannot be told');
    return growth;
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe('what grows', () => {
    it('is told from what goes up and down: the interval holds the truth in some 95 of 100 series', () => {
        for (const slope of [0, 1]) {
            const right = seeds.filter((seed) => {
                const { total, margin, steps } = grown(series(slope, seed));
                return Math.abs(total - slope * steps) <= margin;
            });
            expect(right.length / seeds.length).toBeGreaterThan(0.88);
            expect(right.length / seeds.length).toBeLessThan(1);
        }
    });

    it('is found in each series when it is more than the noise', () => {
        for (const seed of seeds) {
            const { total, margin } = grown(series(5, seed));
            expect(total - margin).toBeGreaterThan(0);
        }
    });

    it('does not count while it is warming up', () => {
        const { total, margin } = grown(series(0, 1));
        expect(total + margin).toBeLessThan((SAMPLES * 25) / 10);
    });

    it('is the same in whatever unit', () => {
        const { total, margin, steps } = grown(series(1, 1));
        const scaled = grown(series(1, 1).map(({ x, y }) => ({ x: x * 100, y: y * 1_024 })));
        expect(scaled.total).toBeCloseTo(total * 1_024, 3);
        expect(scaled.margin).toBeCloseTo(margin * 1_024, 3);
        expect(scaled.steps).toBe(steps * 100);
    });

    it('cannot be told of a few samples', () => {
        expect(growthOf(series(0, 1).slice(0, 18))).toBeUndefined();
        expect(growthOf(series(0, 1).slice(0, 20))).toBeDefined();
    });
});
