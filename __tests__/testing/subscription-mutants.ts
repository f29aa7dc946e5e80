import type { Mutation } from './failures.js';
import { put, tell, type Store } from './model-store.js';

/** Subscriptions that hear something else. */
function subscribing(subscribe: (subscribe: Store['subscribe']) => Store['subscribe']): Mutation {
    return (store) => ({ subscribe: subscribe(store.subscribe) });
}

/** Tells nobody of that change. */
function silent(change: 'set' | 'compareAndSet' | 'delete'): Mutation {
    return (store, place) => ({
        async [change](...given: never[]) {
            const subscriptions = [...place.subscriptions];
            place.subscriptions.clear();
            const done = (store[change] as (...all: never[]) => Promise<unknown>)(...given);
            for (const subscription of subscriptions) place.subscriptions.add(subscription);
            return done;
        },
    });
}

/** Tells only some of the clients. */
function tellingOnly(isTold: (client: object, mine: object) => boolean): Mutation {
    return (store, place) => {
        const mine = {};
        const quietly = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
            const subscriptions = [...place.subscriptions];
            place.subscriptions.clear();
            const done = work();
            for (const subscription of subscriptions) place.subscriptions.add(subscription);
            for (const subscription of subscriptions) {
                const { name: of, client, listener } = subscription;
                if (of !== name || !isTold(client, mine)) continue;
                queueMicrotask(() => place.subscriptions.has(subscription) && listener());
            }
            return done;
        };
        return {
            set: (name, ...rest) => quietly(name, () => store.set(name, ...rest)),
            compareAndSet: (name, ...rest) => quietly(name, () => store.compareAndSet(name, ...rest)),
            delete: (name) => quietly(name, () => store.delete(name)),
            async lock(name, duration) {
                const lease = await store.lock(name, duration);
                return lease && { ...lease, release: () => quietly(name, () => lease.release()) };
            },
            async subscribe(name, listener) {
                const subscription = { name, client: mine, listener };
                place.subscriptions.add(subscription);
                return () => void place.subscriptions.delete(subscription);
            },
        };
    };
}

export const subscriptionMutants = {
    'nobody is told of set': silent('set'),
    'nobody is told of compareAndSet': silent('compareAndSet'),
    'nobody is told of delete': silent('delete'),
    'nobody is told of what it does itself': tellingOnly((client, mine) => client !== mine),
    'nobody is told of what others do': tellingOnly((client, mine) => client === mine),
    'it is told first, and written then': (_, place) => ({
        async set(name, entry, timeToLive) {
            tell(place, name);
            await new Promise((resolve) => setTimeout(resolve, 5));
            put(place, name, entry, timeToLive);
        },
    }),
    'each is told once': subscribing((subscribe) => async (name, listener) => {
        let isTold = false;
        return subscribe(name, () => {
            if (!isTold) listener();
            isTold = true;
        });
    }),
    'only one can listen to a name': (store) => {
        const ends = new Map<string, () => void>();
        return {
            async subscribe(name, listener) {
                ends.get(name)?.();
                const end = await store.subscribe(name, listener);
                ends.set(name, end);
                return end;
            },
        };
    },
    'everybody is told of everything': (store, place) => ({
        async set(name, ...rest) {
            await store.set(name, ...rest);
            for (const other of new Set([...place.subscriptions].map((subscription) => subscription.name))) {
                if (other !== name) tell(place, other);
            }
        },
    }),
    'who listens to a name is told of all that begin with it': (store, place) => ({
        async set(name, ...rest) {
            await store.set(name, ...rest);
            const others = new Set([...place.subscriptions].map((subscription) => subscription.name));
            for (const other of others) if (other !== name && name.startsWith(other)) tell(place, other);
        },
    }),
    'to end a subscription does nothing': subscribing((subscribe) => async (...given) => {
        await subscribe(...given);
        return () => {};
    }),
    'what is under way is told after the end': (_, place) => ({
        async set(name, entry, timeToLive) {
            put(place, name, entry, timeToLive);
            for (const { name: of, listener } of place.subscriptions) if (of === name) queueMicrotask(listener);
        },
    }),
    'a listener that listens twice is ended once for all': (store, place) => ({
        async subscribe(name, listener) {
            await store.subscribe(name, listener);
            return () => {
                for (const subscription of place.subscriptions) {
                    if (subscription.listener === listener && subscription.name === name) {
                        place.subscriptions.delete(subscription);
                    }
                }
            };
        },
    }),
    'to end the last subscription ends the next as well': (store, place) => ({
        async subscribe(name, listener) {
            const end = await store.subscribe(name, listener);
            return () => {
                end();
                if ([...place.subscriptions].some((subscription) => subscription.name === name)) return;
                setTimeout(() => {
                    for (const subscription of place.subscriptions) {
                        if (subscription.name === name) place.subscriptions.delete(subscription);
                    }
                }, 0);
            };
        },
        async set(name, ...rest) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            await store.set(name, ...rest);
        },
    }),
    'to end a subscription twice is an error': subscribing((subscribe) => async (...given) => {
        const end = await subscribe(...given);
        let isEnded = false;
        return () => {
            if (isEnded) throw new Error('has ended');
            isEnded = true;
            end();
        };
    }),
} satisfies Record<string, Mutation>;
