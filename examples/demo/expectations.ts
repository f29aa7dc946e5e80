import { type Measurement, numbersOf } from './measurement.js';

/** What a step is judged by. */
export interface Expectation {
    what: string;
    seen: string;
    wanted: string;
    holds: boolean;
}

export function exactly(what: string, seen: number, wanted: number): Expectation {
    return { what, seen: String(seen), wanted: String(wanted), holds: seen === wanted };
}

export function atLeastOne(what: string, seen: number): Expectation {
    return { what, seen: String(seen), wanted: 'at least 1', holds: seen >= 1 };
}

/** shorterThan compares two durations in milliseconds. */
export function shorterThan(what: string, duration: number, other: string, limit: number): Expectation {
    const seen = `${duration.toFixed(0)} ms, ${other}: ${limit.toFixed(0)} ms`;
    return { what, seen, wanted: 'shorter', holds: duration < limit };
}

export function allSucceeded(measurement: Measurement): Expectation {
    const { calls, failed } = numbersOf(measurement);
    return {
        what: 'calls that succeeded',
        seen: `${calls - failed} of ${calls}`,
        wanted: 'all',
        holds: failed === 0 && calls > 0,
    };
}
