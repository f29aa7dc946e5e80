import type { StoredEntry, TokenStore } from '../shared/token-store.js';
import type { Rule, Trial } from './contract-case.js';
import { LONG, startWatch, waitUntil, whileLasting, withDuration, type Watch } from './durations.js';
import { entryOf } from './entry-rules.js';
import { expectBetween, expectEntry, expectNothing, expectSame } from './expectations.js';

const MONTH = 31 * 24 * 3_600_000;

interface Written {
    /** Since before it was written. */
    readonly watch: Watch;
    /** When, by that watch, it was written at the latest. */
    readonly done: number;
}

async function write(work: () => Promise<unknown>): Promise<Written> {
    const watch = startWatch();
    await work();
    return { watch, done: watch() };
}

async function expectTimeToLive(
    { one, patience }: Trial<TokenStore>,
    name: string,
    timeToLive: number,
    { watch, done }: Written,
): Promise<void> {
    const atLeast = watch() - done;
    const read = await one.get(name);
    const what = `timeToLive ${Math.round(atLeast)} ms after it was ${timeToLive}`;
    expectBetween(what, read?.timeToLive, timeToLive - watch() - patience, timeToLive - atLeast + patience);
}

/** That the entry is there as long as it has to be, and gone after that. */
async function expectToEnd(
    { one, patience }: Trial<TokenStore>,
    name: string,
    entry: StoredEntry,
    duration: number,
    { watch, done }: Written,
): Promise<void> {
    await waitUntil(watch, duration / 2);
    await whileLasting(watch, duration, async () => {
        expectEntry(`get within the time to live of ${duration} ms`, await one.get(name), entry);
    });
    await waitUntil(watch, done + duration + patience);
    expectNothing(`get ${patience} ms after the time to live of ${duration} ms`, await one.get(name));
}

/** The store's own clock is the only one that counts. */
export const timeRules: Rule<TokenStore>[] = [
    [
        'the time to live is told in milliseconds, and counts down',
        async (trial) => {
            const name = trial.newName();
            const written = await write(() => trial.one.set(name, entryOf('first'), LONG));
            await expectTimeToLive(trial, name, LONG, written);
            await waitUntil(written.watch, written.done + 3 * trial.patience);
            await expectTimeToLive(trial, name, LONG, written);
        },
    ],
    [
        'an entry is there until its time to live is over, and gone after it',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const name = trial.newName();
                const written = await write(() => trial.one.set(name, entryOf('first'), duration));
                await expectToEnd(trial, name, entryOf('first'), duration, written);
            }),
    ],
    [
        'set begins a new time to live',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const [shortened, extended] = [trial.newName(), trial.newName()];
                await trial.one.set(extended, entryOf('first'), duration);
                await trial.one.set(extended, entryOf('second'), LONG);
                await trial.one.set(shortened, entryOf('first'), LONG);
                const written = await write(() => trial.one.set(shortened, entryOf('second'), duration));
                await expectToEnd(trial, shortened, entryOf('second'), duration, written);
                expectEntry('get after a short, then a long one', await trial.one.get(extended), entryOf('second'));
            }),
    ],
    [
        'compareAndSet begins a new time to live',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const { one } = trial;
                const [shortened, extended, fresh] = [trial.newName(), trial.newName(), trial.newName()];
                const started = startWatch();
                await one.set(extended, entryOf('first'), duration);
                await whileLasting(started, duration, async () => {
                    const swapped = await one.compareAndSet(extended, 'first', entryOf('second'), LONG);
                    expectSame('compareAndSet', swapped, true);
                });
                await one.compareAndSet(fresh, undefined, entryOf('second'), duration);
                await one.set(shortened, entryOf('first'), LONG);
                const written = await write(() => one.compareAndSet(shortened, 'first', entryOf('second'), duration));
                await expectToEnd(trial, shortened, entryOf('second'), duration, written);
                expectNothing('get of a new one after that', await one.get(fresh));
                expectEntry('get after a short, then a long one', await one.get(extended), entryOf('second'));
            }),
    ],
    [
        'a compareAndSet that fails leaves entry and time to live as they are',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const { one } = trial;
                const [long, short] = [trial.newName(), trial.newName()];
                await one.set(long, entryOf('first'), LONG);
                await one.compareAndSet(long, 'other', entryOf('second'), duration);
                await one.compareAndSet(long, undefined, entryOf('second'), duration);
                const written = await write(() => one.set(short, entryOf('first'), duration));
                await one.compareAndSet(short, 'other', entryOf('second'), LONG);
                await one.compareAndSet(short, undefined, entryOf('second'), LONG);
                await expectToEnd(trial, short, entryOf('first'), duration, written);
                expectEntry('get of the one with more time', await one.get(long), entryOf('first'));
            }),
    ],
    [
        'an entry whose time is over counts as none for compareAndSet',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const { one, patience } = trial;
                const name = trial.newName();
                const { watch, done } = await write(() => one.set(name, entryOf('first'), duration));
                await waitUntil(watch, done + duration + patience);
                const wrong = await one.compareAndSet(name, 'first', entryOf('second'), LONG);
                expectSame('compareAndSet of its generation', wrong, false);
                const right = await one.compareAndSet(name, undefined, entryOf('second'), LONG);
                expectSame('compareAndSet that expects none', right, true);
            }),
    ],
    [
        'a time to live of a month is not cut short',
        async (trial) => {
            const { one, patience } = trial;
            const name = trial.newName();
            const written = await write(() => one.set(name, entryOf('first'), MONTH));
            await waitUntil(written.watch, written.done + patience);
            await expectTimeToLive(trial, name, MONTH, written);
            await one.delete(name);
        },
    ],
];
