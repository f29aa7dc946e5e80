import type { Lease, TokenLock } from '../shared/token-store.js';
import { within, type Rule, type Trial } from './contract-case.js';
import { LONG, startWatch, waitUntil, whileLasting, withDuration } from './durations.js';
import { Breach, expectNothing, expectSame, show } from './expectations.js';

const AT_ONCE = 20;

export function expectLease(what: string, came: Lease | undefined): Lease {
    if (typeof came?.renew === 'function' && typeof came.release === 'function') return came;
    throw new Breach(`${what}: expected a lease with the functions renew and release, but got ${show(came)}`);
}

/** A lease whose time is over, and that of the one who has the lock now. */
async function lose(trial: Trial<TokenLock>): Promise<{ name: string; lost: Lease; owner: Lease } | undefined> {
    const { one, other, patience } = trial;
    const name = trial.newName();
    const lost = expectLease('lock', await one(name, patience));
    if (lost.endsWithHolder) return undefined; // is never lost
    const watch = startWatch();
    await waitUntil(watch, 2 * patience);
    const owner = expectLease('lock after its duration', await other(name, LONG));
    return { name, lost, owner };
}

async function expectHeld({ one, other }: Trial<TokenLock>, name: string, owner: Lease): Promise<void> {
    expectNothing('lock of what another has', await one(name, LONG));
    expectNothing('lock of what it has', await other(name, LONG));
    expectSame('renew by the one who has it', await owner.renew(), true);
}

/** One at a time, and nobody for longer than agreed. */
export const lockRules: Rule<TokenLock>[] = [
    [
        'who asks for a lock that is held is told so at once',
        async ({ one, other, patience, newName }) => {
            const name = newName();
            const lease = expectLease('lock', await one(name, LONG));
            for (const [what, lock] of [
                ['lock of what another has', other] as const,
                ['lock of what it has', one] as const,
            ]) {
                expectNothing(what, await within(10 * patience, what, lock(name, LONG)));
            }
            await lease.release();
        },
    ],
    [
        'of many who ask for a lock at once, exactly one gets it',
        async ({ one, other, newName }) => {
            const name = newName();
            const asked = Array.from({ length: AT_ONCE }, (_, index) => (index % 2 ? one : other)(name, LONG));
            const leases = (await Promise.all(asked)).filter((lease) => lease !== undefined);
            expectSame(`how many of ${AT_ONCE} got it`, leases.length, 1);
            for (const lease of leases) await lease.release();
        },
    ],
    [
        'a lock that was released can be taken by anybody',
        async ({ one, other, newName }) => {
            const name = newName();
            const first = expectLease('lock', await one(name, LONG));
            await first.release();
            const second = expectLease('lock after release elsewhere', await other(name, LONG));
            await second.release();
            const third = expectLease('lock after release', await other(name, LONG));
            await third.release();
        },
    ],
    [
        'a lock that is not renewed is held for its duration, and free after it',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const { one, other, patience } = trial;
                const name = trial.newName();
                const watch = startWatch();
                const lease = expectLease('lock', await one(name, duration));
                const done = watch();
                await waitUntil(watch, duration / 2);
                await whileLasting(watch, duration, async () => {
                    expectNothing(`lock within its duration of ${duration} ms`, await other(name, LONG));
                });
                if (lease.endsWithHolder) return lease.release();
                await waitUntil(watch, done + duration + patience);
                const next = expectLease(`lock ${patience} ms after its duration`, await other(name, LONG));
                await next.release();
            }),
    ],
    [
        'renew keeps a lock for another duration, and no longer',
        (trial) =>
            withDuration(trial.patience, async (duration) => {
                const { one, other, patience } = trial;
                const name = trial.newName();
                const first = startWatch();
                const lease = expectLease('lock', await one(name, duration));
                await waitUntil(first, duration * 0.6);
                const second = startWatch();
                await whileLasting(first, duration, async () => expectSame('renew', await lease.renew(), true));
                const done = second();
                await waitUntil(second, duration * 0.6);
                await whileLasting(second, duration, async () => {
                    expectNothing('lock after the first duration, but within the second', await other(name, LONG));
                });
                if (lease.endsWithHolder) return lease.release();
                await waitUntil(second, done + duration + patience);
                const next = expectLease('lock after the second duration', await other(name, LONG));
                await next.release();
            }),
    ],
    [
        'who lost a lock cannot renew it',
        async (trial) => {
            const { name, lost, owner } = (await lose(trial)) ?? {};
            if (!name || !lost || !owner) return;
            expectSame('renew by the one who lost it', await lost.renew(), false);
            await expectHeld(trial, name, owner);
            await owner.release();
        },
    ],
    [
        'who lost a lock does not take it from its new owner by release',
        async (trial) => {
            const { name, lost, owner } = (await lose(trial)) ?? {};
            if (!name || !lost || !owner) return;
            await lost.release();
            await expectHeld(trial, name, owner);
            await owner.release();
        },
    ],
    [
        'who released a lock cannot renew it',
        async ({ one, other, newName }) => {
            const name = newName();
            const released = expectLease('lock', await one(name, LONG));
            await released.release();
            expectSame('renew after release', await released.renew(), false);
            const next = expectLease('lock after that', await other(name, LONG));
            await next.release();
        },
    ],
    [
        'to release a lock twice is harmless',
        async (trial) => {
            const name = trial.newName();
            const released = expectLease('lock', await trial.one(name, LONG));
            await released.release();
            await released.release();
            const owner = expectLease('lock after release', await trial.other(name, LONG));
            await released.release();
            await expectHeld(trial, name, owner);
            await owner.release();
        },
    ],
    [
        'locks of different names are independent',
        async ({ one, newName }) => {
            const names = [newName(), newName()];
            names.push(`${names[0]}0`);
            const leases: Lease[] = [];
            for (const name of names) leases.push(expectLease(`lock of ${name}`, await one(name, LONG)));
            const [first, ...rest] = leases;
            await first?.release();
            for (const lease of rest) {
                expectSame('renew after release of another name', await lease.renew(), true);
                await lease.release();
            }
        },
    ],
];
