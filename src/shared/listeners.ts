import { notify } from '../events.js';

/** Those who listen for something by its name. */
export interface Listeners {
    /** @returns ends that; ending it twice does no harm */
    readonly add: (name: string, listener: () => void) => () => void;
    readonly tell: (name: string) => void;
    readonly has: (name: string) => boolean;
    readonly isEmpty: () => boolean;
}

export function createListeners(): Listeners {
    const subscriptions = new Map<string, Set<{ listener: () => void }>>();
    return {
        add(name, listener) {
            const subscription = { listener };
            const others = subscriptions.get(name) ?? new Set();
            subscriptions.set(name, others.add(subscription));
            return () => {
                others.delete(subscription);
                if (others.size === 0 && subscriptions.get(name) === others) subscriptions.delete(name);
            };
        },
        tell(name) {
            const all = subscriptions.get(name);
            // Who subscribes meanwhile hears of the next time, who ends meanwhile of none.
            const told = [...(all ?? [])];
            for (const subscription of told) {
                if (all?.has(subscription)) notify(subscription.listener, undefined);
            }
        },
        has: (name) => subscriptions.has(name),
        isEmpty: () => subscriptions.size === 0,
    };
}
