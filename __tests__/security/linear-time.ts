/** The least of several measurements: what disturbs a measurement only makes it longer. */
function leastTime(run: () => unknown, times: number): number {
    let least = Infinity;
    for (let i = 0; i < times; i++) {
        const before = performance.now();
        run();
        least = Math.min(least, performance.now() - before);
    }
    return least;
}

// Below that, what is measured is mostly the clock and the machine's other work. 8,000 characters in quadratic time take
// thirty times as long.
const NOISE_MS = 1;
// 32 times the input take 32 times as long, a few times that where there is much garbage to collect on a busy machine, and
// 1,024 times where the time is quadratic.
const GROWTH = 32;
export const TOO_MANY = 250;

/**
 * How many times as long an input takes that is 32 times as long, if that is {@link TOO_MANY}.
 *
 * @param make - an input of so many characters
 * @param longest - how many characters are tried
 */
export function superlinear(
    make: (length: number) => string,
    run: (text: string) => unknown,
    longest: number,
): number | undefined {
    const [short, long] = [make(longest / GROWTH), make(longest)];
    let ratio: number | undefined;
    if (leastTime(() => run(long), 1) < NOISE_MS) return undefined;
    for (const times of [3, 10]) {
        const least = leastTime(() => run(long), times);
        ratio = least / leastTime(() => run(short), times);
        if (ratio <= TOO_MANY) return undefined;
    }
    return ratio;
}
