import type { TokenStore } from '../shared/token-store.js';
import type { Rule, Trial } from './contract-case.js';
import { LONG } from './durations.js';
import { entryOf } from './entry-rules.js';
import { expectEntry, expectNothing, expectSame } from './expectations.js';

/** Enough to meet, few enough for any pool of connections. */
const AT_ONCE = 20;

async function race({ one, other }: Trial<TokenStore>, name: string, expected: string | undefined): Promise<void> {
    const writers = Array.from({ length: AT_ONCE }, (_, index) => ({
        store: index % 2 ? one : other,
        entry: entryOf(`of writer ${index}`),
    }));
    const written = await Promise.all(
        writers.map(({ store, entry }) => store.compareAndSet(name, expected, entry, LONG)),
    );
    const winners = writers.filter((_, index) => written[index]);
    expectSame(`how many of ${AT_ONCE} that were called at once wrote`, winners.length, 1);
    for (const { entry } of winners) expectEntry('get after it', await one.get(name), entry);
}

/** What guarantees that two never do the same: compare and set, in one step. */
export const swapRules: Rule<TokenStore>[] = [
    [
        'compareAndSet writes where the expected generation is',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            const swapped = await one.compareAndSet(name, 'first', entryOf('second'), LONG);
            expectSame('compareAndSet', swapped, true);
            expectEntry('get', await one.get(name), entryOf('second'));
        },
    ],
    [
        'compareAndSet writes nothing where another generation is',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            const swapped = await one.compareAndSet(name, 'other', entryOf('second'), LONG);
            expectSame('compareAndSet', swapped, false);
            expectEntry('get', await one.get(name), entryOf('first'));
        },
    ],
    [
        'compareAndSet of a generation writes nothing where no entry is',
        async ({ one, newName }) => {
            const name = newName();
            expectSame('compareAndSet', await one.compareAndSet(name, 'first', entryOf('second'), LONG), false);
            expectNothing('get', await one.get(name));
            await one.set(name, entryOf('first'), LONG);
            await one.delete(name);
            const swapped = await one.compareAndSet(name, 'first', entryOf('second'), LONG);
            expectSame('compareAndSet after delete', swapped, false);
            expectNothing('get after it', await one.get(name));
        },
    ],
    [
        'compareAndSet that expects no entry writes where none is',
        async ({ one, newName }) => {
            const name = newName();
            const swapped = await one.compareAndSet(name, undefined, entryOf('first'), LONG);
            expectSame('compareAndSet', swapped, true);
            expectEntry('get', await one.get(name), entryOf('first'));
            await one.delete(name);
            const again = await one.compareAndSet(name, undefined, entryOf('second'), LONG);
            expectSame('compareAndSet after delete', again, true);
            expectEntry('get after it', await one.get(name), entryOf('second'));
        },
    ],
    [
        'compareAndSet that expects no entry writes nothing where one is',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            const swapped = await one.compareAndSet(name, undefined, entryOf('second'), LONG);
            expectSame('compareAndSet', swapped, false);
            expectEntry('get', await one.get(name), entryOf('first'));
        },
    ],
    [
        'of many that expect the same generation at once, exactly one writes',
        async (trial) => {
            const name = trial.newName();
            await trial.one.set(name, entryOf('first'), LONG);
            await race(trial, name, 'first');
        },
    ],
    [
        'of many that expect no entry at once, exactly one writes',
        async (trial) => race(trial, trial.newName(), undefined),
    ],
];
