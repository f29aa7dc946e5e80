import { createTokenSource, type TokenCreator, type TokenParameters } from '../../src/index.js';
import { createMemoryStore, withSharedToken } from '../../src/shared/index.js';
import { failOnUnhandledRejections, until } from '../support/servers.js';
import { openNode, openNodes, SharedIssuer, tokensOf } from '../support/sharing.js';

failOnUnhandledRejections();

/** Names in each token what it was asked for. */
const telling: TokenCreator = async (context) => ({
    access_token: Buffer.from(JSON.stringify(context?.parameters ?? {})).toString('base64url'),
    token_type: 'Bearer',
    expires_in: 3_600,
});

const SOME_TEXT: unknown = expect.any(String);

const read = (token: string): unknown => JSON.parse(Buffer.from(token, 'base64url').toString());

const wanted: (TokenParameters | undefined)[] = [
    undefined,
    { scope: 'a' },
    { scope: 'b' },
    { scope: 'a b' },
    { resource: 'https://a.example' },
    { audience: 'https://a.example' },
    { key: 'a' },
    { key: 'a', scope: 'a' },
    { key: '__proto__' },
    { scope: '__proto__' },
    { scope: 'constructor' },
    { key: '["a"]' },
];

describe('tokens of other parameters', () => {
    it('are never mixed', async () => {
        const nodes = openNodes(3, createMemoryStore(), telling);
        const all = nodes.flatMap((node) => wanted.map((parameters) => ({ node, parameters })));

        for (const { parameters, token } of await Promise.all(
            all.map(async ({ node, parameters: asked }) => ({ parameters: asked, token: await node.token(asked) })),
        )) {
            expect(read(token)).toEqual(parameters ?? {});
        }
    });

    it('are created once each', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(3, createMemoryStore(), issuer.creator);
        await Promise.all(wanted.map((parameters) => tokensOf(nodes, parameters)));

        expect(issuer.created).toBe(wanted.length);
    });

    it('are one when they say the same in another order', async () => {
        const issuer = new SharedIssuer();
        const [one, other] = openNodes(2, createMemoryStore(), issuer.creator);

        expect(await one!.token({ scope: 'a b' })).toBe(await other!.token({ scope: 'b  a' }));
        expect(issuer.created).toBe(1);
    });

    it('stay when one of them is refused', async () => {
        const issuer = new SharedIssuer();
        const [one, other] = openNodes(2, createMemoryStore(), issuer.creator);
        await one!.token({ scope: 'a' });
        await one!.token({ scope: 'b' });
        await one!.refuse({ scope: 'a' });
        await one!.token({ scope: 'a' });

        expect(await other!.token({ scope: 'b' })).toBe('token-2');
        expect(await other!.token({ scope: 'a' })).toBe('token-3');
    });

    it('of two keys are created at the same time', async () => {
        const issuer = new SharedIssuer();
        const release = issuer.hold();
        const node = openNode(createMemoryStore(), issuer.creator);
        const tokens = [node.token({ key: 'a' }), node.token({ key: 'b' })];
        await until(() => issuer.created === 2);
        release();

        expect(new Set(await Promise.all(tokens)).size).toBe(2);
    });

    it('of two keys of options are not shared', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        await openNode(store, issuer.creator, { key: 'one' }).token();

        expect(await openNode(store, issuer.creator, { key: 'two' }).token()).toBe('token-2');
    });

    it('are named in the events', async () => {
        const { token, events } = openNode(createMemoryStore(), telling);
        await token({ scope: 'a' });
        await token();

        expect(events).toEqual([
            { type: 'shared', generation: SOME_TEXT, reason: 'missing', parameters: { scope: 'a' } },
            { type: 'shared', generation: SOME_TEXT, reason: 'missing' },
        ]);
    });
});

describe('a creator that shares', () => {
    it('stands alone', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        const events: unknown[] = [];
        const shared = withSharedToken(issuer.creator, {
            store,
            key: 'client',
            onEvent: (event) => events.push(event),
        });

        expect(await shared()).toMatchObject({ access_token: 'token-1', expires_in: 3_600 });
        expect(await shared()).toMatchObject({ access_token: 'token-1' });
        expect(events).toEqual([
            { type: 'shared', generation: SOME_TEXT },
            { type: 'adopted', generation: SOME_TEXT },
        ]);
    });

    it('serves two sources', async () => {
        const issuer = new SharedIssuer();
        const node = openNode(createMemoryStore(), issuer.creator);
        const second = createTokenSource(node.creator);

        expect(await node.token()).toBe('token-1');
        expect((await second.getToken()).value).toBe('token-1');
        second.clear();
    });

    it('is disturbed by no listener that throws or rejects', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const listeners = [
            () => {
                throw new Error('thrown');
            },
            async () => Promise.reject(new Error('rejected')),
        ] as (() => void)[];

        for (const onEvent of listeners) {
            expect(await openNode(store, issuer.creator, { onEvent }).token()).toBe('token-1');
        }
    });

    it('may be shared again, through the same store or another', async () => {
        for (const outer of [createMemoryStore(), undefined]) {
            const issuer = new SharedIssuer();
            const inner = createMemoryStore();
            const nodes = [1, 2, 3].map(() =>
                openNode(
                    outer ?? inner,
                    withSharedToken(issuer.creator, { store: inner, key: 'inner', lockDuration: 300 }),
                    { key: 'outer' },
                ),
            );

            expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-1']));
            await Promise.all(nodes.map(({ refuse }) => refuse()));
            expect(new Set(await tokensOf(nodes))).toEqual(new Set(['token-2']));
            expect(issuer.created).toBe(2);
        }
    });
});
