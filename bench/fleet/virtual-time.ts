import { createHash } from 'node:crypto';
import { createRandom } from './random.js';
import { createTimers, type Timer } from './timers.js';

/** A sequence of events too many to be timers: whatever is next of it is asked for when the one before is done. */
export interface Stream {
    nextAt(): number;
    /** @returns whether that began anything that goes on in promises */
    next(): boolean;
}

/** Time that passes only from one event to the next. All of this process lives in it until it is restored. */
export interface VirtualTime {
    /** Milliseconds since it began. */
    readonly now: () => number;
    /** Does all that is due until then, each when its time has come and after the promises of what came before. */
    run(until: number, stream: Stream): Promise<void>;
    restore(): void;
}

const EPOCH = Date.UTC(2030, 0, 1);
const setRealImmediate = setImmediate;

/** Ends when no promise has anything left to do: whatever is not a promise comes after all of them. */
const settled = (): Promise<void> => new Promise((resolve) => setRealImmediate(resolve));

const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();

/** Puts another value in the place of a property; the function it returns puts the old one back. */
function replace<T extends object>(owner: T, name: keyof T & string, value: unknown): () => void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    return () => {
        if (before) Object.defineProperty(owner, name, before);
        else Reflect.deleteProperty(owner, name);
    };
}

function cancel(timer?: Timer): void {
    if (timer) timer.work = undefined;
}

/**
 * Replaces the clocks, the timers and the randomness of this process. What runs in it must wait for nothing but timers
 * and promises: no sockets, no files, no other threads.
 *
 * @param seed - the same seed gives the same run
 */
export function startVirtualTime(seed: number): VirtualTime {
    const timers = createTimers();
    const random = createRandom(seed);
    let now = 0;

    const set = (work: (...args: unknown[]) => void, delay = 0, ...args: unknown[]): Timer & { unref(): void } => {
        const timer = timers.add(now + Math.max(1, delay), () => work(...args));
        return Object.assign(timer, { unref: () => timer, ref: () => timer, hasRef: () => true });
    };
    const setEvery = (work: (...args: unknown[]) => void, delay = 0, ...args: unknown[]): { timer: Timer } => {
        const every = { timer: set(tick, delay), unref: () => every, ref: () => every };
        function tick(): void {
            every.timer = set(tick, delay);
            work(...args);
        }
        return every;
    };
    const drawInto = (bytes: Uint8Array): Uint8Array => {
        bytes.set(bytes.map(() => random() * 256));
        return bytes;
    };

    const restorations = [
        replace(globalThis, 'setTimeout', set),
        replace(globalThis, 'clearTimeout', cancel),
        replace(globalThis, 'setInterval', setEvery),
        replace(globalThis, 'clearInterval', (every?: { timer: Timer }) => cancel(every?.timer)),
        replace(Date, 'now', () => Math.floor(EPOCH + now)),
        replace(performance, 'now', () => now),
        replace(Math, 'random', random),
        replace(crypto, 'getRandomValues', drawInto),
        // The platform's own computes in another thread.
        replace(crypto.subtle, 'digest', async (_: string, data: Uint8Array) => new Uint8Array(sha256(data)).buffer),
    ];

    return {
        now: () => now,
        async run(until, stream) {
            await settled();
            for (;;) {
                const timerAt = timers.nextAt();
                const streamAt = stream.nextAt();
                const at = Math.min(timerAt, streamAt);
                if (at > until) break;
                now = Math.max(now, at);
                if (streamAt < timerAt) {
                    if (!stream.next()) continue;
                } else {
                    timers.take()?.work?.();
                }
                await settled();
            }
            now = until;
        },
        restore() {
            for (const restore of restorations) restore();
        },
    };
}
