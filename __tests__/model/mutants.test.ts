import { useFakeTime } from '../support/deferred.js';
import { checkInterleavings } from './interleavings.js';
import { mutants } from './mutants.js';

const SEED = 1;
/** The slowest took 11 of them. */
const RUNS = 100;

useFakeTime();

describe('it is found out', () => {
    it.each(Object.entries(mutants))('that a source %s', async (_, sabotage) => {
        const settings = { runs: RUNS, seed: SEED, steps: 'one by one', isFirstEnough: true } as const;
        const { failed } = await checkInterleavings({ ...settings, sabotage });
        expect(failed).toBe(true);
    });
});
