import { setImmediate } from 'node:timers/promises';
import { getHeapCodeStatistics } from 'node:v8';
import { createClients } from './clients.js';
import type { Assignment, Message, Totals } from './messages.js';
import { RATE, SAMPLE_EVERY, STALL } from './settings.js';

// A process that sends requests for a while, and ends when nothing is left to do: nobody ends it. It keeps no more than
// counts itself; what grows is somebody else's.

const TICK = 20;

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
const tell = (message: Message): void => void process.send?.(message);

const totals: Totals = { sent: 0, served: 0, failed: 0, healed: 0, created: 0, failedCreations: 0, reattached: 0 };
const clients = createClients(assignment, totals);
let underWay = 0;
let rest = (): void => {};

async function send(): Promise<void> {
    const client = clients[totals.sent % clients.length];
    if (!client) return;
    totals.sent += 1;
    underWay += 1;
    const begun = Date.now();
    const known = client.knows();
    try {
        await client.send();
        totals.served += 1;
    } catch (failure) {
        totals.failed += 1;
        const ended = Date.now();
        const { name, message } = failure as Error;
        const { heldBackUntil: later } = client.knows();
        // A source may have been held back before the request, or by the failure that ended it.
        const heldBackUntil = Math.max(known.heldBackUntil, later);
        const error = `${name}: ${message}`;
        tell({ type: 'failure', failure: { ...known, error, heldBackUntil, begun, ended } });
    }
    underWay -= 1;
    if (underWay === 0) rest();
}

/** Until no request is under way; none must be sent meanwhile. */
async function atRest(): Promise<void> {
    if (underWay > 0) await new Promise<void>((resolve) => (rest = resolve));
    rest = () => {};
}

async function sample(at: number): Promise<void> {
    await atRest();
    globalThis.gc?.();
    await setImmediate();
    globalThis.gc?.();
    // Idle sockets do not count as active, as they keep no process alive.
    const sockets = clients.reduce((total, client) => total + client.sockets(), 0);
    const handles = process.getActiveResourcesInfo().length + sockets;
    tell({ type: 'sample', sample: { at, requests: totals.sent, heap: heapWithoutCode(), handles } });
}

/** The engine compiles, and throws away, hundreds of kilobytes of code as it likes: nobody's leak. */
function heapWithoutCode(): number {
    const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
    return process.memoryUsage().heapUsed - code - bytecode;
}

/** Time in which the machine does not let the process run does not count, and is not caught up with. */
function run(): Promise<void> {
    return new Promise((resolve) => {
        let last = Date.now();
        let active = 0;
        let sampled = 0;
        let isSampling = false;
        const timer = setInterval(() => {
            const now = Date.now();
            if (now - last > STALL) tell({ type: 'stall', stall: { from: last, until: now } });
            active += Math.min(now - last, STALL);
            last = now;
            if (isSampling) return;
            if (active >= assignment.minutes * 60_000) {
                clearInterval(timer);
                resolve();
            } else if (active - sampled >= SAMPLE_EVERY) {
                sampled = active;
                isSampling = true;
                void sample(active).finally(() => (isSampling = false));
            } else {
                for (const due = (active * RATE) / 1_000; totals.sent < due; ) void send();
            }
        }, TICK);
    });
}

await run();
await atRest();
tell({ type: 'done', totals });
process.disconnect?.();
