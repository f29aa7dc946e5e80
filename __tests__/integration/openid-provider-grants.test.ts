import { asPost, passwordGrant, post, secretPost, userAssertion, type Claims } from '../support/openid-client.js';
import {
    clients,
    createTestKey,
    grantTypes,
    keyAlgorithms,
    resources,
    startOpenidProvider,
    testKeys,
    tokenTypes,
    users,
    type OpenidProvider,
} from '../support/openid-provider.js';

let provider: OpenidProvider;

beforeEach(async () => {
    provider = await startOpenidProvider();
});

afterEach(() => provider.close());

type Fields = Record<string, string> | [string, string][];

const ask = (fields: Fields, headers?: Record<string, string>) => post(provider.endpoints.token, fields, headers);

const find = (token: string | undefined) => provider.findToken(token ?? '');

const clientToken = async (fields: Record<string, string> = {}) => {
    const { body } = await ask({ grant_type: 'client_credentials', ...asPost, ...fields });
    return body.access_token ?? '';
};

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

describe('password and client credentials', () => {
    test.each(Object.values(users))('the user $username', async (user) => {
        const { body } = await ask({ ...passwordGrant(user), ...asPost });
        expect(await find(body.access_token)).toMatchObject({ subject: user.username, scope: 'read write' });
        expect((await ask({ ...passwordGrant({ ...user, password: 'no' }), ...asPost })).body.error).toBe(
            'invalid_grant',
        );
    });

    test('scopes', async () => {
        const limited = secretPost(clients.limited);
        expect((await ask({ ...passwordGrant(), ...limited })).body.scope).toBe('read');
        expect((await ask({ ...passwordGrant(), ...limited, scope: 'write' })).body.error).toBe('invalid_scope');
        expect((await ask({ ...passwordGrant(), ...asPost, scope: 'nonsense' })).body.error).toBe('invalid_scope');
        const client = { grant_type: 'client_credentials', ...limited };
        expect((await ask({ ...client, scope: 'read' })).body.scope).toBe('read');
        expect((await ask({ ...client, scope: 'write' })).body.error).toBe('invalid_scope');
    });

    test('access tokens end on time, to the millisecond', async () => {
        provider.accessTokenLifetime = 2;
        const token = await clientToken();
        await seconds(1.6);
        expect(await find(token)).toBeDefined();
        await seconds(0.5);
        expect(await find(token)).toBeUndefined();
    });

    test('access tokens can be revoked all at once', async () => {
        const opaque = await clientToken();
        const structured = await clientToken({ resource: resources.reports.identifier });
        provider.revokeAccessTokens();
        expect([await find(opaque), await find(structured)]).toEqual([undefined, undefined]);
    });
});

const bear = (assertion: string, client: Record<string, string> = {}) =>
    ask({ grant_type: grantTypes.jwtBearer, assertion, ...client });

describe('jwt-bearer', () => {
    test.each(keyAlgorithms)('an assertion signed with %s, with a client and without', async (alg) => {
        const key = (await testKeys())[alg];
        const granted = await bear(await userAssertion(provider.issuer, { sub: 'bob' }, key), asPost);
        expect(granted.body).not.toHaveProperty('refresh_token');
        expect(await find(granted.body.access_token)).toMatchObject({ subject: 'bob', clientId: clients.post.id });
        expect((await bear(await userAssertion(provider.endpoints.token, {}, key))).status).toBe(200);
    });

    const now = Math.floor(Date.now() / 1000);
    test.each<[string, Claims]>([
        ['another audience', { aud: 'http://127.0.0.1:1' }],
        ['another issuer', { iss: 'https://someone.invalid' }],
        ['an unknown subject', { sub: 'nobody' }],
        ['no subject', { sub: undefined }],
        ['expired', { exp: now - 1 }],
        ['no expiry', { exp: undefined }],
        ['an expiry far ahead', { exp: now + 7200 }],
        ['no jti', { jti: undefined }],
        ['not yet', { nbf: now + 60 }],
    ])('refused: %s', async (_, claims) => {
        const { status, body } = await bear(await userAssertion(provider.issuer, claims));
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
    });

    test('refused: the key of another, and an assertion that was used', async () => {
        const forged = await userAssertion(provider.issuer, {}, await createTestKey('ES256', 'test-ES256'));
        expect((await bear(forged)).body.error).toBe('invalid_grant');
        const assertion = await userAssertion(provider.issuer);
        expect((await bear(assertion)).status).toBe(200);
        expect((await bear(assertion)).body.error).toBe('invalid_grant');
    });
});

const exchange = (fields: Record<string, string>) => {
    const grant = { grant_type: grantTypes.tokenExchange, subject_token_type: tokenTypes.accessToken };
    return ask({ ...grant, ...asPost, ...fields });
};

