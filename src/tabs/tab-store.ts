import { stopwatch, systemClock } from '../clock.js';
import { createListeners } from '../shared/listeners.js';
import type { StoredEntry, TokenStore } from '../shared/token-store.js';
import { openTabChannel, type TabMessage, type ToldEntry } from './channel.js';
import { takeWebLock } from './web-lock.js';

/** What tabs share: a store in their memories, the lock of their creations, and that somebody logged out. */
export interface Tabs extends Required<TokenStore> {
    /** Tells the others that something changed which is kept elsewhere. */
    readonly tellChange: (name: string) => void;
    /** Tells the others of a log-out. */
    readonly clear: () => void;
}

export interface TabsSettings {
    readonly locks: LockManager;
    readonly channel: BroadcastChannel;
    /** What the names of locks begin with. */
    readonly space: string;
    /** Another tab was cleared. */
    readonly onClear: () => void;
}

interface Known {
    readonly generation: string | undefined;
    readonly value: string;
    readonly sequence: number;
    readonly timeLeft: () => number;
}

// How long somebody else may take to compare and set.
const WRITE_PATIENCE = 3_000;

/**
 * Each tab knows what it was told, and asks before it gives or writes anything: a message may come after the lock that its
 * sender gave back.
 */
export function openTabs({ locks, channel, space, onClear }: TabsSettings): Tabs {
    const memory = new Map<string, Known>();
    const listeners = createListeners();
    let epoch = 0;
    const others = openTabChannel({ channel, epoch: () => epoch, hear });
    const greeted = others.greet();

    function hear(message: TabMessage): void {
        if (message.epoch > epoch) {
            // One that was not heard of counts all the same.
            const isNews = message.type === 'clear' || memory.size > 0;
            epoch = message.epoch;
            if (isNews) forget();
        }
        if (message.type === 'ask') answer(message);
        if (message.type === 'change') listeners.tell(message.name);
        if (message.epoch < epoch) return;
        if (message.type === 'write') learn(message.name, message.told);
        if (message.type === 'answer' && message.name !== undefined && message.told) learn(message.name, message.told);
    }

    function forget(): void {
        const names = [...memory.keys()];
        memory.clear();
        onClear();
        for (const name of names) listeners.tell(name);
    }

    function answer({ question, name, sequence }: Extract<TabMessage, { type: 'ask' }>): void {
        const known = name === undefined ? undefined : memory.get(name);
        const told = known && known.sequence > sequence ? { ...known, timeLeft: known.timeLeft() } : undefined;
        others.say({ type: 'answer', question, ...(name !== undefined && { name }), ...(told && { told }) });
    }

    function learn(name: string, { generation, value, sequence, timeLeft }: ToldEntry): void {
        const known = memory.get(name);
        if (known && known.sequence >= sequence) return;
        const age = stopwatch(systemClock);
        memory.set(name, { generation, value, sequence, timeLeft: () => timeLeft - age() });
        listeners.tell(name);
    }

    function current(name: string): Known | undefined {
        const known = memory.get(name);
        return known?.generation !== undefined && known.timeLeft() > 0 ? known : undefined;
    }

    function write(name: string, entry: Partial<StoredEntry>, timeLeft: number): void {
        const { generation, value = '' } = entry;
        const told = { generation, value, timeLeft, sequence: (memory.get(name)?.sequence ?? 0) + 1 };
        learn(name, told);
        others.say({ type: 'write', name, told });
    }

    async function ask(name: string): Promise<void> {
        await greeted;
        await others.ask(name, memory.get(name)?.sequence ?? 0);
    }

    /** Does something to an entry that nobody else does anything to, knowing all that the others know. */
    async function alone<T>(name: string, work: () => T): Promise<T> {
        let waited = stopwatch(systemClock);
        for (;;) {
            const lock = await takeWebLock(locks, `${lockOf(name)}:write`, ['pagehide', 'freeze']);
            if (!lock) {
                if (waited() > WRITE_PATIENCE) throw new Error('another tab does not end its write');
                await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
                continue;
            }
            try {
                await ask(name);
                if (lock.isHeld()) return work();
                // The page was frozen, or away: others may have written meanwhile.
                waited = stopwatch(systemClock);
            } finally {
                lock.release();
            }
        }
    }

    const lockOf = (name: string): string => `${space}:${name}`;

    return {
        async get(name) {
            await ask(name);
            const known = current(name);
            const { generation, value } = known ?? {};
            if (!known || generation === undefined || value === undefined) return undefined;
            return { generation, value, timeToLive: known.timeLeft() };
        },
        set: (name, entry, timeToLive) => alone(name, () => write(name, entry, timeToLive)),
        compareAndSet: (name, expected, entry, timeToLive) =>
            alone(name, () => {
                if (current(name)?.generation !== expected) return false;
                write(name, entry, timeToLive);
                return true;
            }),
        delete: (name) => alone(name, () => write(name, {}, 0)),
        async lock(name) {
            const held = await takeWebLock(locks, lockOf(name), ['pagehide']);
            return (
                held && {
                    renew: async () => held.isHeld(),
                    async release() {
                        held.release();
                        listeners.tell(name);
                        others.say({ type: 'change', name });
                    },
                    endsWithHolder: true,
                }
            );
        },
        subscribe: async (name, listener) => listeners.add(name, listener),
        tellChange: (name) => others.say({ type: 'change', name }),
        clear() {
            epoch += 1;
            memory.clear();
            others.say({ type: 'clear' });
        },
    };
}
