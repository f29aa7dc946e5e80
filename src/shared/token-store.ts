/** What a store keeps under a name. */
export interface StoredEntry {
    /** Any text that is not empty. It changes with every write, and tells what was read from what came after it. */
    readonly generation: string;
    /** Opaque to the store. */
    readonly value: string;
}

/** An entry as it is read. */
export interface ReadEntry extends StoredEntry {
    /** Milliseconds until the store forgets it, by the store's own clock. */
    readonly timeToLive: number;
}

/**
 * A place that processes, or tabs, share. Any operation may reject: then the store counts as unreachable for the moment.
 * Names are hashes in base64url, in which capitals matter. Times to live are milliseconds, more than 0, perhaps more than
 * 2³¹ - 1; a fraction may be rounded up. `storeContract` of `axios-token-creator/testing` holds what a store must do.
 */
export interface TokenStore {
    /** The entry of that name; `undefined` when there is none, or its time is over. */
    get(name: string): Promise<ReadEntry | undefined>;
    /** Writes an entry whatever is there, and begins a new time to live; after that it is gone. */
    set(name: string, entry: StoredEntry, timeToLive: number): Promise<void>;
    /**
     * Writes an entry as `set` does, in one step, if the one that is there has the generation `expected`; `undefined` expects
     * none.
     *
     * @returns whether it was written; what is there, and its time, stay as they are otherwise
     */
    compareAndSet(name: string, expected: string | undefined, entry: StoredEntry, timeToLive: number): Promise<boolean>;
    /** Forgets an entry; that there is none is no error. */
    delete(name: string): Promise<void>;
    /** Takes the lock of that name; without it, the option `lock` is needed. */
    lock?: TokenLock;
    /**
     * Calls the listener after every write and deletion of that name, and when its lock is released, wherever that is
     * done: who is told can read what was written. A call too many does no harm. Without this function, who waits polls.
     *
     * @returns when that has begun: ends it; ending it twice does no harm
     */
    subscribe?(name: string, listener: () => void): Promise<() => void>;
}

/**
 * Takes a lock if it is free; does not wait for it. It belongs to the call, not to the client: taking it twice fails. Who has it keeps it for `duration` milliseconds, unless it is renewed
 * or released; so a crashed holder delays the others by no more than that.
 *
 * @returns `undefined` when somebody else has it
 */
export type TokenLock = (name: string, duration: number) => Promise<Lease | undefined>;

/** A lock that is held. */
export interface Lease {
    /** Keeps it for another `duration`; `false` when it was lost, or given back. */
    renew(): Promise<boolean>;
    /** Gives it back, unless somebody else has it by now; once more does no harm. */
    release(): Promise<void>;
    /**
     * Set where a lock ends with its holder, and not before (Web Locks, say): whoever gets it knows that the one who had
     * it is done or gone, and need not wait for what that one began.
     */
    readonly endsWithHolder?: boolean;
}
