import {
    createTokenSource,
    revokeToken,
    TokenEndpointError,
    type TokenCreatorContext,
    type TokenGrantResponse,
} from '../src/index.js';
import { failureOf, failOnUnhandledRejections, wait } from './support/servers.js';
import { json, reset, startTokenEndpointServer, type TokenEndpointServer } from './support/token-endpoint-server.js';

let server: TokenEndpointServer;

failOnUnhandledRejections();

beforeEach(async () => {
    server = await startTokenEndpointServer();
    server.reply(json({}));
});

afterEach(() => server.close());

const client = { clientId: 'an-id', clientSecret: 'a-secret' };
const grantOf = (token: string): TokenGrantResponse => ({
    access_token: token,
    token_type: 'Bearer',
    refresh_token: `refresh-${token}`,
});

const byKey = async (context?: TokenCreatorContext) => grantOf(context?.parameters?.key ?? 'main');

const revoke = async ({ refresh_token, access_token }: TokenGrantResponse) =>
    revokeToken(refresh_token ?? access_token, { client: { baseURL: server.url }, ...client });

const creatorByScope = async (context?: TokenCreatorContext) => grantOf(context?.parameters?.scope ?? 'main');

describe('source.clear({ revoke: true })', () => {
    test('revokes each token that the source holds, and forgets them at once', async () => {
        const source = createTokenSource(creatorByScope, { revoke });
        await source.getToken();
        await source.getToken({ parameters: { scope: 'read' } });

        const done = source.clear({ revoke: true });
        expect(source.current()).toBeUndefined();
        expect(source.current({ scope: 'read' })).toBeUndefined();
        await done;
        expect(new Set(server.requests.map(({ form }) => form['token']))).toEqual(
            new Set(['refresh-main', 'refresh-read']),
        );
        expect(server.requests[0]?.form).toMatchObject({ client_id: 'an-id', client_secret: 'a-secret' });
    });

    test('tells of a revocation that fails; the tokens are forgotten all the same', async () => {
        server.reply(json({ error: 'invalid_client' }, { status: 401 }));
        const source = createTokenSource(async () => grantOf('main'), { revoke });
        await source.getToken();

        expect(await failureOf(source.clear({ revoke: true }))).toBeInstanceOf(TokenEndpointError);
        expect(source.current()).toBeUndefined();
    });

    test('that nobody waits for leaves no rejection unhandled', async () => {
        server.reply(reset());
        const source = createTokenSource(async () => grantOf('main'), { revoke });
        await source.getToken();
        source.clear({ revoke: true }).catch(() => {});
        while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

        expect(source.current()).toBeUndefined();
    });

    test('revokes a grant that comes after it', async () => {
        let answerCreation!: (granted: TokenGrantResponse) => void;
        const creator = () => new Promise<TokenGrantResponse>((resolve) => (answerCreation = resolve));
        const source = createTokenSource(creator, { revoke });
        const waiting = failureOf(source.getToken());
        await source.clear({ revoke: true });
        answerCreation(grantOf('late'));

        expect(await waiting).toMatchObject({ code: 'cleared' });
        while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        expect(server.requests.map(({ form }) => form['token'])).toEqual(['refresh-late']);
    });

    test('revokes nothing of a source that holds nothing', async () => {
        await createTokenSource(async () => grantOf('main'), { revoke }).clear({ revoke: true });

        expect(server.requests).toHaveLength(0);
    });

    test('is what it says: clear() and clear({ revoke: false }) revoke nothing', async () => {
        const source = createTokenSource(async () => grantOf('main'), { revoke });
        await source.getToken();
        source.clear();
        await source.getToken();
        await source.clear({ revoke: false });

        expect(server.requests).toHaveLength(0);
    });

    test('needs the option revoke, and forgets the tokens without it all the same', async () => {
        const source = createTokenSource(async () => grantOf('main'));
        await source.getToken();

        const outcome = source.clear({ revoke: true });
        expect(source.current()).toBeUndefined();
        await expect(outcome).rejects.toThrow(TypeError);
        await expect(outcome).rejects.toThrow('options.revoke');
    });

    test('waits for all revocations, whichever of them fails, and nobody need look', async () => {
        const done: string[] = [];
        const failure = new Error('the server is down');
        const revokeSlowly = async ({ access_token }: TokenGrantResponse) => {
            if (access_token === 'main') throw failure;
            await wait(20);
            done.push(access_token);
        };
        const source = createTokenSource(byKey, { revoke: revokeSlowly });
        await source.getToken();
        await source.getToken({ parameters: { key: 'other' } });

        await expect(source.clear({ revoke: true })).rejects.toBe(failure);
        expect(done).toEqual(['other']);
        await source.getToken();
        void source.clear({ revoke: true }); // its failure is not unhandled
        await wait(20);
    });
});
