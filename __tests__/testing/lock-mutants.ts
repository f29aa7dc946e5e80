import type { TokenLock } from '../../src/testing/index.js';
import type { Mutation } from './failures.js';
import { aliveIn, createPlace, now, openModelStore, type Place, type Store } from './model-store.js';

/** Needs no `this`. */
interface FreeLease {
    readonly renew: () => Promise<boolean>;
    readonly release: () => Promise<void>;
}

/** A lock whose leases do something else. */
function leasing(
    change: (lease: FreeLease, name: string, duration: number, place: Place) => Partial<FreeLease>,
): Mutation {
    return (store, place) => ({
        async lock(name, duration) {
            const lease = await store.lock(name, duration);
            return lease && { ...lease, ...change(lease, name, duration, place) };
        },
    });
}

function locking(lock: (store: Store, place: Place) => TokenLock): Mutation {
    return (store, place) => ({ lock: lock(store, place) });
}

export const lockMutants = {
    'everybody gets the lock': locking((store, { owners }) => (name, duration) => {
        owners.delete(name);
        return store.lock(name, duration);
    }),
    'who has the lock gets it again': (store, { owners }) => {
        const mine = new Map<string, unknown>();
        return {
            async lock(name, duration) {
                if (mine.has(name) && mine.get(name) === owners.get(name)) owners.delete(name);
                const lease = await store.lock(name, duration);
                if (lease) mine.set(name, owners.get(name));
                return lease;
            },
        };
    },
    'each client has locks of its own': () => {
        const store = openModelStore(createPlace());
        return { lock: (...given) => store.lock(...given) };
    },
    'who asks waits until the lock is free': locking((store) => async (name, duration) => {
        for (let waited = 0; waited < 100; waited += 1) {
            const lease = await store.lock(name, duration);
            if (lease) return lease;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return undefined;
    }),
    'a lock that is held is an error': locking((store) => async (name, duration) => {
        const lease = await store.lock(name, duration);
        if (!lease) throw new Error('is held');
        return lease;
    }),
    'who asks gets null': locking(
        (store) => async (name, duration) => (await store.lock(name, duration)) ?? (null as never),
    ),
    'the lock is taken in two steps': locking((store, { owners }) => async (name, duration) => {
        if (aliveIn(owners, name)) return undefined;
        await Promise.resolve();
        owners.delete(name);
        return store.lock(name, duration);
    }),
    'release does nothing': leasing(() => ({ async release() {} })),
    'a released lock stays with its client': (store, { owners }) => {
        const client = {};
        return {
            async lock(name, duration) {
                if (Reflect.get(owners.get(name)?.lease ?? {}, 'client') === client) owners.delete(name);
                const lease = await store.lock(name, duration);
                return (
                    lease && {
                        ...lease,
                        async release() {
                            await lease.release();
                            if (!aliveIn(owners, name)) owners.set(name, { lease: { client }, end: now() + 1_000 });
                        },
                    }
                );
            },
        };
    },
    'locks never end': locking((store) => (name) => store.lock(name, 1e9)),
    'locks end too early': locking((store) => (name, duration) => store.lock(name, duration / 4)),
    'renew does nothing': leasing(() => ({ renew: async () => true })),
    'renew does not say so': leasing(({ renew }) => ({ renew: async () => (await renew()) && (undefined as never) })),
    'a renewed lock never ends': leasing(({ renew }, name, _, { owners }) => ({
        async renew() {
            const owner = owners.get(name);
            const isMine = await renew();
            if (isMine && owner) owners.set(name, { ...owner, end: now() + 1e9 });
            return isMine;
        },
    })),
    'renew takes the lock from whoever has it': leasing((_, name, duration, { owners }) => {
        const mine = owners.get(name)?.lease ?? {};
        return {
            async renew() {
                owners.set(name, { lease: mine, end: now() + duration });
                return true;
            },
        };
    }),
    'renew renews whoever has it': leasing((_, name, duration, { owners }) => ({
        async renew() {
            const owner = aliveIn(owners, name);
            if (owner) owners.set(name, { ...owner, end: now() + duration });
            return owner !== undefined;
        },
    })),
    'release takes the lock from whoever has it': leasing(({ release }, name, _, { owners }) => ({
        async release() {
            await release();
            owners.delete(name);
        },
    })),
    'what was released once is released for whoever has it': leasing(({ release }, name, _, { owners }) => {
        let isReleased = false;
        return {
            async release() {
                if (isReleased) owners.delete(name);
                isReleased = true;
                await release();
            },
        };
    }),
    'to release twice is an error': leasing(({ release }) => {
        let isReleased = false;
        return {
            async release() {
                if (isReleased) throw new Error('was released');
                isReleased = true;
                await release();
            },
        };
    }),
    'release of what was lost is an error': leasing(({ release }, name, _, { owners }) => {
        const mine = owners.get(name)?.lease;
        return {
            async release() {
                const owner = aliveIn(owners, name);
                if (owner && owner.lease !== mine) throw new Error('was lost');
                await release();
            },
        };
    }),
    'renew of what was lost is an error': leasing(({ renew }) => ({
        async renew() {
            if (!(await renew())) throw new Error('was lost');
            return true;
        },
    })),
    'there is one lock for all names': locking((store) => (_, duration) => store.lock('all', duration)),
    'a lock covers all names that begin with its own': locking((store, { owners }) => async (name, duration) => {
        const isHeld = [...owners.keys()].some((other) => name.startsWith(other) && aliveIn(owners, other));
        return isHeld ? undefined : store.lock(name, duration);
    }),
    'a lock is an entry of that name': (store, { owners }) => ({
        lock: (...given) => store.lock(...given),
        async get(name) {
            const found = await store.get(name);
            return found ?? (aliveIn(owners, name) && { generation: 'locked', value: '', timeToLive: 1 });
        },
    }),
    'delete ends the lock of that name': (store, { owners }) => ({
        async delete(name) {
            owners.delete(name);
            await store.delete(name);
        },
    }),
    'release deletes the entry of that name': leasing(({ release }, name, _, { entries }) => ({
        async release() {
            await release();
            entries.delete(name);
        },
    })),
    'what is locked is written by nobody': (store, { owners }) => ({
        compareAndSet: async (name, ...rest) => !aliveIn(owners, name) && store.compareAndSet(name, ...rest),
    }),
    'nobody is told of a release': leasing((lease, name, _, { owners }) => {
        const mine = owners.get(name)?.lease;
        return {
            async release() {
                if (aliveIn(owners, name)?.lease === mine) owners.delete(name);
            },
        };
    }),
} satisfies Record<string, Mutation>;
