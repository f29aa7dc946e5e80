import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createRefreshTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    withRefreshToken,
    type TokenCreator,
    type TokenParameters,
    type TokenSource,
    type UserCredentials,
} from '../../src/index.js';
import { asPost, passwordGrant, post } from '../support/openid-client.js';
import { clients, resources, startOpenidProvider, users, type OpenidProvider } from '../support/openid-provider.js';
import { startResourceServer, type TestResourceServer } from '../support/resource-server.js';
import { failOnUnhandledRejections, until, wait } from '../support/servers.js';

failOnUnhandledRejections();

let provider: OpenidProvider;

beforeEach(async () => {
    provider = await startOpenidProvider({ dpop: false, accessTokenLifetime: 1 });
});

afterEach(() => provider.close());

const client = { clientId: clients.post.id, clientSecret: clients.post.secret };
const admin = { name: users.admin.username, password: users.admin.password };

const endpoint = () => ({ client: { baseURL: provider.issuer }, tokenEndpoint: '/oauth2/token', ...client });
const asUser = (user: UserCredentials = admin): TokenCreator => createUserTokenCreator(user, endpoint());

const ofType = (grantType: string) => provider.requests.filter(({ fields }) => fields.get('grant_type') === grantType);
const refreshes = () => ofType('refresh_token');
const logIns = () => ofType('password');

function expectNoReplay(): void {
    const answered = refreshes().filter(({ isLost }) => !isLost);
    const sent = answered.map(({ fields }) => fields.get('refresh_token'));
    expect(new Set(sent).size).toBe(sent.length);
    const overlapping = refreshes().filter(({ endedAt }, index) => {
        const following = refreshes()[index + 1];
        return following && following.startedAt < endedAt;
    });
    expect(overlapping).toEqual([]);
}

describe('200 concurrent requests against oidc-provider, which revokes the family of a refresh token that comes twice', () => {
    let api: TestResourceServer;
    let instance: AxiosInstance;

    beforeEach(async () => {
        api = await startResourceServer({ provider });
        instance = axios.create({ baseURL: api.url });
    });

    afterEach(() => api.close());

    const request = (number: number) => {
        const scope = [undefined, 'read', 'write', 'read write'][number % 4];
        const path = scope ? `/scope/${scope.split(' ')[0]}` : '/me';
        return instance.get(path, { tokenCreator: scope === undefined ? {} : { scope } });
    };
    const burst = async () => {
        const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => request(number)));
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    };

    test.each<[string, () => Promise<TokenCreator>]>([
        ['the creator of a user', async () => asUser()],
        [
            'withRefreshToken',
            async () => {
                const fields = { ...passwordGrant(), ...asPost };
                const logIn = async () => (await post(provider.endpoints.token, fields)).body as never;
                return withRefreshToken(logIn, endpoint());
            },
        ],
        [
            'createRefreshTokenCreator',
            async () => {
                const { body } = await post(provider.endpoints.token, { ...passwordGrant(), ...asPost });
                return createRefreshTokenCreator({ refreshToken: body['refresh_token'] ?? '' }, endpoint());
            },
        ],
    ])('all succeed over several renewals and scopes with one log-in: %s', async (_, create) => {
        const { source } = attachTokenCreator(instance, await create());
        await burst();
        await wait(1_100); // the access tokens expire
        await burst();
        provider.revokeAccessTokens(); // 200 answers of 401
        await burst();
        provider.revokeAccessTokens();
        await burst();
        source.clear();

        expect(logIns()).toHaveLength(1);
        expect(refreshes().length).toBeGreaterThanOrEqual(15);
        expect(refreshes().map(({ status }) => status)).toEqual(refreshes().map(() => 200));
        expectNoReplay();
    });

    test('all succeed through two sources over one creator, and for two keys', async () => {
        const creatorOf = { admin: asUser(), bob: asUser({ name: 'bob', password: users.bob.password }) };
        const byKey: TokenCreator = (context) => creatorOf[context?.parameters?.key as 'admin' | 'bob'](context);
        const other = axios.create({ baseURL: api.url });
        const sources = [attachTokenCreator(instance, byKey).source, attachTokenCreator(other, byKey).source];
        for (let round = 0; round < 2; round += 1) {
            if (round > 0) await wait(1_100);
            const answers = await Promise.all(
                Array.from({ length: 200 }, async (_, number) => {
                    const key = number % 3 ? 'admin' : 'bob';
                    const tokenCreator = { key, ...(number % 5 > 2 && { scope: 'read' }) };
                    const { data } = await [instance, other][number % 2]!.get<{ subject: string }>('/me', {
                        tokenCreator,
                    });
                    return { key, subject: data.subject };
                }),
            );
            for (const { key, subject } of answers) expect(subject).toBe(key);
        }
        for (const source of sources) source.clear();

        expect(refreshes().map(({ status }) => status)).toEqual(refreshes().map(() => 200));
        const sent = refreshes().map(({ fields }) => fields.get('refresh_token'));
        expect(new Set(sent).size).toBe(sent.length);
        expect(logIns()).toHaveLength(2);
    });
});

