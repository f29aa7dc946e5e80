import {
    createClientTokenCreator,
    TokenEndpointError,
    TokenError,
    TokenResponseError,
    type TokenCreator,
} from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { createScriptedAdapter, noConnection, type ScriptedAnswer } from '../support/scripted-adapter.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import {
    openNode,
    openNodes,
    passTime,
    reasonOf,
    SharedIssuer,
    type Node,
    type NodeOptions,
} from '../support/sharing.js';

failOnUnhandledRejections();

/** Nodes of one client whose token endpoint answers that. */
function openClients(answer: ScriptedAnswer, options?: NodeOptions, count = 3) {
    const scripted = createScriptedAdapter();
    const { adapter, sent } = scripted;
    const setAnswer = (next: ScriptedAnswer): void => scripted.answer(next);
    setAnswer(answer);
    const client = { baseURL: 'http://127.0.0.1:1', adapter };
    const creator: TokenCreator = createClientTokenCreator({ id: 'client', secret: 'secret' }, { client });
    return { nodes: openNodes(count, createMemoryStore(), creator, options), sent, setAnswer };
}

const reasonsOf = (nodes: readonly Node[]): Promise<unknown[]> =>
    Promise.all(nodes.map(({ token }) => reasonOf(token())));

const refusal = (status: number, error?: string, headers?: Record<string, string>): ScriptedAnswer => ({
    status,
    body: { error, error_description: 'no', error_uri: 'http://127.0.0.1:1/why' },
    ...(headers && { headers }),
});

describe('what the authorization server said counts for all', () => {
    it.each([
        [400, 'invalid_grant'],
        [400, 'unauthorized_client'],
        [401, 'invalid_client'],
        [403, undefined],
    ])('status %d %s', async (status, error) => {
        const { nodes, sent } = openClients(refusal(status, error));
        const reasons = await reasonsOf(nodes);

        expect(sent).toHaveLength(1);
        for (const reason of reasons) {
            expect(reason).toBeInstanceOf(TokenEndpointError);
            expect(reason).toMatchObject({
                code: 'endpoint',
                status,
                errorDescription: 'no',
                errorUri: 'http://127.0.0.1:1/why',
                endpoint: 'token endpoint',
                message: (reasons[0] as Error).message,
            });
            expect((reason as TokenEndpointError).error).toBe(error);
        }
    });

    it.each([429, 503])('status %d with Retry-After, for as long as that says', async (status) => {
        const { nodes, sent } = openClients(refusal(status, undefined, { 'retry-after': '100' }), {
            failureDuration: 1,
        });
        const reasons = await reasonsOf(nodes);

        expect(sent).toHaveLength(1);
        for (const reason of reasons) {
            const { retryAfter = 0 } = reason as TokenEndpointError;
            expect(retryAfter).toBeGreaterThan(90_000);
            expect(retryAfter).toBeLessThanOrEqual(100_000);
        }
    });

    it('tells who comes later how much of the Retry-After is left', async () => {
        const { nodes } = openClients(refusal(503, undefined, { 'retry-after': '100' }));
        await reasonOf(nodes[0]!.token());
        passTime(60_000);
        const { retryAfter = 0 } = (await reasonOf(nodes[1]!.token())) as TokenEndpointError;

        expect(retryAfter).toBeGreaterThan(30_000);
        expect(retryAfter).toBeLessThanOrEqual(40_000);
    });

    it('for failureDuration, and then is asked for again, by one', async () => {
        const { nodes, sent, setAnswer } = openClients(refusal(401, 'invalid_client'), { failureDuration: 5_000 });
        await reasonsOf(nodes);
        setAnswer({ body: { access_token: 'token', token_type: 'Bearer' } });
        passTime(4_000);
        await reasonsOf(nodes);
        expect(sent).toHaveLength(1);
        passTime(1_001);

        expect(await nodes[0]!.token()).toBe('token');
        expect(sent).toHaveLength(2);
    });

    it('for the token that was asked for, and for no other', async () => {
        const { nodes, sent } = openClients(refusal(400, 'invalid_scope'));
        await reasonOf(nodes[0]!.token({ scope: 'a' }));
        await reasonOf(nodes[1]!.token({ scope: 'b' }));
        await reasonOf(nodes[2]!.token({ scope: 'a' }));

        expect(sent.map(({ form }) => form.get('scope'))).toEqual(['a', 'b']);
    });

    it('but not against a token that is still good', async () => {
        const issuer = new SharedIssuer();
        const store = createMemoryStore();
        const node = openNode(store, issuer.creator);
        await node.token();
        issuer.error = new TokenEndpointError('no', { endpoint: 'token endpoint', status: 401, error: 'x' } as never);
        passTime(issuer.lifetime! * 1_000 - 60_000);
        expect(node.source.current()).toBeDefined();
        await new Promise((resolve) => node.source.subscribe(({ type }) => type === 'failed' && resolve(0)));

        expect(node.source.current()?.value).toBe('token-1');
        expect(await openNode(store, issuer.creator).token()).toBe('token-1');
    });
});

