import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import {
    createRefreshTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    type TokenGrantResponse,
} from '../../src/index.js';

const user = { name: 'admin', password: 'start123' };

/** A token endpoint that is a mock, and the forms that it got. */
function createEndpoint(answer: (form: URLSearchParams, count: number) => [number, unknown]) {
    const client = axios.create({ baseURL: 'http://as.example' });
    const forms: URLSearchParams[] = [];
    new MockAdapter(client).onPost('/token').reply(({ data }) => {
        const form = new URLSearchParams(String(data));
        return answer(form, forms.push(form));
    });
    return {
        client,
        grantTypes: () => forms.map((form) => form.get('grant_type')),
        refreshTokens: () => forms.flatMap((form) => form.get('refresh_token') ?? []),
    };
}

const grantOf = (count: number, more: object = {}): [number, object] => [
    200,
    { access_token: `a${count}`, token_type: 'bearer', expires_in: 100, refresh_token: `r${count}`, ...more },
];

describe('a server that lists the scopes', () => {
    test('is understood: each refresh token is used once, and the scope is what RFC 6749 makes of it', async () => {
        const { client, refreshTokens } = createEndpoint((_, count) => grantOf(count, { scope: ['read', 'write'] }));
        const creator = createUserTokenCreator(user, { client });

        const grants: TokenGrantResponse[] = [await creator(), await creator(), await creator()];

        expect(grants.map(({ scope }) => scope)).toEqual(['read write', 'read write', 'read write']);
        expect(refreshTokens()).toEqual(['r1', 'r2']);
    });

    test.each([[{ token: 1 }], [1], [null], [['r']]])('but no refresh token is made of %j', async (refresh_token) => {
        const { client, grantTypes } = createEndpoint((_, count) => grantOf(count, { refresh_token }));
        const creator = createUserTokenCreator(user, { client });

        expect(await creator()).not.toHaveProperty('refresh_token');
        await creator();
        expect(grantTypes()).toEqual(['password', 'password']);
    });
});

describe('a refusal that is sent with status 200', () => {
    test.each(['invalid_grant', 'bad_refresh_token'])('is one: the password takes over after %s', async (error) => {
        const { client, grantTypes } = createEndpoint((form, count) =>
            form.has('refresh_token') ? [200, { error }] : grantOf(count),
        );
        const creator = createUserTokenCreator(user, { client });
        await creator();

        await expect(creator()).resolves.toMatchObject({ access_token: 'a3' });
        expect(grantTypes()).toEqual(['password', 'refresh_token', 'password']);
    });

    test('is none when it passes: the refresh token is kept, and no password sent', async () => {
        const { client, refreshTokens } = createEndpoint((form, count) =>
            form.get('refresh_token') === 'r1' && count < 4
                ? [200, { error: 'temporarily_unavailable' }]
                : grantOf(count),
        );
        const creator = createUserTokenCreator(user, { client });
        await creator();

        await expect(creator()).rejects.toMatchObject({ error: 'temporarily_unavailable' });
        await expect(creator()).rejects.toMatchObject({ error: 'temporarily_unavailable' });
        await creator();
        expect(refreshTokens()).toEqual(['r1', 'r1', 'r1']);
    });
});

describe('more sessions than families are kept', () => {
    test('lose none whose newest refresh token nobody else knows', async () => {
        const { client, refreshTokens } = createEndpoint((form, count) =>
            grantOf(count, { refresh_token: `${form.get('refresh_token')}+` }),
        );
        const creator = createRefreshTokenCreator(
            { refreshToken: (parameters) => `of-${parameters?.key}` },
            { client },
        );
        const source = createTokenSource(creator, { maxTokens: 5_000 });
        for (let n = 0; n < 1_200; n += 1) await source.getToken({ parameters: { key: `user-${n}` } });

        const parameters = { key: 'user-0' };
        source.reject(await source.getToken({ parameters }), { status: 401 });
        await source.getToken({ parameters });

        expect(refreshTokens().at(-1)).toBe('of-user-0+');
        expect(new Set(refreshTokens()).size).toBe(refreshTokens().length);
    });

    test('are forgotten where the application has the newest: it is asked for it', async () => {
        const stored = new Map<string, string>();
        const { client, refreshTokens } = createEndpoint((form, count) =>
            grantOf(count, { refresh_token: `${form.get('refresh_token')}+` }),
        );
        const creator = createRefreshTokenCreator(
            { refreshToken: (parameters) => stored.get(parameters?.key ?? '') ?? `of-${parameters?.key}` },
            {
                client,
                onRefreshToken: ({ refresh_token }, parameters) =>
                    stored.set(parameters?.key ?? '', String(refresh_token)),
            },
        );
        const source = createTokenSource(creator, { maxTokens: 5_000 });
        for (let n = 0; n < 1_200; n += 1) await source.getToken({ parameters: { key: `user-${n}` } });

        const parameters = { key: 'user-0' };
        source.reject(await source.getToken({ parameters }), { status: 401 });
        await source.getToken({ parameters });

        expect(refreshTokens().at(-1)).toBe('of-user-0+');
    });
});

describe('a first refresh token', () => {
    test.each([[{ token: 1 }], [1], [true]])('of %j is a TypeError, and nothing is sent', async (token) => {
        const { client, grantTypes } = createEndpoint((_, count) => grantOf(count));
        const creator = createRefreshTokenCreator({ refreshToken: () => token as never }, { client });

        await expect(creator()).rejects.toThrow(TypeError);
        await expect(creator()).rejects.toThrow('credentials.refreshToken');
        expect(grantTypes()).toEqual([]);
    });
});
