/** A Web Lock that is held. */
export interface HeldLock {
    isHeld(): boolean;
    release(): void;
}

/** What a page goes through when it is left. */
type Leaving = 'pagehide' | 'freeze';

/**
 * Takes a Web Lock if it is free. It never queues: a page that is frozen would be given the lock in its turn, and keep it.
 *
 * @param leaving - when it is let go of, though its holder did not ask for it: a page in the back/forward cache would keep it
 */
export function takeWebLock(
    locks: LockManager,
    name: string,
    leaving: readonly Leaving[],
): Promise<HeldLock | undefined> {
    return new Promise((resolve, reject) => {
        const hold = (): Promise<void> =>
            new Promise((finish) => {
                let isHeld = true;
                const release = (): void => {
                    isHeld = false;
                    finish();
                    for (const event of leaving) globalThis.removeEventListener?.(event, release, true);
                };
                for (const event of leaving) globalThis.addEventListener?.(event, release, true);
                resolve({ isHeld: () => isHeld, release });
            });
        locks.request(name, { ifAvailable: true }, (lock) => (lock ? hold() : resolve(undefined))).catch(reject);
    });
}
