import type { StoredEntry, TokenStore } from '../../src/testing/index.js';

export type Store = Required<TokenStore>;

/** What the clients of one place share. */
export interface Place {
    readonly entries: Map<string, StoredEntry & { readonly end: number; readonly timeToLive: number }>;
    readonly owners: Map<string, { readonly lease: object; readonly end: number }>;
    readonly subscriptions: Set<{ readonly name: string; readonly client: object; readonly listener: () => void }>;
}

export const now = (): number => performance.now();

export function createPlace(): Place {
    return { entries: new Map(), owners: new Map(), subscriptions: new Set() };
}

export function aliveIn<T extends { readonly end: number }>(all: Map<string, T>, name: string): T | undefined {
    const found = all.get(name);
    return found && found.end > now() ? found : undefined;
}

export function put({ entries }: Place, name: string, { generation, value }: StoredEntry, timeToLive: number): void {
    entries.set(name, { generation, value, timeToLive, end: now() + timeToLive });
}

export function tell({ subscriptions }: Place, name: string): void {
    for (const subscription of subscriptions) {
        if (subscription.name !== name) continue;
        queueMicrotask(() => subscriptions.has(subscription) && subscription.listener());
    }
}

/** A store that does everything right, written so openly that each part can be replaced by one that does not. */
export function openModelStore(place: Place): Store {
    const { entries, owners, subscriptions } = place;
    const client = {};
    return {
        async get(name) {
            const found = aliveIn(entries, name);
            return found && { generation: found.generation, value: found.value, timeToLive: found.end - now() };
        },
        async set(name, entry, timeToLive) {
            put(place, name, entry, timeToLive);
            tell(place, name);
        },
        async compareAndSet(name, expected, entry, timeToLive) {
            if (aliveIn(entries, name)?.generation !== expected) return false;
            put(place, name, entry, timeToLive);
            tell(place, name);
            return true;
        },
        async delete(name) {
            entries.delete(name);
            tell(place, name);
        },
        async lock(name, duration) {
            if (aliveIn(owners, name)) return undefined;
            const lease = {
                async renew() {
                    if (aliveIn(owners, name)?.lease !== lease) return false;
                    owners.set(name, { lease, end: now() + duration });
                    return true;
                },
                async release() {
                    if (aliveIn(owners, name)?.lease !== lease) return;
                    owners.delete(name);
                    tell(place, name);
                },
            };
            owners.set(name, { lease, end: now() + duration });
            return lease;
        },
        async subscribe(name, listener) {
            const subscription = { name, client, listener };
            subscriptions.add(subscription);
            return () => void subscriptions.delete(subscription);
        },
    };
}
