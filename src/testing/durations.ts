import { Breach } from './expectations.js';

/** Long enough to matter to no case; what a case leaves behind is gone soon after. Milliseconds. */
export const LONG = 60_000;

/** The milliseconds since it was started. */
export type Watch = () => number;

export function startWatch(): Watch {
    const start = performance.now();
    return () => performance.now() - start;
}

export async function waitUntil(watch: Watch, milliseconds: number): Promise<void> {
    // Timers may fire a little early.
    for (let left = milliseconds - watch(); left > 0; left = milliseconds - watch()) {
        await new Promise((resolve) => setTimeout(resolve, left));
    }
}

/** The machine, or the store, was too slow for that duration to tell anything. */
class Overrun extends Breach {}

/** What must hold as long as a duration lasts; that it does not hold means nothing when it was over by then. */
export async function whileLasting(watch: Watch, duration: number, check: () => Promise<void>): Promise<void> {
    try {
        await check();
    } catch (error) {
        // A store may round, and its clock run faster.
        const took = watch();
        if (took <= duration * 0.9) throw error;
        const what = error instanceof Error ? error.message : String(error);
        throw new Overrun(
            `${what}; but that was after ${Math.round(took)} of ${duration} ms: is more patience needed?`,
        );
    }
}

/** Tries with a duration; when that was too short for the machine, with longer ones. */
export async function withDuration(first: number, attempt: (duration: number) => Promise<void>): Promise<void> {
    for (const duration of [first, 4 * first]) {
        try {
            return await attempt(duration);
        } catch (error) {
            if (!(error instanceof Overrun)) throw error;
        }
    }
    return attempt(16 * first);
}
