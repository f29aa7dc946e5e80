import { BENCHMARKS } from './benchmarks.js';

// Runs one benchmark in a process of its own: `child.js <name> <quick|full>`; the figures go to the parent.
const [name = '', pace] = process.argv.slice(2);
const figures = await BENCHMARKS[name]?.run({ quick: pace === 'quick' });
process.send?.(figures);
process.disconnect?.();
