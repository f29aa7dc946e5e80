import type { Mutation } from './failures.js';
import { aliveIn, createPlace, now, openModelStore, put, tell, type Place } from './model-store.js';

/** Reads a value as something else than was written. */
function reading(read: (written: string) => string): Mutation {
    return (store) => ({
        async get(name) {
            const found = await store.get(name);
            return found && { ...found, value: read(found.value) };
        },
    });
}

function telling(timeToLive: (left: number, original: number) => number): Mutation {
    return (store, { entries }) => ({
        async get(name) {
            const found = await store.get(name);
            const original = entries.get(name)?.timeToLive ?? 0;
            return found && { ...found, timeToLive: timeToLive(found.timeToLive, original) };
        },
    });
}

function comparing(isSame: (there: string | undefined, expected: string | undefined) => boolean): Mutation {
    return (_, place) => ({
        async compareAndSet(name, expected, entry, timeToLive) {
            if (!isSame(aliveIn(place.entries, name)?.generation, expected)) return false;
            put(place, name, entry, timeToLive);
            tell(place, name);
            return true;
        },
    });
}

/** Compares in one step, and sets in another. */
function inTwoSteps(isSo: (expected: string | undefined) => boolean): Mutation {
    return (store, { entries }) => ({
        async compareAndSet(name, expected, entry, timeToLive) {
            if (!isSo(expected)) return store.compareAndSet(name, expected, entry, timeToLive);
            if (aliveIn(entries, name)?.generation !== expected) return false;
            await Promise.resolve();
            await store.set(name, entry, timeToLive);
            return true;
        },
    });
}

function ending(end: (timeToLive: number) => number): Mutation {
    return (store) => ({
        set: (name, entry, timeToLive) => store.set(name, entry, end(timeToLive)),
        compareAndSet: (name, expected, entry, timeToLive) =>
            store.compareAndSet(name, expected, entry, end(timeToLive)),
    });
}

/** Failed writes change how long the entry that is there lives. */
function touching(change: (left: number, given: number) => number): Mutation {
    return (store, place) => ({
        async compareAndSet(name, expected, entry, timeToLive) {
            if (await store.compareAndSet(name, expected, entry, timeToLive)) return true;
            const found = aliveIn(place.entries, name);
            if (found) put(place, name, found, change(found.end - now(), timeToLive));
            return false;
        },
    });
}

/** What is there keeps its time when it is written anew. */
const leftOf = ({ entries }: Place, name: string): number | undefined => {
    const found = aliveIn(entries, name);
    return found && found.end - now();
};

