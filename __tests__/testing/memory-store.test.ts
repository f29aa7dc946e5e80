import { createMemoryStore } from '../../src/shared/memory-store.js';
import { lockContract, storeContract, type TokenStore } from '../../src/testing/index.js';
import { expectToHold, rowsOf } from './failures.js';

describe('the store in memory', () => {
    const store = createMemoryStore();
    it.concurrent.each(rowsOf(storeContract(() => store)))('%s', (_, run) => expectToHold(run));
});

describe('its lock alone', () => {
    const store = createMemoryStore();
    it.concurrent.each(rowsOf(lockContract(() => (name, duration) => store.lock(name, duration))))('%s', (_, run) =>
        expectToHold(run),
    );
});

describe('a store with no more than it must have', () => {
    const { get, set, compareAndSet, delete: remove } = createMemoryStore() as Omit<TokenStore, 'lock' | 'subscribe'>;
    const store: TokenStore = { get, set, compareAndSet, delete: remove };
    it.concurrent.each(rowsOf(storeContract(() => store, { lock: false, subscribe: false })))('%s', (_, run) =>
        expectToHold(run),
    );
});
