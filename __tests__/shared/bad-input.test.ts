import { createMemoryStore, withSharedToken } from '../../src/shared/index.js';
import { expectTypeError } from '../support/type-error.js';

const creator = async () => ({ access_token: 'token', token_type: 'Bearer' });
const store = createMemoryStore();
const { lock: _, ...lockless } = store;
const right = { store, key: 'client' };

const without = (method: string) => ({ ...right, store: { ...store, [method]: undefined } });

describe('withSharedToken', () => {
    it.each([undefined, null, 'canary', 5, {}, []])('takes no creator that is %p', (wrong) => {
        expectTypeError(() => withSharedToken(wrong as never, right), 'withSharedToken', 'creator');
    });

    const wrongOptions: [what: string, options: unknown, ...words: string[]][] = [
        ['no options', undefined, 'options'],
        ['options that are null', null, 'options'],
        ['options that are a list', [], 'options'],
        ['no store', { key: 'client' }, 'options.store', 'get, set, compareAndSet, delete'],
        ['a store that is null', { ...right, store: null }, 'options.store'],
        ['a store without get', without('get'), 'options.store', 'get'],
        ['a store without set', without('set'), 'options.store', 'set'],
        ['a store without compareAndSet', without('compareAndSet'), 'options.store', 'compareAndSet'],
        ['a store without delete', without('delete'), 'options.store', 'delete'],
        ['no lock where the store has none', { ...right, store: lockless }, 'options.lock'],
        ['a lock of the store that is no function', { ...right, store: { ...store, lock: 5 } }, 'lock'],
        ['a subscribe of the store that is no function', { ...right, store: { ...store, subscribe: 5 } }, 'subscribe'],
        ['a lock that is no function', { ...right, lock: {} }, 'options.lock'],
        ['no key', { store }, 'options.key'],
        ['an empty key', { store, key: '' }, 'options.key'],
        ['a key that is a number', { store, key: 5 }, 'options.key'],
        ['a storeTimeout of 0', { ...right, storeTimeout: 0 }, 'options.storeTimeout'],
        ['a storeTimeout that is a text', { ...right, storeTimeout: '5' }, 'options.storeTimeout'],
        ['an endless storeTimeout', { ...right, storeTimeout: Infinity }, 'options.storeTimeout'],
        ['a storeTimeout that is no number', { ...right, storeTimeout: NaN }, 'options.storeTimeout'],
        ['a lockDuration of 99', { ...right, lockDuration: 99 }, 'options.lockDuration'],
        ['an endless lockDuration', { ...right, lockDuration: Infinity }, 'options.lockDuration'],
        ['a failureDuration below 0', { ...right, failureDuration: -1 }, 'options.failureDuration'],
        ['an endless failureDuration', { ...right, failureDuration: Infinity }, 'options.failureDuration'],
        ['a codec that only encodes', { ...right, codec: { encode: String } }, 'options.codec', 'decode'],
        ['a codec that is a function', { ...right, codec: String }, 'options.codec'],
        ['an onEvent that is no function', { ...right, onEvent: {} }, 'options.onEvent'],
        ['an option that there is not', { ...right, ttl: 5 }, 'options.ttl', 'lockDuration'],
    ];

    it.each(wrongOptions)('takes not %s', (__, options, ...words) => {
        expectTypeError(() => withSharedToken(creator, options as never), 'withSharedToken', ...words);
    });

    it('does not repeat a key, which may be a secret', () => {
        expectTypeError(() => withSharedToken(creator, { store, key: ['canary'] as never }), 'options.key');
    });

    it('takes a store without lock with a lock beside it, and one of a class', async () => {
        class Store {
            readonly #inner = createMemoryStore();
            get(name: string) {
                return this.#inner.get(name);
            }
            set(...given: Parameters<typeof store.set>) {
                return this.#inner.set(...given);
            }
            compareAndSet(...given: Parameters<typeof store.compareAndSet>) {
                return this.#inner.compareAndSet(...given);
            }
            delete(name: string) {
                return this.#inner.delete(name);
            }
            lock(name: string, duration: number) {
                return this.#inner.lock(name, duration);
            }
        }
        const lock = store.lock;

        expect(await withSharedToken(creator, { store: lockless, lock, key: 'client' })()).toMatchObject({
            access_token: 'token',
        });
        expect(await withSharedToken(creator, { store: new Store(), key: 'client' })()).toMatchObject({
            access_token: 'token',
        });
    });
});