describe('what the authorization server says that may pass', () => {
    it.each([
        [503, 'token endpoint'],
        [403, 'metadata document'],
    ])('counts for those who waited, and for a moment: status %d of the %s', async (status, endpoint) => {
        const issuer = new SharedIssuer();
        issuer.error = new TokenEndpointError('not now', { endpoint, status } as never);
        const store = createMemoryStore();
        const nodes = openNodes(3, store, issuer.creator);

        for (const reason of await reasonsOf(nodes)) expect(reason).toMatchObject({ status, message: 'not now' });
        expect(issuer.created).toBe(1);
        passTime(1_001);
        issuer.error = undefined;
        expect(await openNode(store, issuer.creator).token()).toBe('token-2');
    });
});

describe('what went wrong on the way counts for nobody else', () => {
    const errors: [what: string, error: unknown][] = [
        ['no connection', new TokenError('network', 'no connection')],
        ['no answer in time', new TokenError('timeout', 'no answer')],
        ['no grant in the answer', new TokenResponseError('no grant')],
        ['an error of a custom creator', Object.assign(new Error('mine'), { status: 401, retryAfter: 100 })],
        ['what is no error', 'text'],
    ];

    it.each(errors)('%s', async (_, error) => {
        const issuer = new SharedIssuer();
        issuer.error = error;
        const nodes = openNodes(3, createMemoryStore(), issuer.creator);
        const reasons = await reasonsOf(nodes);

        expect(reasons).toEqual([error, error, error]);
        expect(reasons.every((reason) => reason === error)).toBe(true);
        expect(issuer.created).toBe(3);
        expect(issuer.atOnce).toBe(1);
        issuer.error = undefined;
        expect(await openNode(createMemoryStore(), issuer.creator).token()).toBe('token-4');
    });

    it('as a socket says it', async () => {
        const { nodes, sent } = openClients(noConnection());

        for (const reason of await reasonsOf(nodes)) expect(reason).toMatchObject({ code: 'network' });
        expect(sent).toHaveLength(3);
    });

    it('a refusal with failureDuration 0', async () => {
        const { nodes, sent } = openClients(refusal(401, 'invalid_client'), { failureDuration: 0 });
        await reasonsOf(nodes);

        expect(sent).toHaveLength(3);
    });

    it('a creator that throws at once, or gives what is no promise', async () => {
        const store = createMemoryStore();
        const throwing = openNode(store, () => {
            throw new Error('at once');
        });
        await expect(throwing.token()).rejects.toThrow('at once');
        const plain = openNode(store, () => ({ access_token: 'plain', token_type: 'Bearer' }) as never);

        expect(await plain.token()).toBe('plain');
    });

    it.each([undefined, null, 'token', [], {}, { access_token: '' }, { access_token: 'two words' }])(
        'a creator that gives %p',
        async (answer) => {
            const store = createMemoryStore();
            const node = openNode(store, async () => answer as never);

            expect(await reasonOf(node.token())).toBeInstanceOf(TokenResponseError);
            expect(await openNode(store, new SharedIssuer().creator).token()).toBe('token-1');
        },
    );
});
