import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { createMemoryStore, withSharedToken, type Codec, type SharedTokenEvent } from '../../src/shared/index.js';

const examples = [...readFileSync(join(__dirname, '../../docs/stores.md'), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(
    ([, code = '']) => code,
);

/** The function of that example, as a reader would copy it. */
function createEncryption(key: CryptoKey): Codec {
    const example = examples.find((code) => code.includes('function createEncryption')) ?? '';
    const { outputText } = ts.transpileModule(example, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
    // oxlint-disable-next-line typescript/no-implied-eval typescript/no-unsafe-call
    return new Function('key', `${outputText}; return createEncryption(key);`)(key) as Codec;
}

async function createKey(): Promise<CryptoKey> {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

const WRONG = 'The operation failed for an operation-specific reason';

const texts = ['', 'canary', 'Grüße, 世界 🌍', 'a long value '.repeat(8_000)];

describe('the encryption of docs/stores.md', () => {
    it.each(texts)('gives back what it was given (%#)', async (text) => {
        const codec = createEncryption(await createKey());

        const written = await codec.encode(text);

        expect(await codec.decode(written)).toBe(text);
        expect(written).toMatch(/^[\w+/]+=*$/);
        expect(written).not.toBe(await codec.encode(text));
    });

    it('reads nothing that was written with another key, or changed', async () => {
        const codec = createEncryption(await createKey());
        const written = await codec.encode('canary');
        const changed = Buffer.from(written, 'base64');
        changed[20] = (changed[20] ?? 0) ^ 1;

        await expect(createEncryption(await createKey()).decode(written)).rejects.toThrow(WRONG);
        await expect(async () => codec.decode(changed.toString('base64'))).rejects.toThrow(WRONG);
        await expect(async () => codec.decode('no base64!')).rejects.toThrow(/character|encoded/);
        await expect(async () => codec.decode('')).rejects.toThrow(/too small/);
    });

    it('keeps tokens from the store, and shares them; after a change of keys another is created', async () => {
        const store = createMemoryStore();
        const written: string[] = [];
        const watched = {
            ...store,
            compareAndSet: (...given: Parameters<typeof store.compareAndSet>) => {
                written.push(JSON.stringify(given));
                return store.compareAndSet(...given);
            },
        };
        let created = 0;
        const events: SharedTokenEvent['type'][] = [];
        const create = async () => {
            created += 1;
            return { access_token: `canary-${created}`, token_type: 'Bearer', expires_in: 3_600 };
        };
        const share = (key: CryptoKey) =>
            withSharedToken(create, {
                store: watched,
                key: 'my-client',
                codec: createEncryption(key),
                onEvent: ({ type }) => events.push(type),
            });
        const key = await createKey();

        expect((await share(key)()).access_token).toBe('canary-1');
        expect((await share(key)()).access_token).toBe('canary-1');
        expect(events).toEqual(['shared', 'adopted']);
        expect((await share(await createKey())()).access_token).toBe('canary-2');

        expect(events).toContain('unreadable');
        expect(written.length).toBeGreaterThan(1);
        expect(written.join()).not.toMatch(/canary|my-client/);
    });
});
