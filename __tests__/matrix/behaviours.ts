import { bodyBehaviours } from './behaviours-bodies.js';
import { failureBehaviours } from './behaviours-failures.js';
import { healingBehaviours } from './behaviours-healing.js';
import { leftAloneBehaviours } from './behaviours-left-alone.js';
import { tokenBehaviours } from './behaviours-tokens.js';
import { waitingBehaviours } from './behaviours-waiting.js';
import type { Behaviour } from './scene.js';

/** What the package does wherever axios runs; see scene.ts for how they are run. */
export const behaviours: readonly Behaviour[] = [
    ...tokenBehaviours,
    ...healingBehaviours,
    ...bodyBehaviours,
    ...leftAloneBehaviours,
    ...waitingBehaviours,
    ...failureBehaviours,
];
