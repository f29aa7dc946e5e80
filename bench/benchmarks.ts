import { hotPathHeap, hotPathTime } from './hot-path.js';
import { importTime } from './import-time.js';
import type { Benchmark } from './measure.js';
import { oneCreation } from './one-creation.js';
import { refusals } from './refusals.js';
import { sharedFirst, sharedHeap, sharedTime } from './shared.js';
import { shortLived } from './short-lived.js';
import { size } from './size.js';
import { stragglers } from './stragglers.js';

interface Entry {
    readonly run: Benchmark;
    readonly nodeOptions: readonly string[];
}

const COLLECTABLE = ['--expose-gc'];
const COLLECTED_BETWEEN = [...COLLECTABLE, '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** All benchmarks by name, in the order of the report. */
export const BENCHMARKS: Readonly<Record<string, Entry>> = {
    'hot-path-time': { run: hotPathTime, nodeOptions: [] },
    'hot-path-heap': { run: hotPathHeap, nodeOptions: COLLECTED_BETWEEN },
    'shared-time': { run: sharedTime, nodeOptions: [] },
    'shared-heap': { run: sharedHeap, nodeOptions: COLLECTED_BETWEEN },
    'shared-first': { run: sharedFirst, nodeOptions: [] },
    'one-creation': { run: oneCreation, nodeOptions: COLLECTABLE },
    refusals: { run: refusals, nodeOptions: COLLECTABLE },
    stragglers: { run: stragglers, nodeOptions: COLLECTABLE },
    'short-lived': { run: shortLived, nodeOptions: [] },
    size: { run: size, nodeOptions: [] },
    'import-time': { run: importTime, nodeOptions: [] },
};
