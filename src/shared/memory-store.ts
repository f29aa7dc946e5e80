import { stopwatch, systemClock } from '../clock.js';
import { createListeners } from './listeners.js';
import type { ReadEntry, StoredEntry, TokenStore } from './token-store.js';

interface Kept {
    readonly entry: StoredEntry;
    readonly timeLeft: () => number;
}

/**
 * A store for the creators of one process: for tests, and as the model of what a store does.
 *
 * @example
 * ```ts
 * const store = createMemoryStore();
 * const creator = withSharedToken(createClientTokenCreator({ id, secret }, { client }), { store, key: id });
 * ```
 */
export function createMemoryStore(): Required<TokenStore> {
    const entries = new Map<string, Kept>();
    const owners = new Map<string, { timeLeft: () => number }>();
    const listeners = createListeners();

    const write = (name: string, { generation, value }: StoredEntry, timeToLive: number): void => {
        entries.set(name, { entry: { generation, value }, timeLeft: timer(timeToLive) });
        forgetSome();
        listeners.tell(name);
    };
    // Each write looks at two more entries: those whose time is over do not pile up.
    const forgetSome = (): void => {
        const names = entries.keys();
        for (const name of [names.next().value, names.next().value]) {
            const kept = name === undefined ? undefined : alive(entries, name);
            // It goes to the end.
            if (name !== undefined && kept && entries.delete(name)) entries.set(name, kept);
        }
    };

    return {
        async get(name): Promise<ReadEntry | undefined> {
            const kept = alive(entries, name);
            return kept && { ...kept.entry, timeToLive: Math.max(kept.timeLeft(), 1) };
        },
        async set(name, entry, timeToLive) {
            write(name, entry, timeToLive);
        },
        async compareAndSet(name, expected, entry, timeToLive) {
            if (alive(entries, name)?.entry.generation !== expected) return false;
            write(name, entry, timeToLive);
            return true;
        },
        async delete(name) {
            entries.delete(name);
            listeners.tell(name);
        },
        async lock(name, duration) {
            if (alive(owners, name)) return undefined;
            let mine = { timeLeft: timer(duration) };
            owners.set(name, mine);
            const isMine = (): boolean => alive(owners, name) === mine;
            return {
                async renew() {
                    if (!isMine()) return false;
                    mine = { timeLeft: timer(duration) };
                    owners.set(name, mine);
                    return true;
                },
                async release() {
                    if (!isMine()) return;
                    owners.delete(name);
                    listeners.tell(name);
                },
            };
        },
        subscribe: async (name, listener) => listeners.add(name, listener),
    };
}

function timer(duration: number): () => number {
    const age = stopwatch(systemClock);
    return () => duration - age();
}

function alive<T extends { timeLeft: () => number }>(all: Map<string, T>, name: string): T | undefined {
    const found = all.get(name);
    if (found && found.timeLeft() > 0) return found;
    all.delete(name);
    return undefined;
}
