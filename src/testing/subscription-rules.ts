import type { ReadEntry, TokenStore } from '../shared/token-store.js';
import type { Rule } from './contract-case.js';
import { LONG, startWatch, waitUntil } from './durations.js';
import { entryOf } from './entry-rules.js';
import { Breach, expectEntry, expectSame } from './expectations.js';

export type ObservableStore = TokenStore & Required<Pick<TokenStore, 'subscribe'>>;

/** Counts what a listener is told, and waits for more. */
interface Ear {
    readonly listener: () => void;
    readonly times: () => number;
    /** @throws Breach that says what it was not told of */
    readonly hear: (what: string, limit: number) => Promise<void>;
}

export function createEar(): Ear {
    let times = 0;
    let heard = 0;
    let wake: (() => void) | undefined;
    return {
        listener() {
            times += 1;
            wake?.();
        },
        times: () => times,
        async hear(what, limit) {
            const isTold = await new Promise<boolean>((resolve) => {
                const timer = setTimeout(() => resolve(false), limit);
                wake = () => {
                    if (times <= heard) return;
                    clearTimeout(timer);
                    resolve(true);
                };
                wake();
            });
            wake = undefined;
            heard = times;
            if (!isTold)
                throw new Breach(`${what}: expected to be told within ${limit} ms, but got no call of the listener`);
        },
    };
}

const pause = (milliseconds: number): Promise<void> => waitUntil(startWatch(), milliseconds);

const changes: Record<string, (store: TokenStore, name: string) => Promise<unknown>> = {
    set: (store, name) => store.set(name, entryOf('next'), LONG),
    compareAndSet: (store, name) => store.compareAndSet(name, 'first', entryOf('second'), LONG),
    delete: (store, name) => store.delete(name),
};

/** Nobody has to ask again and again. */
export const subscriptionRules: Rule<ObservableStore>[] = [
    ...Object.entries(changes).map(
        ([change, apply]): Rule<ObservableStore> => [
            `who subscribed is told of ${change}, whoever calls it`,
            async ({ one, other, patience, newName, afterwards }) => {
                for (const [whose, store] of [['the same client', one] as const, ['another client', other] as const]) {
                    const name = newName();
                    const ear = createEar();
                    await one.set(name, entryOf('first'), LONG);
                    afterwards(await one.subscribe(name, ear.listener));
                    await apply(store, name);
                    await ear.hear(`${change} by ${whose}`, 10 * patience);
                }
            },
        ],
    ),
    [
        'who is told of a write can read it',
        async ({ one, other, patience, newName, afterwards }) => {
            const name = newName();
            const ear = createEar();
            const reads: Promise<ReadEntry | undefined>[] = [];
            const end = await one.subscribe(name, () => {
                reads.push(one.get(name));
                ear.listener();
            });
            afterwards(end);
            await other.set(name, entryOf('first'), LONG);
            await ear.hear('set by another client', 10 * patience);
            expectEntry('get by the listener', await reads[0], entryOf('first'));
        },
    ],
    [
        'who subscribed is told again and again, as is everybody else',
        async ({ one, other, patience, newName, afterwards }) => {
            const name = newName();
            const listening = { 'the first listener': one, 'the second': one, 'that of another client': other };
            const ears: [who: string, ear: Ear][] = [];
            for (const [who, store] of Object.entries(listening)) {
                const ear = createEar();
                ears.push([who, ear]);
                afterwards(await store.subscribe(name, ear.listener));
            }
            for (const time of [1, 2, 3]) {
                await one.set(name, entryOf(`${time}`), LONG);
                for (const [who, ear] of ears) await ear.hear(`write ${time}, ${who}`, 10 * patience);
                await pause(patience / 4); // for what may be told twice
            }
        },
    ],
    [
        'who subscribed is not told of other names',
        async ({ one, other, patience, newName, afterwards }) => {
            const name = newName();
            const ear = createEar();
            afterwards(await one.subscribe(name, ear.listener));
            for (const another of [newName(), `${name}0`, name.slice(0, -1)]) {
                await one.set(another, entryOf('first'), LONG);
                await other.compareAndSet(another, 'first', entryOf('second'), LONG);
                await one.delete(another);
            }
            await pause(patience);
            expectSame('how often it was told of other names', ear.times(), 0);
        },
    ],
    [
        'who ended the subscription is not told any more, not even of a write under way',
        async ({ one, other, patience, newName, afterwards }) => {
            const name = newName();
            const ear = createEar();
            const end = await one.subscribe(name, ear.listener);
            afterwards(end);
            await one.set(name, entryOf('first'), LONG);
            await ear.hear('set before it ended', 10 * patience);
            const underWay = [one.set(name, entryOf('second'), LONG), other.delete(name)];
            const times = ear.times();
            end();
            await Promise.all(underWay);
            await one.set(name, entryOf('third'), LONG);
            await pause(patience);
            expectSame('how often it was told after the end', ear.times() - times, 0);
        },
    ],
    [
        'a subscription may be ended twice, and no other ends with it',
        async ({ one, patience, newName, afterwards }) => {
            const name = newName();
            const ear = createEar();
            const end = await one.subscribe(name, ear.listener);
            afterwards(await one.subscribe(name, ear.listener));
            end();
            end();
            await one.set(name, entryOf('first'), LONG);
            await ear.hear('set after another subscription of the listener ended', 10 * patience);
        },
    ],
    [
        'who subscribed is told, although another subscription of the name ended just before',
        async ({ one, patience, newName, afterwards }) => {
            const name = newName();
            const ear = createEar();
            // What is opened for all subscriptions stays open.
            afterwards(await one.subscribe(newName(), ear.listener));
            const end = await one.subscribe(name, ear.listener);
            end();
            afterwards(await one.subscribe(name, ear.listener));
            end();
            await one.set(name, entryOf('first'), LONG);
            await ear.hear('set after the end of the only other subscription', 10 * patience);
        },
    ],
];
