import { createMemoryStore, type Codec } from '../../src/shared/index.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { openNode, openNodes, SharedIssuer, tokensOf, type Store } from '../support/sharing.js';

failOnUnhandledRejections();

const TIME_TO_LIVE = 100_000;

/** A store in which somebody else has put that under every name, until it is written to. */
function storeWith(found: unknown): Store {
    const store = createMemoryStore();
    const generation = (found as { generation?: unknown } | undefined)?.generation;
    return {
        ...store,
        get: async (name) => (await store.get(name)) ?? (found as never),
        async compareAndSet(name, expected, entry, timeToLive) {
            const isFirst = (await store.get(name)) === undefined;
            if (isFirst && expected !== generation) return false;
            return store.compareAndSet(name, isFirst ? undefined : expected, entry, timeToLive);
        },
    };
}

/** An entry with that text. */
const entryOf = (value: string) => ({ generation: 'foreign', value, timeToLive: TIME_TO_LIVE });

/** An entry with a record of which some is wrong. */
function recordWith(wrong: object): unknown {
    const record = { timeToLive: TIME_TO_LIVE, tokens: {}, failures: {}, ...wrong };
    return entryOf(JSON.stringify(record));
}

const grant = { access_token: 'foreign', token_type: 'Bearer' };
const token = { generation: 'g', grant, lifetime: 1e6, timeLeft: 1e6 };
const failure = { timeLeft: 50_000, message: 'no', said: { status: 400 } };

const garbage: [what: string, found: unknown][] = [
    ['a string', 'text'],
    ['a number', 7],
    ['true', true],
    ['a list', []],
    ['nothing in it', {}],
    ['no generation', { value: '{}', timeToLive: 1 }],
    ['a generation that is a number', { generation: 5, value: '{}', timeToLive: 1 }],
    ['no value', { generation: 'g', timeToLive: 1 }],
    ['a value that is an object', { generation: 'g', value: {}, timeToLive: 1 }],
    ['no time to live', { generation: 'g', value: '{}' }],
    ['a time to live that is a text', { generation: 'g', value: '{}', timeToLive: '5' }],
    ['a time to live that is no number', { ...entryOf('{"timeToLive":1,"tokens":{},"failures":{}}'), timeToLive: NaN }],
    ['an endless time to live', { ...entryOf('{"timeToLive":1,"tokens":{},"failures":{}}'), timeToLive: -Infinity }],
    ['an empty text', entryOf('')],
    ['no JSON', entryOf('{')],
    ['the JSON of null', entryOf('null')],
    ['the JSON of a text', entryOf('"text"')],
    ['the JSON of a list', entryOf('[]')],
    ['the JSON of an empty object', entryOf('{}')],
    ['no tokens', recordWith({ tokens: undefined })],
    ['tokens that are null', recordWith({ tokens: null })],
    ['a token that is null', recordWith({ tokens: { '': null } })],
    ['a token without a grant', recordWith({ tokens: { '': { ...token, grant: undefined } } })],
    ['a token without an access token', recordWith({ tokens: { '': { ...token, grant: {} } } })],
    ['a token without a generation', recordWith({ tokens: { '': { ...token, generation: undefined } } })],
    ['a token whose lifetime is a text', recordWith({ tokens: { '': { ...token, lifetime: 'long' } } })],
    ['a token whose time left is a text', recordWith({ tokens: { '': { ...token, timeLeft: 'long' } } })],
    ['no failures', recordWith({ failures: undefined })],
    ['a failure that is null', recordWith({ failures: { '': null } })],
    ['a failure that says nothing', recordWith({ failures: { '': { ...failure, said: undefined } } })],
    ['a failure without a message', recordWith({ failures: { '': { ...failure, message: undefined } } })],
    ['a failure without a time', recordWith({ failures: { '': { ...failure, timeLeft: undefined } } })],
    ['a failure without a status', recordWith({ failures: { '': { ...failure, said: {} } } })],
    ['a refresh token that is a number', recordWith({ refreshToken: { value: 5 } })],
    ['a refresh token that is a text', recordWith({ refreshToken: 'text' })],
    ['a claim that is a text', recordWith({ claim: 'text' })],
];

