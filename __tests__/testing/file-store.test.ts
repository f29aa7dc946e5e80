import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSharedToken } from '../../src/shared/index.js';
import { lockContract, storeContract, type TokenLock } from '../../src/testing/index.js';
import { expectToHold, rowsOf } from './failures.js';
import { FileStore } from './file-store.js';

let directory: string;

beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'file-store-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a store of one’s own, on a directory', () => {
    it.concurrent.each(rowsOf(storeContract(() => new FileStore(directory))))('%s', (_, run) => expectToHold(run));

    it('shares tokens: eight creators, each with a store of its own, create one', async () => {
        let created = 0;
        const create = async () => {
            created += 1;
            return { access_token: `token-${created}`, token_type: 'Bearer', expires_in: 3_600 };
        };
        const creators = Array.from({ length: 8 }, () =>
            withSharedToken(create, { store: new FileStore(directory), key: 'my-client' }),
        );

        const grants = await Promise.all(creators.map((creator) => creator()));

        expect(new Set(grants.map(({ access_token }) => access_token))).toEqual(new Set(['token-1']));
        expect(created).toBe(1);
    });
});

function openLock(): TokenLock {
    const store = new FileStore(directory);
    return (name, duration) => store.lock(name, duration);
}

describe('its lock alone', () => {
    it.concurrent.each(rowsOf(lockContract(openLock)))('%s', (_, run) => expectToHold(run));
});
