import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, ReadEntry, StoredEntry, TokenStore } from '../../src/testing/index.js';

/** What a file holds; all processes of a machine have one clock, so it may say when it ends. */
interface Written extends StoredEntry {
    readonly end: number;
}

/**
 * A store on a directory, for the processes of one machine: as a user may write one who has nothing else that processes
 * share. Files are replaced by `rename`, so that nobody reads half a file.
 */
export class FileStore implements Required<TokenStore> {
    constructor(private readonly directory: string) {}

    async get(name: string): Promise<ReadEntry | undefined> {
        const found = await this.read(`${name}.entry`);
        return found && { generation: found.generation, value: found.value, timeToLive: found.end - Date.now() };
    }

    set(name: string, entry: StoredEntry, timeToLive: number): Promise<void> {
        return this.guarded(name, () => this.write(`${name}.entry`, entry, timeToLive));
    }

    compareAndSet(
        name: string,
        expected: string | undefined,
        entry: StoredEntry,
        timeToLive: number,
    ): Promise<boolean> {
        return this.guarded(name, async () => {
            const found = await this.read(`${name}.entry`);
            if (found?.generation !== expected) return false;
            await this.write(`${name}.entry`, entry, timeToLive);
            return true;
        });
    }

    delete(name: string): Promise<void> {
        return this.guarded(name, () => this.remove(`${name}.entry`));
    }

    lock(name: string, duration: number): Promise<Lease | undefined> {
        const file = `${name}.lock`;
        const mine: StoredEntry = { generation: randomUUID(), value: '' };
        const ifMine = (work: () => Promise<void>): Promise<boolean> =>
            this.guarded(name, async () => {
                const isMine = (await this.read(file))?.generation === mine.generation;
                if (isMine) await work();
                return isMine;
            });
        return this.guarded(name, async () => {
            if (await this.read(file)) return undefined;
            await this.write(file, mine, duration);
            return {
                renew: () => ifMine(() => this.write(file, mine, duration)),
                release: async () => void (await ifMine(() => this.remove(file))),
            };
        });
    }

    async subscribe(name: string, listener: () => void): Promise<() => void> {
        const files = [`${name}.entry`, `${name}.lock`];
        const watcher = watch(this.directory, { persistent: false }, (_, file) => {
            if (file && files.includes(file)) listener();
        });
        return () => watcher.close();
    }

    private async read(file: string): Promise<Written | undefined> {
        try {
            const found = JSON.parse(await readFile(join(this.directory, file), 'utf8')) as Written;
            return found.end > Date.now() ? found : undefined;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
            throw error;
        }
    }

    private async write(file: string, { generation, value }: StoredEntry, timeToLive: number): Promise<void> {
        const draft = join(this.directory, `${randomUUID()}.draft`);
        await writeFile(draft, JSON.stringify({ generation, value, end: Date.now() + timeToLive }), { mode: 0o600 });
        await rename(draft, join(this.directory, file));
    }

    private remove(file: string): Promise<void> {
        return rm(join(this.directory, file), { force: true });
    }

    /**
     * One at a time, in all processes: only one can create the file. It is there for the moment of a read and a write; a
     * process that dies in that very moment leaves it, and the others find the store unreachable until somebody removes it.
     */
    private async guarded<T>(name: string, work: () => Promise<T>): Promise<T> {
        const guard = join(this.directory, `${name}.guard`);
        for (;;) {
            try {
                await (await open(guard, 'wx')).close();
                break;
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
                await delay(1 + Math.random() * 4);
            }
        }
        try {
            return await work();
        } finally {
            await rm(guard);
        }
    }
}
