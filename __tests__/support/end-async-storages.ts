import { AsyncLocalStorage } from 'node:async_hooks';

// Before Node 24 each storage that was ever used makes every promise of the process slower until it is disabled. The test
// runner uses a new one in each test file and disables none: what takes 10 s in the first file takes 40 s in the fiftieth.
const LEFT = Symbol.for('storages that a test file has used');

type Storages = Set<AsyncLocalStorage<unknown>>;

const shared = AsyncLocalStorage as typeof AsyncLocalStorage & { [LEFT]?: Storages };
// The runner uses its own until the last hook is over, so those of a file end when the next one begins.
for (const storage of shared[LEFT] ?? []) storage.disable();
const used: Storages = new Set();
shared[LEFT] = used;

type Run = (this: AsyncLocalStorage<unknown>, ...parameters: unknown[]) => unknown;

const prototype = AsyncLocalStorage.prototype as unknown as { run: Run };
const { run } = prototype;

prototype.run = function noteAndRun(...parameters) {
    used.add(this);
    return Reflect.apply(run, this, parameters);
};

afterAll(() => {
    prototype.run = run;
});
