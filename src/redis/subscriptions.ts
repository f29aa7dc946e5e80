import { untilDeparture } from '../departure.js';
import { createListeners } from '../shared/listeners.js';
import type { Connection, Subscriber } from './client.js';

/** Hears of messages on channels. */
export type Subscribe = (channel: string, listener: () => void) => Promise<() => void>;

// Clients try to connect for ever. Who gives up polls.
const LONGEST_OPENING = 5_000;

/** One connection for all who wait, which is open for as long as somebody does: nothing keeps an idle process running. */
export function createSubscriptions({ openSubscriber }: Connection): Subscribe {
    const listeners = createListeners();
    let subscriber: Subscriber | undefined;

    function leave(channel: string): void {
        if (listeners.isEmpty()) {
            subscriber?.close();
            subscriber = undefined;
        } else if (!listeners.has(channel)) {
            subscriber?.unsubscribe(channel).catch(() => {});
        }
    }

    return async (channel, listener) => {
        const remove = listeners.add(channel, listener);
        const end = (): void => {
            remove();
            leave(channel);
        };
        const mine = (subscriber ??= openSubscriber(listeners.tell));
        // Whoever comes second waits for it as well: until then it hears nothing.
        const subscribed = mine.opened.then(() => mine.subscribe(channel));
        try {
            const expired = (): Error => new Error(`no subscription within ${LONGEST_OPENING} ms`);
            await untilDeparture(subscribed, { timeout: LONGEST_OPENING, expired });
        } catch (error) {
            end();
            throw error;
        }
        return end;
    };
}