/** The access token is too old from now on. */
function expire(source: TokenSource, parameters?: TokenParameters): void {
    const token = source.current(parameters);
    if (token) source.reject(token, { status: 401 });
}

describe('against oidc-provider, which replaces each refresh token', () => {
    const sources: TokenSource[] = [];

    beforeEach(() => {
        provider.accessTokenLifetime = 3_600;
    });

    const open = (creator: TokenCreator, creationTimeout = 30_000) => {
        const source = createTokenSource(creator, { creationTimeout });
        sources.push(source);
        return source;
    };

    afterEach(() => {
        for (const source of sources.splice(0)) source.clear();
    });

    test('a refresh that outlives the creation timeout is answered, and its refresh token is the next one sent', async () => {
        const creator = asUser();
        await creator();
        const source = open(creator, 1_000);
        provider.delay = 1_300;
        await expect(source.getToken()).rejects.toMatchObject({ code: 'timeout' });
        await until(() => source.current() !== undefined);
        provider.delay = 0;
        expire(source);
        await source.getToken();

        expect(refreshes().map(({ status }) => status)).toEqual([200, 200]);
        expect(logIns()).toHaveLength(1);
        expectNoReplay();
    });

    test('a lost answer is no refusal: no password, and the same is sent again, which this server refuses', async () => {
        const source = open(asUser());
        await source.getToken();
        expire(source);
        provider.dropAnswers = 1;
        await expect(source.getToken()).rejects.toMatchObject({ name: 'TokenError', code: 'network' });
        expect(logIns()).toHaveLength(1);
        await source.getToken();

        const [lost, again] = refreshes();
        expect(again?.fields.get('refresh_token')).toBe(lost?.fields.get('refresh_token'));
        expect([lost?.isLost, again?.status]).toEqual([true, 400]);
        expect(logIns()).toHaveLength(2);
    });

    test('a refusal is the answer of createRefreshTokenCreator, and the password that of a user', async () => {
        const { body } = await post(provider.endpoints.token, { ...passwordGrant(), ...asPost });
        const refreshToken = body['refresh_token'] ?? '';
        await createRefreshTokenCreator({ refreshToken }, endpoint())();
        const late = createRefreshTokenCreator({ refreshToken }, endpoint());

        await expect(late()).rejects.toMatchObject({ status: 400, error: 'invalid_grant' });
        await asUser()({ reason: 'expired', previous: body as never, signal: new AbortController().signal });
        expect(logIns()).toHaveLength(2);
    });

    // oidc-provider uses the refresh token up before it refuses the resource: that family begins anew.
    test.each<[string, TokenParameters, object, number]>([
        ['scope', { scope: 'write' }, { scope: 'write' }, 2],
        ['resource', { resource: resources.orders.identifier }, { audience: 'orders' }, 3],
    ])(
        'a %s that was not granted gets a grant of its own, and each family goes on',
        async (what, parameters, given, expectedLogIns) => {
            const options = { ...endpoint(), ...(what === 'scope' && { scope: 'read' }) };
            const source = open(createUserTokenCreator(admin, options));
            const first = await source.getToken();
            const second = await source.getToken({ parameters });
            expect(await provider.findToken(first.value)).toMatchObject({ scope: options.scope ?? 'read write' });
            expect(await provider.findToken(second.value)).toMatchObject(given);
            for (let round = 0; round < 2; round += 1) {
                expire(source);
                expire(source, parameters);
                await Promise.all([source.getToken(), source.getToken({ parameters })]);
            }

            // Whether the refresh is tried for them, and refused, or not.
            const tried = refreshes().filter(({ answer }) => !/^invalid_(scope|target)$/.test(String(answer['error'])));
            expect(tried.map(({ status }) => status)).toEqual(Array.from({ length: 6 - expectedLogIns }, () => 200));
            expect(logIns().map(({ status }) => status)).toEqual(Array.from({ length: expectedLogIns }, () => 200));
        },
    );

    test('onRefreshToken makes a session that another process goes on with', async () => {
        const storage: { refreshToken?: string | undefined } = {};
        const save = async ({ refresh_token }: { refresh_token?: string }) => {
            await wait(5);
            storage.refreshToken = refresh_token;
        };
        const creator = createUserTokenCreator(admin, { ...endpoint(), onRefreshToken: save });
        await creator();
        await creator();
        const again = () =>
            createRefreshTokenCreator(
                { refreshToken: async () => storage.refreshToken },
                { ...endpoint(), onRefreshToken: save },
            );
        await again()();
        await again()();

        expect(refreshes().map(({ status }) => status)).toEqual([200, 200, 200]);
        expectNoReplay();
    });
});
