import type { TokenStore } from '../../src/shared/token-store.js';

/** A store at the other end of a network. */
export interface DistantStore {
    readonly store: Required<TokenStore>;
    /** When operations began, in milliseconds of virtual time. */
    readonly operations: readonly number[];
    /** While it is down it refuses connections, and tells nobody anything. */
    isDown: boolean;
}

/** @param latency - draws the milliseconds that an operation takes, there and back */
export function createDistantStore(
    store: Required<TokenStore>,
    now: () => number,
    latency: () => number,
): DistantStore {
    const operations: number[] = [];

    async function travel(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, latency() / 2));
        if (distant.isDown) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    }

    async function thereAndBack<T>(operate: () => Promise<T>): Promise<T> {
        operations.push(now());
        await travel();
        const answer = await operate();
        await travel();
        return answer;
    }

    const distant: DistantStore = {
        operations,
        isDown: false,
        store: {
            get: (name) => thereAndBack(() => store.get(name)),
            set: (name, entry, timeToLive) => thereAndBack(() => store.set(name, entry, timeToLive)),
            compareAndSet: (name, expected, entry, timeToLive) =>
                thereAndBack(() => store.compareAndSet(name, expected, entry, timeToLive)),
            delete: (name) => thereAndBack(() => store.delete(name)),
            async lock(name, duration) {
                const lease = await thereAndBack(() => store.lock(name, duration));
                return (
                    lease && {
                        renew: () => thereAndBack(() => lease.renew()),
                        release: () => thereAndBack(() => lease.release()),
                    }
                );
            },
            subscribe: (name, listener) =>
                thereAndBack(() => store.subscribe(name, () => void travel().then(listener, () => {}))),
        },
    };
    return distant;
}
