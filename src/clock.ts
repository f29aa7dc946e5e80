/**
 * Where a token source reads the time, in milliseconds. Two clocks, because each fails in a way of its own: the
 * monotonic one stands still while a laptop sleeps, the wall clock can be set back.
 */
export interface Clock {
    /** Milliseconds since the epoch, as `Date.now`. */
    now(): number;
    /** Milliseconds from any fixed point, never going back, as `performance.now`. */
    monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Starts to measure; the function it returns tells the milliseconds since then, by whichever clock went further. */
export function stopwatch(clock: Clock): () => number {
    const wall = clock.now();
    const monotonic = clock.monotonic();
    return () => Math.max(clock.now() - wall, clock.monotonic() - monotonic);
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** A `setTimeout` that never fires for `Infinity`, and not at once for a delay too long for it; returns what stops it. */
export function startTimer(delay: number, expire: () => void): () => void {
    const timer = delay === Infinity ? undefined : setTimeout(expire, Math.min(delay, LONGEST_TIMER));
    return () => clearTimeout(timer);
}
