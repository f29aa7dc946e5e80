import { stopwatch, systemClock } from '../clock.js';
import { EMPTY, readRecord, recordAfter, timeToLiveOf, writeRecord, type FamilyRecord } from './family-record.js';
import { randomGeneration } from './generations.js';
import type { Codec } from './options.js';
import { nameOfError, StoreFailure, within } from './store-failure.js';
import type { TokenStore } from './token-store.js';

/** A record as it was found. */
export interface FoundRecord {
    /** `undefined`: there is none. */
    readonly generation: string | undefined;
    /** The record as it is by now. */
    readonly now: () => FamilyRecord;
    /** Why it counts as empty, if what is there cannot be read. */
    readonly unreadable?: StoreFailure;
    /** It has no generation that a write could be compared with. */
    readonly isBroken?: boolean;
}

/** A store of records, each of whose operations ends in time; what it rejects with is a {@link StoreFailure}. */
export interface RecordStore {
    read(name: string): Promise<FoundRecord>;
    /**
     * Writes a record unless another one than `found` is there by now.
     *
     * @returns whether it was written
     */
    write(name: string, found: FoundRecord, next: NewRecord): Promise<boolean>;
    remove(name: string): Promise<void>;
    /** @returns ends the subscription; `undefined` where there can be none */
    subscribe(name: string, listener: () => void): Promise<(() => void) | undefined>;
}

/** A record that is to take the place of another one. */
export type NewRecord = FoundRecord & { readonly generation: string };

export function newRecord(record: FamilyRecord): NewRecord {
    return foundRecord(randomGeneration(), record);
}

function foundRecord<T extends string | undefined>(generation: T, record: FamilyRecord) {
    const age = stopwatch(systemClock);
    return { generation, now: () => recordAfter(record, age()) };
}

export interface RecordStoreSettings {
    readonly store: TokenStore;
    readonly codec: Codec;
    /** Milliseconds that one operation may take. */
    readonly timeout: number;
    /** Milliseconds for which a record is kept at least. */
    readonly leastTimeToLive: number;
}

export function createRecordStore({ store, codec, timeout, leastTimeToLive }: RecordStoreSettings): RecordStore {
    const inTime = <T>(work: () => Promise<T>, undo?: (late: T) => unknown): Promise<T> => within(timeout, work, undo);

    async function read(name: string): Promise<FoundRecord> {
        const entry: unknown = await inTime(() => store.get(name));
        if (entry === undefined || entry === null) return foundRecord(undefined, EMPTY);
        const { generation, value, timeToLive } = Object(entry) as Partial<Record<string, unknown>>;
        const isBroken = typeof generation !== 'string' || generation === '';
        try {
            if (typeof value !== 'string' || isBroken) throw new TypeError('that is no entry');
            const text = await inTime(async () => codec.decode(value));
            return foundRecord(generation, readRecord(text, Number(timeToLive)));
        } catch (error) {
            const unreadable = new StoreFailure(`holds what cannot be read: ${nameOfError(error)}`);
            return { ...foundRecord(isBroken ? undefined : generation, EMPTY), unreadable, isBroken };
        }
    }

    return {
        read,
        async write(name, { generation: expected, isBroken }, { generation, now }) {
            const record = now();
            const timeToLive = timeToLiveOf(record, leastTimeToLive);
            return inTime(async () => {
                const entry = { generation, value: await codec.encode(writeRecord(record, timeToLive)) };
                if (!isBroken) return checked(await store.compareAndSet(name, expected, entry, timeToLive));
                // Nobody can compare anything with what has no generation.
                await store.set(name, entry, timeToLive);
                return true;
            });
        },
        remove: (name) => inTime(async () => store.delete(name)),
        subscribe: (name, listener) =>
            inTime(
                async () => store.subscribe?.(name, listener),
                (end) => end?.(),
            ),
    };
}

function checked(isWritten: unknown): boolean {
    if (typeof isWritten === 'boolean') return isWritten;
    throw new TypeError('compareAndSet must tell whether it wrote, by a boolean');
}
