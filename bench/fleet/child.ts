import { simulate } from './fleet.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

// Simulates one fleet in a process of its own: `child.ts <name>`; prints its course.
const [, , name] = process.argv;
process.stdout.write(JSON.stringify(await simulate(SCENARIOS[name as ScenarioName])));
