import { startTimer } from '../clock.js';
import { untilDeparture } from '../departure.js';
import { TokenError } from '../errors.js';

/** The store, or its lock, could not be used. */
export class StoreFailure extends TokenError {
    constructor(what: string) {
        super('uncoordinated', `the store that tokens are shared through ${what}`);
    }
}

/** Names a foreign error. Its message may repeat what was to be stored, as those of Redis do. */
export function nameOfError(error: unknown): string {
    try {
        const { code, name, message, constructor: kind } = Object(error) as Partial<Record<string, unknown>>;
        const reply = /^[A-Z]{2,}\b/.exec(String(message))?.[0];
        // Those of the package redis differ by nothing but their class.
        const called = name === 'Error' && typeof kind === 'function' ? kind.name : name;
        const parts = [called, code ?? reply].filter((part) => typeof part === 'string' && part !== '');
        return parts.join(' ') || typeof error;
    } catch {
        return typeof error; // whatever a store threw, reading it must not hide it
    }
}

/**
 * Waits for an operation of a store, but not for long.
 *
 * @param timeout - milliseconds
 * @param undo - gets what comes too late
 * @throws StoreFailure when it fails, or takes longer
 */
export async function within<T>(timeout: number, work: () => Promise<T>, undo?: (late: T) => unknown): Promise<T> {
    const late = new StoreFailure(`did not answer within ${timeout} ms`);
    const pending = (async () => work())();
    try {
        return await untilDeparture(pending, {}, (leave) => inStages(timeout, () => leave(late)));
    } catch (error) {
        if (error !== late) throw new StoreFailure(`failed: ${nameOfError(error)}`);
        pending.then(undo).catch(() => {});
        throw error;
    }
}

/** A process that was busy for longer than that looks at its sockets once more: the answer may have been there for long. */
function inStages(timeout: number, expire: () => void): () => void {
    let stop = startTimer(timeout * 0.75, () => (stop = startTimer(timeout * 0.25, expire)));
    return () => stop();
}