const userToken = async (fields: Record<string, string> = {}) => {
    const { body } = await ask({ ...passwordGrant(), ...asPost, ...fields });
    return body.access_token ?? '';
};

describe('token exchange', () => {
    test('keeps the subject and the scope, or asks for less', async () => {
        const subjectToken = await userToken();
        const { body } = await exchange({ subject_token: subjectToken });
        expect(body).toEqual({
            access_token: expect.any(String) as string,
            issued_token_type: tokenTypes.accessToken,
            token_type: 'Bearer',
            expires_in: 3600,
            scope: 'read write',
        });
        expect(await find(body.access_token)).toMatchObject({ subject: 'admin' });
        expect((await exchange({ subject_token: subjectToken, scope: 'read' })).body.scope).toBe('read');
        expect((await exchange({ subject_token: subjectToken, scope: 'admin' })).body.error).toBe('invalid_scope');
    });

    const targets: Record<string, string>[] = [{ audience: 'orders' }, { resource: resources.orders.identifier }];
    test.each(targets)('for %j', async (target) => {
        const { body } = await exchange({ subject_token: await userToken(), ...target, scope: 'orders:read' });
        expect(await find(body.access_token)).toMatchObject({ audience: 'orders', scope: 'orders:read' });
    });

    test('on behalf of someone, and again', async () => {
        const actor = { actor_token: await clientToken(), actor_token_type: tokenTypes.accessToken };
        const { body } = await exchange({ subject_token: await userToken(), ...actor, audience: 'reports' });
        const claim = { sub: clients.post.id, client_id: clients.post.id };
        expect(await find(body.access_token)).toMatchObject({ subject: 'admin', act: claim });
        const again = await exchange({
            subject_token: body.access_token ?? '',
            subject_token_type: tokenTypes.jwt,
            ...actor,
        });
        expect(await find(again.body.access_token)).toMatchObject({ act: { ...claim, act: claim } });
    });

    test.each<[string, Record<string, string>, string]>([
        ['no subject', {}, 'invalid_request'],
        ['a dead subject', { subject_token: 'dead' }, 'invalid_request'],
        ['a type alone', { actor_token_type: tokenTypes.accessToken }, 'invalid_request'],
        ['a dead actor', { actor_token: 'dead', actor_token_type: tokenTypes.accessToken }, 'invalid_request'],
        ['a wrong type', { subject_token_type: tokenTypes.jwt }, 'invalid_request'],
        ['another kind of token', { requested_token_type: tokenTypes.refreshToken }, 'invalid_request'],
        ['an unknown audience', { audience: 'nowhere' }, 'invalid_target'],
        ['an unknown resource', { resource: 'https://nowhere.invalid' }, 'invalid_target'],
    ])('refused: %s', async (name, fields, error) => {
        const subject: Record<string, string> = name.includes('subject') ? {} : { subject_token: await userToken() };
        expect((await exchange({ ...subject, ...fields })).body.error).toBe(error);
    });
});

describe('resources', () => {
    test.each(Object.values(resources))('$identifier for a client', async ({ identifier, audience, ...resource }) => {
        const expected = 'lifetime' in resource ? resource.lifetime : 3600;
        const targets: Record<string, string>[] = [{ resource: identifier }, { audience }];
        for (const target of targets) {
            const fields = { grant_type: 'client_credentials', ...asPost, ...target, scope: resource.scope };
            const { body } = await ask(fields);
            expect(body).toMatchObject({ expires_in: expected, scope: resource.scope });
            expect(await find(body.access_token)).toMatchObject({ audience, format: resource.format });
        }
    });

    test('several of them for a user: the first one now, the others by refreshing', async () => {
        const { orders, reports, ticker } = resources;
        const fields = Object.entries({ ...passwordGrant(), ...asPost, scope: 'orders:read reports:read' });
        const { body } = await ask([...fields, ['resource', orders.identifier], ['resource', reports.identifier]]);
        expect(await find(body.access_token)).toMatchObject({ audience: 'orders', scope: 'orders:read' });

        const refresh = (refreshToken: string | undefined, resource: string) =>
            ask({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '', ...asPost, resource });
        const second = await refresh(body.refresh_token, reports.identifier);
        expect(await find(second.body.access_token)).toMatchObject({ audience: 'reports', scope: 'reports:read' });
        const refused = await refresh(second.body.refresh_token, ticker.identifier);
        expect(refused.body.error).toBe('invalid_target');
    });

    test('refused: an unknown one, and a scope of another', async () => {
        const fields = { ...passwordGrant(), ...asPost };
        expect((await ask({ ...fields, resource: 'https://nowhere.invalid' })).body.error).toBe('invalid_target');
        expect((await ask({ ...fields, resource: 'nonsense' })).body.error).toBe('invalid_target');
        const scoped = { ...fields, audience: 'orders', scope: 'reports:read' };
        expect((await ask(scoped)).body.error).toBe('invalid_scope');
    });
});
