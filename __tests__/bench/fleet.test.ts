import { countOf, peakPerSecond, perMinute } from '../../bench/fleet/figures.js';
import { HOUR, MINUTE, simulate, type Course, type Scenario } from '../../bench/fleet/fleet.js';
import { startVirtualTime } from '../../bench/fleet/virtual-time.js';

const NODES = 200;
const REVOKED_AT = 90 * MINUTE;
// A token lives an hour, and is renewed up to five minutes and a half before its end.
const FIRST_RENEWAL = { from: 54.5 * MINUTE, until: 55 * MINUTE };

const FLEET: Scenario = { nodes: NODES, duration: 3 * HOUR, startsWithin: MINUTE, isShared: true };

const between = (times: readonly number[], { from, until }: { from: number; until: number }): number[] =>
    times.filter((at) => at >= from && at <= until);

/** No request may be lost, nor wait for a token that could have been renewed before. */
function expectNothingLost(course: Course): void {
    expect(course.requests).toBeGreaterThan(NODES * 3 * 150);
    expect(course.failed).toBe(0);
    expect(countOf(course, 'old')).toBe(0);
}

describe('a fleet that shares its token', () => {
    it('calls the token endpoint once per lifetime, however many nodes start within a minute', async () => {
        const course = await simulate(FLEET);
        const [first, second, third, ...more] = course.calls;
        expect(first).toBeLessThan(MINUTE);
        expect(between([Number(second) - Number(first)], FIRST_RENEWAL)).toHaveLength(1);
        expect(between([Number(third) - Number(second)], FIRST_RENEWAL)).toHaveLength(1);
        expect(more).toHaveLength(1);
        expect(course.events).toMatchObject({ shared: 4, adopted: 4 * (NODES - 1) });
        expectNothingLost(course);
    });

    it('calls the token endpoint once when all nodes start at the same moment', async () => {
        const course = await simulate({ ...FLEET, startsWithin: 0, duration: 30 * MINUTE });
        expect(course.calls).toHaveLength(1);
        expect(course.failed).toBe(0);
        expect(course.waits.length).toBeGreaterThanOrEqual(NODES);
        expect(Math.max(...course.waits.map(({ ms }) => ms))).toBeLessThan(1_000);
    });

    it('calls the token endpoint once after a revocation, of which each node hears by itself', async () => {
        const course = await simulate({ ...FLEET, revokedAt: REVOKED_AT });
        expect(between(course.calls, { from: REVOKED_AT, until: REVOKED_AT + 10 * MINUTE })).toHaveLength(1);
        expect(course.refused).toBeGreaterThanOrEqual(NODES);
        expect(countOf(course, 'refused')).toBeGreaterThanOrEqual(NODES);
        expectNothingLost(course);
    });

    it('goes on without the store, and comes back to one token', async () => {
        const storeDown = { from: 50 * MINUTE, until: 60 * MINUTE };
        const course = await simulate({ ...FLEET, storeDown });
        const withoutStore = between(course.calls, storeDown);
        expect(withoutStore).toHaveLength(course.events.uncoordinated ?? 0);
        expect(withoutStore.length).toBeGreaterThan(1);
        expect(withoutStore.length).toBeLessThanOrEqual(NODES);
        expect(course.calls.filter((at) => at > storeDown.until).length).toBeLessThan(4);
        expect(course.failed).toBe(0);
    });

    it('does not miss the store where no token has to be renewed', async () => {
        const course = await simulate({ ...FLEET, storeDown: { from: 10 * MINUTE, until: 50 * MINUTE } });
        expect(course.calls).toHaveLength(4);
        expect(course.events.uncoordinated).toBeUndefined();
        expectNothingLost(course);
    });
});

describe('a fleet that does not share', () => {
    it('calls the token endpoint once per node and lifetime', async () => {
        const course = await simulate({ ...FLEET, isShared: false });
        expect(course.calls).toHaveLength(4 * NODES);
        expect(course.operations).toHaveLength(0);
        expectNothingLost(course);
    });

    it('calls it for all nodes within a second when they start at the same moment', async () => {
        const course = await simulate({ ...FLEET, isShared: false, startsWithin: 0, duration: MINUTE });
        expect(peakPerSecond(course.calls)).toBe(NODES);
    });
});

/** All that virtual time replaces. */
const replaced = (): unknown[] => [
    globalThis.setTimeout,
    globalThis.clearTimeout,
    globalThis.setInterval,
    globalThis.clearInterval,
    Reflect.get(Date, 'now'),
    Reflect.get(performance, 'now'),
    Reflect.get(Math, 'random'),
    Reflect.get(crypto, 'getRandomValues'),
    Reflect.get(crypto.subtle, 'digest'),
];

describe('the simulation', () => {
    it('gives the same figures each time', async () => {
        const scenario = { ...FLEET, nodes: 20, revokedAt: REVOKED_AT };
        expect(await simulate(scenario)).toEqual(await simulate(scenario));
    });

    it('leaves the clocks and timers of the process as they were', async () => {
        const before = replaced();
        const time = startVirtualTime(1);
        expect(replaced()).not.toContain(before[0]);
        time.restore();
        expect(replaced()).toEqual(before);
    });

    it('counts what happens within any second, and in each minute', () => {
        expect(peakPerSecond([])).toBe(0);
        expect(peakPerSecond([0, 600, 900, 1_500, 1_599, 1_600, 5_000])).toBe(4);
        expect(perMinute([0, 59_999, 60_000, 180_000], 3 * MINUTE)).toEqual([2, 1, 1]);
    });
});
