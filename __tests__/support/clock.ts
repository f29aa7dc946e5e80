import type { Clock } from '../../src/index.js';

/** A clock that only moves when a test moves it. */
export interface ControlledClock extends Clock {
    /** Time passes: both clocks go on. */
    advance(milliseconds: number): void;
    /** The machine sleeps: only the wall clock goes on. */
    sleep(milliseconds: number): void;
    /** Somebody sets the wall clock, forward or (below zero) back: no time passes. */
    setWall(milliseconds: number): void;
}

/** Where the wall clock starts: long after the monotonic clock, so that a mix-up of the two shows. */
export const START = Date.UTC(2030, 0, 1);

export function createControlledClock(): ControlledClock {
    let wall = START;
    let monotonic = 1_000;
    return {
        now: () => wall,
        monotonic: () => monotonic,
        advance(milliseconds) {
            wall += milliseconds;
            monotonic += milliseconds;
        },
        sleep(milliseconds) {
            wall += milliseconds;
        },
        setWall(milliseconds) {
            wall += milliseconds;
        },
    };
}