export const entryMutants = {
    'an empty value counts as none': (store) => ({
        async get(name) {
            const found = await store.get(name);
            return found?.value ? found : undefined;
        },
    }),
    'values are cut off': reading((text) => text.slice(0, 65_535)),
    'values are bytes': reading((text) => Buffer.from(text, 'latin1').toString('latin1')),
    'values are normalised': reading((text) => text.normalize('NFC')),
    'quotes get a backslash': reading((text) => text.replaceAll("'", "\\'")),
    'control characters are left out': reading((text) => text.replaceAll('\u0001', '')),
    'values that look like numbers are numbers': reading((text) => (/^\d+$/.test(text) ? `${Number(text)}` : text)),
    'values are trimmed': reading((text) => text.trim()),
    'an entry can be read once': (store) => ({
        async get(name) {
            const found = await store.get(name);
            if (found) await store.delete(name);
            return found;
        },
    }),
    'generations are compared as numbers': comparing(
        (there, expected) => there === expected || Number(there) === Number(expected),
    ),
    'generations are compared without case': comparing(
        (there, expected) => there?.toLowerCase() === expected?.toLowerCase(),
    ),
    'set writes only where nothing is': (store) => ({
        async set(name, entry, timeToLive) {
            await store.compareAndSet(name, undefined, entry, timeToLive);
        },
    }),
    'delete does nothing': () => ({ async delete() {} }),
    'to delete what is not there fails': (store, { entries }) => ({
        async delete(name) {
            if (!entries.has(name)) throw new Error('not found');
            await store.delete(name);
        },
    }),
    'delete takes all that begin with the name': (store, { entries }) => ({
        async delete(name) {
            for (const other of entries.keys()) if (other.startsWith(name)) await store.delete(other);
        },
    }),
    'names are the same in capitals': (store) => ({
        get: (name) => store.get(name.toLowerCase()),
        set: (name, ...rest) => store.set(name.toLowerCase(), ...rest),
        compareAndSet: (name, ...rest) => store.compareAndSet(name.toLowerCase(), ...rest),
        delete: (name) => store.delete(name.toLowerCase()),
    }),
    'set and delete leave alone what their client does not know': (store, { entries }) => {
        const known = new Set<string>();
        const isUnknown = (name: string): boolean => !known.has(name) && aliveIn(entries, name) !== undefined;
        return {
            get: (name) => store.get(known.add(name) && name),
            compareAndSet: (name, ...rest) => store.compareAndSet(known.add(name) && name, ...rest),
            set: async (name, ...rest) => (isUnknown(name) ? undefined : store.set(known.add(name) && name, ...rest)),
            delete: async (name) => (isUnknown(name) ? undefined : store.delete(name)),
        };
    },
    'each client has entries of its own': () => {
        const { get, set, compareAndSet, delete: remove } = openModelStore(createPlace());
        return { get, set, compareAndSet, delete: remove };
    },
    'null where there is nothing': (store) => ({
        get: async (name) => (await store.get(name)) ?? (null as never),
    }),
    'compareAndSet writes whatever is there': comparing(() => true),
    'compareAndSet compares, but does not say so': (store) => ({
        compareAndSet: async (...write) => (await store.compareAndSet(...write)) || (undefined as unknown as boolean),
    }),
    'compareAndSet never writes over anything': comparing(
        (there, expected) => there === undefined && expected === undefined,
    ),
    'compareAndSet never writes where nothing is': comparing(
        (there, expected) => there !== undefined && there === expected,
    ),
    'compareAndSet of another generation writes': comparing(
        (there, expected) => there === expected || (there !== undefined && expected !== undefined),
    ),
    'compareAndSet of a generation writes where nothing is': comparing(
        (there, expected) => there === expected || there === undefined,
    ),
    'compareAndSet that expects nothing writes over anything': comparing(
        (there, expected) => there === expected || expected === undefined,
    ),
    'compareAndSet takes two steps': inTwoSteps(() => true),
    'compareAndSet takes two steps where something is': inTwoSteps((expected) => expected !== undefined),
    'compareAndSet takes two steps where nothing is': inTwoSteps((expected) => expected === undefined),
    'the time to live is told in seconds': telling((left) => left / 1_000),
    'the time to live is told as it was at first': telling((_, original) => original),
    'the time to live is told as a point in time': telling((left) => Date.now() + left),
    'the time to live is not told': telling(() => undefined as unknown as number),
    'entries never end': ending(() => 1e9),
    'entries end too early': ending((timeToLive) => timeToLive / 4),
    'entries end too late': ending((timeToLive) => timeToLive * 4),
    'times are 32 bit': ending((timeToLive) => (timeToLive > 2 ** 31 - 1 ? 1 : timeToLive)),
    'set keeps the time that an entry has': (store, place) => ({
        set: (name, entry, timeToLive) => store.set(name, entry, leftOf(place, name) ?? timeToLive),
    }),
    'set keeps the time that an entry has, if it is longer': (store, place) => ({
        set: (name, entry, timeToLive) => store.set(name, entry, Math.max(leftOf(place, name) ?? 0, timeToLive)),
    }),
    'set keeps the time that an entry has, if it is shorter': (store, place) => ({
        set: (name, entry, timeToLive) => store.set(name, entry, Math.min(leftOf(place, name) ?? 1e12, timeToLive)),
    }),
    'compareAndSet keeps the time that an entry has': (store, place) => ({
        compareAndSet: (name, expected, entry, timeToLive) =>
            store.compareAndSet(name, expected, entry, leftOf(place, name) ?? timeToLive),
    }),
    'compareAndSet keeps the time that an entry has, if it is shorter': (store, place) => ({
        compareAndSet: (name, expected, entry, timeToLive) =>
            store.compareAndSet(name, expected, entry, Math.min(leftOf(place, name) ?? 1e12, timeToLive)),
    }),
    'what compareAndSet wrote first never ends': (store) => ({
        compareAndSet: (name, expected, entry, timeToLive) =>
            store.compareAndSet(name, expected, entry, expected === undefined ? 1e9 : timeToLive),
    }),
    'a compareAndSet that fails extends the time': touching((left, given) => Math.max(left, given)),
    'a compareAndSet that fails shortens the time': touching((left, given) => Math.min(left, given)),
    'compareAndSet finds what get does not': (_, place) => ({
        async compareAndSet(name, expected, entry, timeToLive) {
            if (place.entries.get(name)?.generation !== expected) return false;
            put(place, name, entry, timeToLive);
            tell(place, name);
            return true;
        },
    }),
} satisfies Record<string, Mutation>;
