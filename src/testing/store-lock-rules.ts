import type { TokenLock, TokenStore } from '../shared/token-store.js';
import type { Rule } from './contract-case.js';
import { LONG } from './durations.js';
import { entryOf } from './entry-rules.js';
import { expectEntry, expectNothing, expectSame } from './expectations.js';
import { expectLease } from './lock-rules.js';
import { createEar } from './subscription-rules.js';

export type LockingStore = TokenStore & { lock: TokenLock };

/** A store has one name for an entry and for the lock of those who write it. */
export const nameRules: Rule<LockingStore>[] = [
    [
        'a lock and the entry of its name leave each other alone',
        async ({ one, other, newName }) => {
            const name = newName();
            const lease = expectLease('lock', await one.lock(name, LONG));
            expectNothing('get of what is locked, and was not written', await one.get(name));
            const swapped = await other.compareAndSet(name, undefined, entryOf('first'), LONG);
            expectSame('compareAndSet that expects no entry, of what is locked', swapped, true);
            expectEntry('get of what is locked', await one.get(name), entryOf('first'));
            await other.delete(name);
            expectSame('renew after delete', await lease.renew(), true);
            expectNothing('lock after delete of what is locked', await other.lock(name, LONG));
            await other.set(name, entryOf('second'), LONG);
            await lease.release();
            expectEntry('get after release', await one.get(name), entryOf('second'));
            const next = expectLease('lock of what was written', await other.lock(name, LONG));
            await next.release();
            expectEntry('get after release', await one.get(name), entryOf('second'));
        },
    ],
];

/** Who waits for a lock is told when to try again. */
export const releaseRules: Rule<Required<TokenStore>>[] = [
    [
        'who subscribed is told when the lock is released, whoever does that',
        async ({ one, other, patience, newName, afterwards }) => {
            for (const [whose, store] of [['the same client', one] as const, ['another client', other] as const]) {
                const name = newName();
                const ear = createEar();
                const lease = expectLease('lock', await store.lock(name, LONG));
                afterwards(await one.subscribe(name, ear.listener));
                await lease.release();
                await ear.hear(`release by ${whose}`, 10 * patience);
            }
        },
    ],
];
