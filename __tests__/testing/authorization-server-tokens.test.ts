import axios from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRefreshTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    discover,
    revokeToken,
} from '../../src/index.js';
import { createTestClock } from '../../src/testing/index.js';
import { failOnUnhandledRejections, failureOf } from '../support/servers.js';
import { callApi, logIn, post, refresh, useTestServers } from './test-servers.js';

const serve = useTestServers();
failOnUnhandledRejections();

const form = (token: string) => ({ token });

describe('the token endpoint', () => {
    it.each(['client_credentials', 'robot_credentials', 'urn:example:of-ones-own'])(
        'issues an access token for %s, and no refresh token',
        async (grantType) => {
            const server = await serve({ expiresIn: 60 });

            const { status, body, headers } = await post(server, { grant_type: grantType, scope: 'a b' });

            expect(status).toBe(200);
            const { access_token, ...others } = body;
            expect(access_token).toMatch(/^test-access-token-1-\w+$/);
            expect(others).toEqual({ token_type: 'Bearer', expires_in: 60, scope: 'a b' });
            expect(headers.get('cache-control')).toBe('no-store');
            expect(server.counts).toMatchObject({ byGrantType: { [grantType]: 1 }, tokensIssued: 1, liveTokens: 1 });
        },
    );

    it('issues a refresh token with one for a password, as Authup does', async () => {
        const server = await serve();

        expect((await logIn(server)).body.refresh_token).toMatch(/^test-refresh-token-1\.1-\w+$/);
    });

    it.each<[fields: Record<string, string>, error: string]>([
        [{}, 'invalid_request'],
        [{ grant_type: 'refresh_token' }, 'invalid_request'],
        [{ grant_type: 'refresh_token', refresh_token: 'a-canary' }, 'invalid_grant'],
        [{ grant_type: 'refresh_token', refresh_token: 'test-refresh-token-1.1-00000000' }, 'invalid_grant'],
    ])('refuses %p', async (fields, error) => {
        const server = await serve();
        await logIn(server);

        const { status, body } = await post(server, fields);

        expect(status).toBe(400);
        expect(body.error).toBe(error);
        expect(body.error_description).toMatch(/^[\w ]+$/);
        expect(JSON.stringify(body)).not.toContain('canary');
        expect(server.counts).toMatchObject({ refusedTokenRequests: 1, liveTokens: 1, reuseAttempts: 0 });
    });

    it('counts a grant_type of any name', async () => {
        const server = await serve();

        await post(server, { grant_type: '__proto__' });
        await post(server, { grant_type: 'constructor' });

        expect(Object.entries(server.counts.byGrantType)).toEqual([
            ['__proto__', 1],
            ['constructor', 1],
        ]);
    });

    it('serves the creators of this package', async () => {
        const server = await serve();
        const client = { baseURL: server.url };
        const user = createUserTokenCreator({ name: 'a', password: 'b' }, { client });

        await user();
        await user();
        await createRobotTokenCreator({ id: 'a', secret: 'b' }, { client })();
        await createClientTokenCreator({ id: 'a', secret: 'b' }, { issuer: discover(server.url) })();

        const byGrantType = { password: 1, refresh_token: 1, robot_credentials: 1, client_credentials: 1 };
        expect(server.counts).toMatchObject({ byGrantType, tokensIssued: 4, refusedTokenRequests: 0 });
    });
});

describe('refresh tokens that rotate', () => {
    it('work once, each bringing the next one, with the scope of the log-in', async () => {
        const server = await serve();
        let { body } = await post(server, { grant_type: 'password', scope: 'a' });

        for (const rank of [2, 3, 4]) {
            ({ body } = await refresh(server, body.refresh_token));
            expect(body.scope).toBe('a');
            expect(body.refresh_token).toContain(`-1.${rank}-`);
        }
        expect(server.counts).toMatchObject({ reuseAttempts: 0, tokensIssued: 4, liveTokens: 4 });
    });

    it('revoke their family when one comes again, and no other', async () => {
        const server = await serve();
        const first = (await logIn(server)).body;
        const other = (await logIn(server)).body;
        const second = (await refresh(server, first.refresh_token)).body;

        expect((await refresh(server, first.refresh_token)).body.error).toBe('invalid_grant');

        expect(server.counts).toMatchObject({ reuseAttempts: 1, liveTokens: 1 });
        expect([first, second, other].map(({ access_token }) => server.isLive(access_token))).toEqual([
            false,
            false,
            true,
        ]);
        expect((await refresh(server, second.refresh_token)).status).toBe(400);
        expect((await refresh(server, other.refresh_token)).status).toBe(200);
    });

    it('one of whose answers is lost: a client that tries again is taken for a thief', async () => {
        const server = await serve();
        const { refresh_token } = (await logIn(server)).body;
        server.inject({ type: 'lost-answer' }, { grantType: 'refresh_token' });
        const creator = createRefreshTokenCreator({ refreshToken: refresh_token }, { client: { baseURL: server.url } });

        expect(await failureOf(creator())).toMatchObject({ code: 'network' });
        expect(await failureOf(creator())).toMatchObject({ code: 'endpoint', error: 'invalid_grant' });

        expect(server.counts).toMatchObject({ reuseAttempts: 1, liveTokens: 0 });
    });

    it('of which two come at once: one is answered', async () => {
        const server = await serve();
        const { refresh_token } = (await logIn(server)).body;

        const answers = await Promise.all([refresh(server, refresh_token), refresh(server, refresh_token)]);

        expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
        expect(server.counts.reuseAttempts).toBe(1);
    });

    it('need not rotate: one works for ever, and no answer holds another one', async () => {
        const server = await serve({ rotateRefreshTokens: false });
        const { refresh_token } = (await logIn(server)).body;

        for (const _ of [1, 2, 3]) {
            const { status, body } = await refresh(server, refresh_token);
            expect(status).toBe(200);
            expect(body).not.toHaveProperty('refresh_token');
        }
        expect(server.counts.reuseAttempts).toBe(0);
    });

    it('can all be revoked, while access tokens live on', async () => {
        const server = await serve();
        const { access_token, refresh_token } = (await logIn(server)).body;

        server.revokeRefreshTokens();

        expect((await refresh(server, refresh_token)).status).toBe(400);
        expect(server.isLive(access_token)).toBe(true);
        expect(server.counts.reuseAttempts).toBe(0);
    });
});

