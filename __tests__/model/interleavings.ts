import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { TokenSource } from '../../src/index.js';
import { action, plans, type Action } from './actions.js';
import { lineOf } from './facts.js';
import { findViolation } from './invariants.js';
import type { Script } from './stage.js';
import { World } from './world.js';

interface Settings {
    readonly runs: number;
    readonly seed: number;
    /**
     * `one by one`: what comes of a step is compared with the model before the next. `all at once`: the next step may
     * come while promises of the last are still being followed; only the invariants tell what must not happen then.
     */
    readonly steps: 'one by one' | 'all at once';
    readonly sabotage?: ((source: TokenSource) => TokenSource) | undefined;
    /** Whether the first failure that is found will do, be it a long story. */
    readonly isFirstEnough?: boolean;
}

/** What was seen in all runs together. */
interface Statistics {
    readonly transitions: Map<string, number>;
    actions: number;
    facts: number;
}

const script: fc.Arbitrary<Script> = fc.record({ plans, seed: fc.nat(1_000) });
const actions = fc.array(action, { minLength: 2, maxLength: 40, size: 'max' });

/** Ends one task of the scheduler after the other, until none is left. */
async function drain(scheduler: fc.Scheduler, pause: () => Promise<void>): Promise<void> {
    do {
        while (scheduler.count() > 0) {
            await scheduler.waitOne();
            await pause();
        }
        await setImmediate();
    } while (scheduler.count() > 0);
}

/** A few promises are followed, not all. */
async function moment(ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
}

/** Under jest's fake timers. A rejection that nobody handles fails the test by jest itself. */
export async function checkInterleavings({ runs, seed, steps, sabotage, isFirstEnough = false }: Settings) {
    const isCompared = steps === 'one by one';
    const statistics: Statistics = { transitions: new Map(), actions: 0, facts: 0 };
    const passed = (transition: string): void => {
        statistics.transitions.set(transition, (statistics.transitions.get(transition) ?? 0) + 1);
    };
    const property = fc.asyncProperty(fc.scheduler(), actions, script, async (scheduler, todo, ofItself) => {
        const world: World = new World({
            scheduler,
            script: ofItself,
            isCompared,
            passed,
            sabotage,
            drain: () => drain(scheduler, isCompared ? () => setImmediate() : () => moment(world.stage.random() * 12)),
        });
        const random = jest.spyOn(Math, 'random').mockImplementation(() => world.stage.random());
        await play(world, scheduler, todo);
        random.mockRestore();
        statistics.actions += todo.length;
        statistics.facts += world.stage.story.length;
        try {
            judge(world, isCompared);
        } finally {
            world.close();
        }
    });
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // stacks are most of what an error costs, and axios makes many
    const result = await fc.check(property, { numRuns: runs, seed, endOnFailure: isFirstEnough });
    Error.stackTraceLimit = stackTraceLimit;
    return { ...result, statistics };
}

/**
 * Those who were served are sent a few promises later, with the token that they got. What takes it from them waits until
 * they are on their way.
 */
const takesTokens = ({ does }: Action): boolean => does === 'report';

async function play(world: World, scheduler: fc.Scheduler, todo: readonly Action[]): Promise<void> {
    scheduler.scheduleSequence(
        todo.map((next) => ({
            label: JSON.stringify(next),
            async builder() {
                if (takesTokens(next)) await setImmediate();
                await world.perform(next);
            },
        })),
    );
    await world.end();
}

function judge(world: World, areOneByOne: boolean): void {
    const violation = findViolation(world.stage.story, areOneByOne);
    const findings = [
        ...world.stage.differences,
        ...(violation ? [`${violation.rule}${violation.fact ? `: ${lineOf(violation.fact)}` : ''}`] : []),
        ...(world.unsettled > 0 ? [`${world.unsettled} requests never settle`] : []),
    ];
    if (findings.length > 0) throw new Error([...findings, 'The story:', ...world.stage.story.map(lineOf)].join('\n'));
}
