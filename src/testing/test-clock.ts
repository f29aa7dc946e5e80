import type { Clock } from '../clock.js';
import { checkFields, type FieldCheck } from '../options.js';

/** A clock that moves only when a test moves it, by milliseconds. */
export interface TestClock extends Clock {
    /** Time passes: both clocks go on. */
    advance(milliseconds: number): void;
    /** The machine sleeps: the wall clock goes on, the monotonic one stands still. */
    sleep(milliseconds: number): void;
    /** Somebody sets the wall clock back: no time passes. */
    setBack(milliseconds: number): void;
}

const MILLISECONDS: FieldCheck = [
    'a finite number of milliseconds, at least 0',
    (value) => Number.isFinite(value) && Number(value) >= 0,
];

/**
 * Creates a clock for the option `clock` of a source, or of a {@link createTestAuthorizationServer}. Its wall clock
 * starts at the present, its monotonic one at 0.
 *
 * @example
 * ```ts
 * const clock = createTestClock();
 * const { source } = attachTokenCreator(client, creator, { clock });
 * clock.advance(3_600_000);
 * ```
 */
export function createTestClock(): TestClock {
    let wall = Date.now();
    let monotonic = 0;
    const check = (caller: keyof TestClock, milliseconds: number): void => {
        checkFields(caller, 'parameters', { milliseconds }, { milliseconds: MILLISECONDS });
    };
    return {
        now: () => wall,
        monotonic: () => monotonic,
        advance(milliseconds) {
            check('advance', milliseconds);
            wall += milliseconds;
            monotonic += milliseconds;
        },
        sleep(milliseconds) {
            check('sleep', milliseconds);
            wall += milliseconds;
        },
        setBack(milliseconds) {
            check('setBack', milliseconds);
            wall -= milliseconds;
        },
    };
}