describe('a value that cannot be read', () => {
    it.each(garbage)('is as good as none: %s', async (_, found) => {
        const issuer = new SharedIssuer();
        const node = openNode(storeWith(found), issuer.creator);

        expect(await node.token()).toBe('token-1');
        expect(node.told()).toContain('unreadable');
        expect(issuer.contexts[0]?.sharing).toMatchObject({ isExclusive: true, refreshToken: undefined });
        expect(issuer.contexts[0]?.previous).toBeUndefined();
    });

    it.each(garbage)('is replaced by what others can read: %s', async (_, found) => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(4, storeWith(found), issuer.creator);

        expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
        expect(issuer.created).toBe(1);
    });

    it('changes no prototype, whatever its keys', async () => {
        const text = `{"timeToLive":${TIME_TO_LIVE},"failures":{"__proto__":${JSON.stringify(failure)}},"tokens":{"__proto__":${JSON.stringify(token)}},"__proto__":{"claim":{"isUnderLock":true}}}`;
        const issuer = new SharedIssuer();
        const node = openNode(storeWith(entryOf(text)), issuer.creator);

        expect(await node.token()).toBe('token-1');
        expect(await node.token({ key: '__proto__' })).toBe('token-2');
        expect(Object.hasOwn(Object.prototype, 'generation')).toBe(false);
        expect(({} as { claim?: unknown }).claim).toBeUndefined();
    });
});

describe('a codec', () => {
    const reversed: Codec = {
        encode: async (text) => text.split('').reverse().join(''),
        decode: (value) => value.split('').reverse().join(''),
    };

    it('writes and reads what is shared', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        const values: string[] = [];
        const noting: Store = {
            ...store,
            compareAndSet: (name, expected, entry, timeToLive) => {
                values.push(entry.value);
                return store.compareAndSet(name, expected, entry, timeToLive);
            },
        };

        expect(await tokensOf(openNodes(3, noting, issuer.creator, { codec: reversed }))).toHaveLength(3);
        expect(issuer.created).toBe(1);
        for (const value of values) expect(value).not.toContain('token-1');
        expect(values.at(-1)).toContain('1-nekot');
    });

    it('that cannot read what is there makes it count as absent', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        await openNode(store, issuer.creator, { codec: reversed }).token();
        const node = openNode(store, issuer.creator);

        expect(await node.token()).toBe('token-2');
        expect(node.told()).toContain('unreadable');
    });

    const broken: [what: string, codec: Codec, event: string][] = [
        [
            'throws on reading',
            {
                ...reversed,
                decode() {
                    throw new Error('wrong key');
                },
            },
            'unreadable',
        ],
        [
            'rejects on reading',
            { ...reversed, decode: async () => Promise.reject(new Error('wrong key')) },
            'unreadable',
        ],
        ['never ends to read', { ...reversed, decode: () => new Promise(() => {}) }, 'unreadable'],
        ['reads what is no text', { ...reversed, decode: () => 5 as never }, 'unreadable'],
        [
            'throws on writing',
            {
                ...reversed,
                encode() {
                    throw new Error('no key');
                },
            },
            'uncoordinated',
        ],
        ['never ends to write', { ...reversed, encode: () => new Promise(() => {}) }, 'uncoordinated'],
    ];

    it.each(broken)('that %s loses no request', async (_, codec, event) => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        await openNode(store, issuer.creator, { codec: reversed }).token();
        const node = openNode(store, issuer.creator, { codec });
        await node.refuse().catch(() => {});

        expect(await node.token()).toMatch(/^token-[123]$/);
        expect(event === 'uncoordinated' || node.told().includes('unreadable')).toBe(true);
        const other = openNode(createMemoryStore(), issuer.creator, { codec });
        expect(await other.token()).toMatch(/^token-/);
        expect(event !== 'uncoordinated' || other.told().includes('uncoordinated')).toBe(true);
    });
});
