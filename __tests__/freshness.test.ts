import fc from 'fast-check';
import { freshnessAt, freshnessWindows } from '../src/freshness.js';

const AHEAD = 300_000;
const LEEWAY = 10_000;

describe('freshnessWindows', () => {
    it.each([
        ['an hour', 3_600_000, 3_300_000, 3_590_000],
        ['100 s', 100_000, 80_000, 90_000],
        ['a minute', 60_000, 48_000, 54_000],
        ['a millisecond', 1, 0.8, 0.9],
        ['30 days', 2_592_000_000, 2_591_700_000, 2_591_990_000],
    ])('of %s', (_, lifetime, agingFrom, staleFrom) => {
        const windows = freshnessWindows(lifetime, AHEAD, LEEWAY, 0);
        expect(windows.agingFrom).toBeCloseTo(agingFrom, 9);
        expect(windows.staleFrom).toBeCloseTo(staleFrom, 9);
    });

    it('of an unknown lifetime never end', () => {
        const windows = freshnessWindows(undefined, AHEAD, LEEWAY, 0.5);
        expect(windows).toEqual({ agingFrom: Infinity, staleFrom: Infinity });
        expect(freshnessAt(windows, Number.MAX_VALUE)).toBe('fresh');
    });

    it.each([0, -1, -1_000, -3_600_000])('of a lifetime of %d are over before they begin', (lifetime) => {
        for (const jitter of [0, 0.999]) {
            expect(freshnessAt(freshnessWindows(lifetime, AHEAD, LEEWAY, jitter), 0)).toBe('stale');
        }
    });

    it('a refreshAhead of 0 has no aging', () => {
        const windows = freshnessWindows(3_600_000, 0, LEEWAY, 0.5);
        expect(freshnessAt(windows, 3_589_999)).toBe('fresh');
        expect(freshnessAt(windows, 3_590_000)).toBe('stale');
    });

    it('a refreshAhead within the leeway has no aging', () => {
        const windows = freshnessWindows(3_600_000, 5_000, LEEWAY, 0);
        expect(freshnessAt(windows, 3_589_999)).toBe('fresh');
        expect(freshnessAt(windows, 3_590_000)).toBe('stale');
    });

    it('the jitter moves aging earlier, never later, by at most 10% of the window, and stale not at all', () => {
        fc.assert(
            fc.property(
                fc.double({ min: 0.001, max: 1e12, noNaN: true }),
                fc.double({ min: 0, max: 1e10, noNaN: true }),
                fc.double({ min: 0, max: 1e10, noNaN: true }),
                fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
                (lifetime, ahead, leeway, jitter) => {
                    const plain = freshnessWindows(lifetime, ahead, leeway, 0);
                    const jittered = freshnessWindows(lifetime, ahead, leeway, jitter);
                    const window = lifetime - plain.agingFrom;
                    expect(jittered.staleFrom).toBe(plain.staleFrom);
                    expect(jittered.agingFrom).toBeLessThanOrEqual(plain.agingFrom);
                    expect(jittered.agingFrom).toBeGreaterThanOrEqual(
                        plain.agingFrom - 0.1 * window - lifetime * 1e-12,
                    );
                },
            ),
        );
    });

    it('at least 78% of any lifetime is fresh, and at most a tenth is stale', () => {
        fc.assert(
            fc.property(
                fc.double({ min: 0.001, max: 1e12, noNaN: true }),
                fc.double({ min: 0, noNaN: true }),
                fc.double({ min: 0, noNaN: true }),
                fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
                (lifetime, ahead, leeway, jitter) => {
                    const windows = freshnessWindows(lifetime, ahead, leeway, jitter);
                    expect(freshnessAt(windows, lifetime * 0.7799)).toBe('fresh');
                    expect(freshnessAt(windows, lifetime * 0.8999)).not.toBe('stale');
                    expect(freshnessAt(windows, lifetime)).toBe('stale');
                },
            ),
        );
    });
});

describe('freshnessAt', () => {
    const windows = { agingFrom: 100, staleFrom: 200 };

    it.each([
        [0, 'fresh'],
        [99.999, 'fresh'],
        [100, 'aging'],
        [199.999, 'aging'],
        [200, 'stale'],
        [Infinity, 'stale'],
    ] as const)('at %d: %s', (age, freshness) => {
        expect(freshnessAt(windows, age)).toBe(freshness);
    });

    it('only ever goes fresh, aging, stale', () => {
        const order = ['fresh', 'aging', 'stale'];
        const age = fc.double({ min: 0, max: 400, noNaN: true });
        const ages = fc.tuple(age, age);
        fc.assert(
            fc.property(ages, fc.nat(400), fc.nat(400), ([one, other], agingFrom, staleFrom) => {
                const [earlier = 0, later = 0] = [one, other].sort((a, b) => a - b);
                const at = (moment: number): number => order.indexOf(freshnessAt({ agingFrom, staleFrom }, moment));
                expect(at(earlier)).toBeLessThanOrEqual(at(later));
            }),
        );
    });
});
