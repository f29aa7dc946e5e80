import { stringify } from 'fast-check';
import { useFakeTime } from '../support/deferred.js';
import { checkInterleavings } from './interleavings.js';
import { TRANSITIONS } from './transitions.js';

const USUAL_RUNS = 2_000;
const runs = Number(process.env['MODEL_RUNS'] ?? USUAL_RUNS);
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
const TIME_LIMIT = 120_000 + runs * 100;

type Checked = Awaited<ReturnType<typeof checkInterleavings>>;

function expectNoFailure({ failed, errorInstance, counterexample, numRuns }: Checked): void {
    if (!failed) return;
    const [scheduled, actions, script] = counterexample ?? [];
    throw new Error(
        [
            (errorInstance as Error).message,
            '',
            `Found in run ${numRuns}. To repeat it: MODEL_SEED=${seed} MODEL_RUNS=${runs} npm run test:long -- model/interleavings`,
            `The shortest example: ${JSON.stringify({ actions, script })}`,
            stringify(scheduled),
        ].join('\n'),
    );
}

async function check(steps: 'one by one' | 'all at once', numberOfRuns: number): Promise<Checked> {
    const begin = process.cpuUsage();
    const checked = await checkInterleavings({ runs: numberOfRuns, seed, steps });
    const { user, system } = process.cpuUsage(begin);
    const { actions, facts, transitions } = checked.statistics;
    const seconds = Math.round((user + system) / 1e6);
    process.stderr.write(
        `Model, steps ${steps}: MODEL_SEED=${seed} MODEL_RUNS=${runs}, ${actions} actions, ${facts} facts, ${seconds} s of CPU\n`,
    );
    if (process.env['MODEL_RUNS'])
        for (const [transition, times] of transitions) process.stderr.write(`| ${transition} | ${times} |\n`);
    return checked;
}

useFakeTime();

describe('however requests, answers, creations, time, aborts, log-outs and attachments interleave', () => {
    it(
        'the source and the transport do what the model says, step by step, and break no invariant',
        async () => {
            const checked = await check('one by one', runs);
            expectNoFailure(checked);
            // A transition that never came was not checked.
            const missed = TRANSITIONS.filter((transition) => !checked.statistics.transitions.has(transition));
            expect(runs < USUAL_RUNS ? [] : missed).toEqual([]);
            expect(TRANSITIONS).toEqual(expect.arrayContaining([...checked.statistics.transitions.keys()]));
        },
        TIME_LIMIT,
    );

    it.each(['one by one', 'all at once'] as const)(
        'a seed tells the same stories again, steps coming %s',
        async (steps) => {
            const settings = { runs: 20, seed, steps };
            const first = await checkInterleavings(settings);
            expect((await checkInterleavings(settings)).statistics).toEqual(first.statistics);
            expect(first.statistics.facts).toBeGreaterThan(0);
        },
    );

    it(
        'no invariant is broken either where steps come before the promises of the last ones were followed',
        async () => {
            expectNoFailure(await check('all at once', Math.ceil(runs / 4)));
        },
        TIME_LIMIT,
    );
});
