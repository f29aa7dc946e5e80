import type { StoredEntry, TokenStore } from '../shared/token-store.js';
import type { Rule } from './contract-case.js';
import { LONG } from './durations.js';
import { expectEntry, expectNothing, expectSame } from './expectations.js';

export function entryOf(generation: string, value = `value of ${generation}`): StoredEntry {
    return { generation, value };
}

const everyByte = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code + 1)).join('');

const texts: Record<string, string> = {
    'an empty one': '',
    'of 100 kB': 'a long value '.repeat(8_000).slice(0, 100_000),
    'in any script': 'Grüße, 世界, 🌍🏽, عربى, e\u0301 and \u00e9',
    'with quotes, backslashes and line ends': '{"a": \'b\', "c": "\\"\\\\"}\r\n\t$1 %s ${d}; -- \n',
    'with every character from 1 to 255': everyByte,
    'that looks like something else': '007',
    'with spaces around it': ' \n padded \n ',
};

/** What is read is what was written. */
export const entryRules: Rule<TokenStore>[] = [
    ['get of an unknown name is undefined', async ({ one, newName }) => expectNothing('get', await one.get(newName()))],
    [
        'get gives what set wrote',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            expectEntry('get', await one.get(name), entryOf('first'));
            expectEntry('get again', await one.get(name), entryOf('first'));
        },
    ],
    ...Object.entries(texts).map(
        ([kind, value]): Rule<TokenStore> => [
            `a value comes back exactly: ${kind}`,
            async ({ one, newName }) => {
                const name = newName();
                await one.set(name, entryOf('first', value), LONG);
                expectEntry('get after set', await one.get(name), entryOf('first', value));
                const second = entryOf('second', value);
                expectSame('compareAndSet', await one.compareAndSet(name, 'first', second, LONG), true);
                expectEntry('get after compareAndSet', await one.get(name), second);
            },
        ],
    ),
    [
        'a generation is a text, and is compared as one',
        async ({ one, newName }) => {
            const name = newName();
            const second = '"ünusual"\n\\';
            await one.set(name, entryOf('007'), LONG);
            expectEntry('get', await one.get(name), entryOf('007'));
            for (const like of ['7', '007.0', ' 007', '0x7']) {
                expectSame(
                    `compareAndSet expecting ${JSON.stringify(like)} where "007" is`,
                    await one.compareAndSet(name, like, entryOf('wrong'), LONG),
                    false,
                );
            }
            await one.compareAndSet(name, '007', entryOf(second), LONG);
            expectEntry('get', await one.get(name), entryOf(second));
            await one.compareAndSet(name, second, entryOf('Ab'), LONG);
            expectSame(
                'compareAndSet expecting "aB" where "Ab" is',
                await one.compareAndSet(name, 'aB', entryOf('wrong'), LONG),
                false,
            );
        },
    ],
    [
        'set writes whatever is there',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            await one.set(name, entryOf('second'), LONG);
            expectEntry('get', await one.get(name), entryOf('second'));
        },
    ],
    [
        'a deleted entry is gone',
        async ({ one, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            await one.delete(name);
            expectNothing('get', await one.get(name));
        },
    ],
    [
        'to delete what is not there is no error',
        async ({ one, newName }) => {
            const name = newName();
            await one.delete(name);
            await one.set(name, entryOf('first'), LONG);
            await one.delete(name);
            await one.delete(name);
            expectNothing('get', await one.get(name));
        },
    ],
    [
        'names are independent',
        async ({ one, newName }) => {
            const name = newName();
            const others = [newName(), `${name}0`, name.slice(0, -1), name.toUpperCase()];
            await one.set(name, entryOf('mine'), LONG);
            for (const other of others) expectNothing(`get of ${other} after set of ${name}`, await one.get(other));
            for (const other of others) {
                await one.set(other, entryOf('other'), LONG);
                await one.compareAndSet(other, 'other', entryOf('changed'), LONG);
                expectEntry(`get of ${name} after writes of ${other}`, await one.get(name), entryOf('mine'));
                await one.delete(other);
                expectEntry(`get of ${name} after delete of ${other}`, await one.get(name), entryOf('mine'));
            }
        },
    ],
    [
        'whoever opens the same place sees the same entries',
        async ({ one, other, newName }) => {
            const name = newName();
            await one.set(name, entryOf('first'), LONG);
            expectEntry('get after set elsewhere', await other.get(name), entryOf('first'));
            const swapped = await other.compareAndSet(name, 'first', entryOf('second'), LONG);
            expectSame('compareAndSet of what was set elsewhere', swapped, true);
            expectEntry('get after compareAndSet elsewhere', await one.get(name), entryOf('second'));
            await other.delete(name);
            expectNothing('get after delete elsewhere', await one.get(name));
        },
    ],
    [
        'whoever never read an entry can overwrite and delete it',
        async ({ one, other, newName }) => {
            const [overwritten, deleted] = [newName(), newName()];
            await one.set(overwritten, entryOf('first'), LONG);
            await other.set(overwritten, entryOf('second'), LONG);
            await one.set(deleted, entryOf('first'), LONG);
            await other.delete(deleted);
            expectEntry('get after set elsewhere', await one.get(overwritten), entryOf('second'));
            expectEntry('get where it was set', await other.get(overwritten), entryOf('second'));
            expectNothing('get after delete elsewhere', await one.get(deleted));
            expectNothing('get where it was deleted', await other.get(deleted));
        },
    ],
];
