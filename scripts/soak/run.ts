import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Assignment, Failure, Message, Sample, Span, Totals } from './messages.js';

/** What an application told, and how it ended. */
export interface Course {
    readonly samples: readonly Sample[];
    readonly failures: readonly Failure[];
    readonly stalls: readonly Span[];
    readonly totals: Totals | undefined;
    /** `undefined` when it did not end by itself. */
    readonly exitCode: number | undefined;
    /** Milliseconds from its last message to its end. */
    readonly exitedAfter: number;
}

/** Milliseconds in which a process has to end that has nothing to do any more. */
export const PATIENCE = 10_000;
/** Seconds without a sign after which something hangs: there is a sample every other second. */
export const LONGEST_SILENCE = 60;

const APPLICATION = fileURLToPath(new URL('./application.ts', import.meta.url));

/**
 * Runs an application in a process of its own.
 *
 * @param onDone - called when it has sent its last request
 */
export async function runApplication(
    assignment: Assignment,
    onSample: (sample: Sample) => void,
    onDone: () => void,
): Promise<Course> {
    const samples: Sample[] = [];
    const failures: Failure[] = [];
    const stalls: Span[] = [];
    let totals: Totals | undefined;
    let doneAt = NaN;
    let silence = 0;
    const child = fork(APPLICATION, [JSON.stringify(assignment)], {
        // Bytecode that comes and goes is noise.
        execArgv: [...process.execArgv, '--expose-gc', '--no-flush-bytecode'],
    });
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const done = new Promise<void>((resolve) => {
        child.on('message', (message: Message) => {
            silence = 0;
            if (message.type === 'failure') failures.push(message.failure);
            if (message.type === 'stall') stalls.push(message.stall);
            if (message.type === 'sample') {
                samples.push(message.sample);
                onSample(message.sample);
            }
            if (message.type !== 'done') return;
            ({ totals } = message);
            doneAt = performance.now();
            onDone();
            resolve();
        });
    });
    // By its own ticks, so that it does not count when all processes are stopped.
    const listening = setInterval(() => {
        silence += 1;
        if (silence > LONGEST_SILENCE) child.kill('SIGKILL');
    }, 1_000);
    await Promise.race([done, exited]);
    clearInterval(listening);
    const abort = new AbortController();
    const late = sleep(PATIENCE, undefined, { signal: abort.signal });
    const ended = await Promise.race([exited, late]);
    abort.abort();
    await late.catch(() => {});
    const exitedAfter = performance.now() - doneAt;
    if (!ended) child.kill('SIGKILL');
    return { samples, failures, stalls, totals, exitCode: ended?.[0] ?? undefined, exitedAfter };
}
