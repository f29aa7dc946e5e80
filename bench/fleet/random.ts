/** Pseudo-random numbers from 0 (included) to 1, the same in every run: Mulberry32. */
export function createRandom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** The time to the next event of a Poisson process. */
export const exponential = (random: () => number, mean: number): number => -Math.log(1 - random()) * mean;
