import { startTimer } from '../clock.js';
import { randomGeneration } from '../shared/generations.js';

/** An entry as tabs tell each other of it. */
export interface ToldEntry {
    /** `undefined`: it was deleted. */
    readonly generation: string | undefined;
    readonly value: string;
    /** Milliseconds. */
    readonly timeLeft: number;
    /** Grows with each write of that entry. */
    readonly sequence: number;
}

/** What tabs say. */
type Said =
    /** Who knows a later write of that entry? Without a name: who is there? */
    | { readonly type: 'ask'; readonly question: string; readonly name?: string; readonly sequence: number }
    | { readonly type: 'answer'; readonly question: string; readonly name?: string; readonly told?: ToldEntry }
    | { readonly type: 'write'; readonly name: string; readonly told: ToldEntry }
    /** Something changed that is kept elsewhere, or a lock was given back. */
    | { readonly type: 'change'; readonly name: string }
    /** Somebody logged out. */
    | { readonly type: 'clear' }
    /** The page is left: do not wait for it. */
    | { readonly type: 'leave' };

/** `epoch` counts the log-outs that the tab knows of. */
export type TabMessage = Said & { readonly from: string; readonly epoch: number };

/** The other tabs. */
export interface TabChannel {
    say(said: Said): void;
    /** Asks who is there; resolves with the first answer: every tab knows what the others know. */
    greet(): Promise<void>;
    /** Asks for an entry; resolves when all tabs that are known have answered, or a while later. */
    ask(name: string, sequence: number): Promise<void>;
}

export interface ChannelSettings {
    readonly channel: BroadcastChannel;
    readonly epoch: () => number;
    readonly hear: (message: TabMessage) => void;
}

// Tabs answer within a few milliseconds, unless they are busy. Nobody knows who might answer to a greeting.
const GREETING_PATIENCE = 250;
// Whoever does not answer for so long has crashed, and is not waited for again.
const PATIENCE = 1_000;

export function openTabChannel({ channel, epoch, hear }: ChannelSettings): TabChannel {
    const self = randomGeneration();
    const others = new Set<string>();
    const questions = new Map<string, (from: string) => void>();

    channel.addEventListener('message', ({ data }: MessageEvent<TabMessage | null>) => {
        if (typeof data?.from !== 'string') return; // that is somebody else's
        if (data.type === 'leave') others.delete(data.from);
        else others.add(data.from);
        hear(data);
        if (data.type === 'answer') questions.get(data.question)?.(data.from);
    });

    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin, its own
    const say = (said: Said): void => channel.postMessage({ ...said, from: self, epoch: epoch() });

    function inquire(
        name: string | undefined,
        sequence: number,
        patience: number,
        awaited: Set<string>,
    ): Promise<void> {
        return new Promise((resolve) => {
            const question = randomGeneration();
            const finish = (): void => {
                stopTimer();
                questions.delete(question);
                resolve();
            };
            const stopTimer = startTimer(patience, () => {
                for (const silent of awaited) others.delete(silent);
                finish();
            });
            questions.set(question, (from) => {
                awaited.delete(from);
                if (awaited.size === 0) finish();
            });
            say({ type: 'ask', question, sequence, ...(name !== undefined && { name }) });
        });
    }

    globalThis.addEventListener?.('pagehide', () => say({ type: 'leave' }));

    return {
        say,
        greet: () => inquire(undefined, 0, GREETING_PATIENCE, new Set()),
        async ask(name, sequence) {
            if (others.size > 0) await inquire(name, sequence, PATIENCE, new Set(others));
        },
    };
}
