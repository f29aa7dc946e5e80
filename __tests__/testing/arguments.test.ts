import { createMemoryStore } from '../../src/shared/index.js';
import { lockContract, storeContract, type TokenLock, type TokenStore } from '../../src/testing/index.js';
import { expectTypeError } from '../support/type-error.js';
import { expectToHold, failuresOf, rowsOf } from './failures.js';

const memory = (): Required<TokenStore> => createMemoryStore();

describe('wrong arguments are a TypeError at once', () => {
    it.each([undefined, null, {}, createMemoryStore(), 'redis://localhost'])('open is %p', (open) => {
        expectTypeError(() => storeContract(open as never), 'storeContract', 'open must be a function');
        expectTypeError(() => lockContract(open as never), 'lockContract', 'open must be a function');
    });

    it.each([0, -1, Infinity, NaN, '100'])('patience is %p', (patience) => {
        const options = { patience } as never;
        expectTypeError(() => storeContract(memory, options), 'storeContract', 'options.patience', 'above 0');
        expectTypeError(() => lockContract(() => memory().lock, options), 'lockContract', 'options.patience');
    });

    it('options are no object, or unknown', () => {
        expectTypeError(() => storeContract(memory, null as never), 'options must be an object, not null');
        expectTypeError(() => storeContract(memory, { locks: false } as never), 'options.locks', 'lock, subscribe');
        expectTypeError(() => storeContract(memory, { lock: 'no' } as never), 'options.lock', 'a boolean');
        expectTypeError(() => lockContract(() => memory().lock, { lock: true } as never), 'unknown options.lock');
    });
});

async function messagesOf(open: unknown): Promise<Set<string>> {
    const cases = storeContract(open as () => TokenStore);
    const failures = await failuresOf(cases);
    expect(failures.length).toBe(cases.length);
    return new Set(failures.map(([rule, message]) => message.replace(`storeContract: ${rule}: `, '')));
}

const refuse = async (): Promise<TokenStore> => Promise.reject(new Error('connection refused'));

describe('what cannot be opened', () => {
    it('fails in every case, with why', async () => {
        expect(await messagesOf(refuse)).toEqual(new Set(['failed with Error: connection refused']));
    });

    it('fails in every case if it is no store', async () => {
        const expected =
            'a store: an object with the functions get, set, compareAndSet, delete, and perhaps lock and subscribe';
        const failure = `failed with TypeError: open must give ${expected}, not object`;
        expect(await messagesOf(() => new Map())).toEqual(new Set([failure]));
    });

    it('fails in every case if it is no lock', async () => {
        const [failure] = await failuresOf(lockContract(() => createMemoryStore() as never));
        expect(failure?.[1]).toMatch(/: failed with TypeError: open must give a function, not object$/);
    });
});

describe('what is opened', () => {
    it('is opened twice, when the first case runs, for all cases', async () => {
        const store = memory();
        let opened = 0;
        const cases = storeContract(() => {
            opened += 1;
            return store;
        });
        expect(opened).toBe(0);

        for (const { run } of cases.slice(0, 5)) await run();

        expect(opened).toBe(2);
    });

    it('gets names that no other run uses, be the place the same', async () => {
        const store = memory();
        const names: string[][] = [];
        for (const _ of ['first', 'second']) {
            const used = new Set<string>();
            const watched: TokenStore = {
                ...store,
                set(name, ...rest) {
                    used.add(name);
                    return store.set(name, ...rest);
                },
            };
            const cases = storeContract(() => watched, { lock: false, subscribe: false, patience: 20 });
            expect(await failuresOf(cases)).toEqual([]);
            names.push([...used]);
        }
        const [first = [], second = []] = names;
        expect(first.length).toBeGreaterThan(20);
        expect(first.filter((name) => second.includes(name))).toEqual([]);
    });
});

describe('that there is no lock, or no subscribe, has to be meant', () => {
    const { get, set, compareAndSet, delete: remove } = createMemoryStore() as Record<keyof TokenStore, never>;
    const store: TokenStore = { get, set, compareAndSet, delete: remove };

    it('or cases fail, and say what to say', async () => {
        const messages = (await failuresOf(storeContract(() => store))).map(([, message]) => message);

        for (const name of ['lock', 'subscribe']) {
            const why = `expected the function ${name}, but got none; if none is meant to be there, say { ${name}: false }`;
            expect(messages).toContainEqual(expect.stringContaining(why));
        }
    });

    it('then none of its cases is there', () => {
        const names = rowsOf(storeContract(() => store, { lock: false, subscribe: false })).map(([name]) => name);
        expect(names.filter((name) => /lock|lease|subscri/.test(name))).toEqual([]);
    });
});

/** As Web Locks are: nobody who is alive loses it. */
const held = new Set<string>();
const lockOfHolder: TokenLock = async (name) => {
    if (held.has(name)) return undefined;
    held.add(name);
    let isHeld = true;
    return {
        endsWithHolder: true,
        renew: async () => isHeld,
        async release() {
            if (isHeld) held.delete(name);
            isHeld = false;
        },
    };
};
const silentLockOfHolder: TokenLock = async (...given) => {
    const lease = await lockOfHolder(...given);
    return lease && { ...lease, endsWithHolder: false };
};

describe('a lock that ends with its holder, and not before', () => {
    it.each(rowsOf(lockContract(() => lockOfHolder)))('%s', (_, run) => expectToHold(run));

    it('must say so', async () => {
        expect((await failuresOf(lockContract(() => silentLockOfHolder))).map(([rule]) => rule)).toEqual([
            'a lock that is not renewed is held for its duration, and free after it',
            'renew keeps a lock for another duration, and no longer',
            'who lost a lock cannot renew it',
            'who lost a lock does not take it from its new owner by release',
        ]);
    });
});
