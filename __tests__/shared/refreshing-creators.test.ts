import {
    createRefreshTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    withRefreshToken,
    type TokenGrantResponse,
} from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { createScriptedAdapter } from '../support/scripted-adapter.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { grantsToAll, openNode, tokensOf } from '../support/sharing.js';

failOnUnhandledRejections();

/** Answers as a token endpoint that rotates. */
function endpoint(issuer: RotatingIssuer) {
    const scripted = createScriptedAdapter();
    const adapter: typeof scripted.adapter = async (config) => {
        const form = new URLSearchParams(config.data as string);
        const token = form.get('refresh_token');
        try {
            scripted.answer({ body: token === null ? issuer.logIn() : await issuer.refresh(token) });
        } catch {
            scripted.answer({ status: 400, body: { error: 'invalid_grant' } });
        }
        return scripted.adapter(config);
    };
    return { client: { baseURL: 'http://127.0.0.1:1', adapter }, sent: scripted.sent };
}

const grantsOf = (sent: { form: URLSearchParams }[]): (string | null)[] =>
    sent.map(({ form }) => form.get('grant_type'));

describe('the creators of the package', () => {
    it('createRefreshTokenCreator asks the application first when the store lost everything', async () => {
        const issuer = new RotatingIssuer();
        const { client } = endpoint(issuer);
        const base = createMemoryStore();
        let entry = '';
        const store = { ...base, get: (name: string) => base.get((entry = name)) };
        let kept: string | undefined = issuer.logIn().refresh_token;
        const options = {
            client,
            clientId: 'app',
            onRefreshToken: ({ refresh_token }: TokenGrantResponse) => void (kept = refresh_token),
        };
        const nodes = [1, 2].map(() =>
            openNode(store, createRefreshTokenCreator({ refreshToken: () => kept }, options)),
        );
        await tokensOf(nodes);
        await nodes[0]?.refuse();
        await nodes[0]?.token();
        await base.delete(entry);
        await nodes[1]?.refuse();
        await nodes[1]?.token();

        expect(issuer.violations).toEqual([]);
        expect(issuer.refreshTokens).toHaveLength(3);
    });

    it('createUserTokenCreator sends the password once, and then refresh tokens', async () => {
        const issuer = new RotatingIssuer();
        const { client, sent } = endpoint(issuer);
        const store = createMemoryStore();
        const nodes = [1, 2, 3].map(() =>
            openNode(store, createUserTokenCreator({ name: 'ann', password: 'start123' }, { client })),
        );
        await tokensOf(nodes);
        await Promise.all(nodes.map(({ refuse }) => refuse()));
        await tokensOf(nodes);

        expect(grantsOf([...sent])).toEqual(['password', 'refresh_token']);
        expect(issuer.violations).toEqual([]);
    });

    it.each(['a string', 'a function'])('createRefreshTokenCreator begins with %s once', async (kind) => {
        const issuer = new RotatingIssuer();
        const { client, sent } = endpoint(issuer);
        const first = issuer.logIn().refresh_token as string;
        let kept = first;
        const store = createMemoryStore();
        const creators = [1, 2, 3].map(() =>
            createRefreshTokenCreator(
                { refreshToken: kind === 'a string' ? first : () => kept },
                { client, onRefreshToken: ({ refresh_token }) => void (kept = refresh_token ?? kept) },
            ),
        );
        const nodes = creators.map((creator) => openNode(store, creator));
        for (let round = 0; round < 3; round += 1) {
            await tokensOf(nodes);
            await Promise.all(nodes.map(({ refuse }) => refuse()));
        }

        expect(grantsOf([...sent])).toEqual(['refresh_token', 'refresh_token', 'refresh_token']);
        expect(issuer.violations).toEqual([]);
        expect(kept).toBe('refresh//0/4');
    });

    it('a refused refresh token ends the session of all, and is asked about once', async () => {
        const issuer = new RotatingIssuer();
        const { client, sent } = endpoint(issuer);
        const store = createMemoryStore();
        const nodes = [1, 2, 3].map(() =>
            openNode(store, createRefreshTokenCreator({ refreshToken: 'refresh//7/1' }, { client })),
        );

        for (const outcome of await Promise.allSettled(nodes.map(({ token }) => token())))
            expect(outcome).toMatchObject({ status: 'rejected', reason: { error: 'invalid_grant', status: 400 } });
        expect(sent).toHaveLength(1);
    });
});

describe('two sources', () => {
    it('of one creator use the refresh token once at a time', async () => {
        const issuer = new RotatingIssuer();
        const node = openNode(
            createMemoryStore(),
            withRefreshToken(async () => issuer.logIn(), { refresh: (refreshToken) => issuer.refresh(refreshToken) }),
            { lock: grantsToAll },
        );
        const second = createTokenSource(node.creator);
        const token = await second.getToken();
        await node.token();
        await node.refuse();
        second.reject(token, { status: 401 });
        await Promise.all([node.token(), second.getToken()]);
        second.clear();

        expect(issuer.violations).toEqual([]);
        expect(issuer.refreshTokens).toHaveLength(1);
    });
});