describe('a token is live', () => {
    it('on its own server, as it is or after Bearer', async () => {
        const [server, other] = [await serve(), await serve()];
        const { access_token: token, refresh_token } = (await logIn(server)).body;

        for (const given of [token, `Bearer ${token}`, `bearer ${token}`]) expect(server.isLive(given)).toBe(true);
        for (const given of [refresh_token, `Basic ${token}`, '', 'x', undefined, null, 5, {}]) {
            expect(server.isLive(given)).toBe(false);
        }
        expect(other.isLive(token)).toBe(false);
        expect((await callApi(other, token)).status).toBe(401);
        expect((await logIn(other)).body.access_token).not.toBe(token);
    });

    it('until it is revoked: one, or all', async () => {
        const server = await serve();
        const tokens: string[] = [];
        for (const _ of [1, 2, 3]) tokens.push((await logIn(server)).body.access_token);

        server.revoke(tokens[0]);
        expect(tokens.map((token) => server.isLive(token))).toEqual([false, true, true]);

        server.revoke();
        expect(tokens.map((token) => server.isLive(token))).toEqual([false, false, false]);
        expect(server.counts).toMatchObject({ liveTokens: 0, tokensIssued: 3 });
    });

    it('until its log-in is revoked by a refresh token, at /token/revoke as well', async () => {
        const server = await serve();
        const [first, second, third] = [await logIn(server), await logIn(server), await logIn(server)];
        const client = { baseURL: server.url };

        server.revoke(first.body.refresh_token);
        await revokeToken(second.body.refresh_token, { client });
        await revokeToken('unknown', { client });

        const live = [first, second, third].map(({ body }) => server.isLive(body.access_token));
        expect(live).toEqual([false, false, true]);
        expect((await refresh(server, second.body.refresh_token)).status).toBe(400);
        expect(server.counts.reuseAttempts).toBe(0);
    });

    it('for its lifetime by the clock of the server, which may be off', async () => {
        const clock = createTestClock();
        const server = await serve({ clock, expiresIn: 0.5 });
        const { access_token: token } = (await logIn(server)).body;
        const introspect = async () => (await post(server, form(token), '/token/introspect')).body;

        clock.advance(499);
        expect(server.isLive(token)).toBe(true);
        expect(await introspect()).toEqual({
            active: true,
            token_type: 'Bearer',
            exp: Math.ceil((clock.now() + 1) / 1_000),
        });
        clock.advance(1);

        expect(server.isLive(token)).toBe(false);
        expect(await introspect()).toEqual({ active: false });
        expect(server.counts).toMatchObject({ liveTokens: 0, tokensIssued: 1 });
    });

    it('for less than it was told when the clock of the server jumps ahead, and the 401 is healed', async () => {
        let skew = 0;
        const server = await serve({ clock: { now: () => Date.now() + skew } });
        const client = axios.create({ baseURL: server.url });
        const creator = createClientTokenCreator({ id: 'a', secret: 'b' }, { client: { baseURL: server.url } });
        attachTokenCreator(client, creator);
        await client.get('/api');

        skew = 3_600_000;
        const { data } = await client.get<unknown>('/api');

        expect(data).toMatchObject({ tokenNumber: 2 });
        expect(server.counts).toMatchObject({ tokenRequests: 2, resourceRequests: 3, refusedResourceRequests: 1 });
    });

    it('until it is revoked, where lifetimes are infinite, and none is told', async () => {
        const clock = createTestClock();
        const server = await serve({ clock, expiresIn: Infinity });
        const { body } = await logIn(server);

        clock.advance(1e12);

        expect(body).not.toHaveProperty('expires_in');
        expect((await post(server, form(body.access_token), '/token/introspect')).body).toEqual({
            active: true,
            token_type: 'Bearer',
        });
        server.revoke();
        expect(server.isLive(body.access_token)).toBe(false);
    });

    it('as long as another one when a fault gave it its value', async () => {
        const server = await serve();
        server.inject({ type: 'grant-parameters', parameters: { access_token: 'of-ones-own' } });

        await logIn(server);

        expect(server.isLive('of-ones-own')).toBe(true);
        expect((await callApi(server, 'of-ones-own')).status).toBe(200);
    });

    it('and counts as live no longer', async () => {
        const clock = createTestClock();
        const server = await serve({ clock, expiresIn: 1 });
        for (let index = 0; index < 50; index += 1) {
            await logIn(server);
            clock.advance(100);
        }

        expect(server.counts).toMatchObject({ tokensIssued: 50, liveTokens: 9 });
    });
});
