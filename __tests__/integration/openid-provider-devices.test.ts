import { asPost, basic, passwordGrant, post } from '../support/openid-client.js';
import {
    clients,
    grantTypes,
    resources,
    startOpenidProvider,
    type OpenidProvider,
    type OpenidProviderOptions,
} from '../support/openid-provider.js';

let provider: OpenidProvider;

async function start(options?: OpenidProviderOptions): Promise<void> {
    provider = await startOpenidProvider(options);
}

afterEach(() => provider.close());

const ask = (fields: Record<string, string>) => post(provider.endpoints.token, fields);

const find = (token: string | undefined) => provider.findToken(token ?? '');

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

const introspect = async (token: string | undefined, headers = basic(clients.basic)) =>
    (await post(provider.endpoints.introspection, { token: token ?? '' }, headers)).body;

const revoke = (token: string | undefined, headers: Record<string, string> = {}, client = asPost) =>
    post(provider.endpoints.revocation, { token: token ?? '', ...('authorization' in headers ? {} : client) }, headers);

describe('introspection and revocation', () => {
    beforeEach(() => start());

    test('a refresh token takes its access tokens with it', async () => {
        const { body } = await ask({ ...passwordGrant(), ...asPost });
        expect(await introspect(body.access_token)).toMatchObject({ active: true, sub: 'admin', scope: 'read write' });
        expect(await introspect(body.refresh_token)).toMatchObject({ active: true });

        expect((await revoke(body.refresh_token, basic(clients.basic))).status).toBe(400);
        expect((await revoke(body.refresh_token)).status).toBe(200);
        expect(await introspect(body.access_token)).toEqual({ active: false });
        const refreshed = await ask({
            grant_type: 'refresh_token',
            refresh_token: body.refresh_token ?? '',
            ...asPost,
        });
        expect(refreshed.body.error).toBe('invalid_grant');
    });

    test('both want a client; a JWT can have neither', async () => {
        const fields = { grant_type: 'client_credentials', ...asPost, resource: resources.reports.identifier };
        const token = (await ask(fields)).body.access_token ?? '';
        expect((await post(provider.endpoints.introspection, { token })).status).toBe(400);
        expect((await introspect(token)).error).toBe('unsupported_token_type');
        expect((await revoke(token)).body.error).toBe('unsupported_token_type');
        expect((await revoke('unknown')).status).toBe(200);
    });
});

describe('device codes', () => {
    const device = { client_id: clients.public.id };

    const begin = async (fields: Record<string, string> = {}) =>
        (await post(provider.endpoints.deviceAuthorization, { ...device, ...fields })).body;

    const poll = (deviceCode: string | undefined) =>
        ask({ grant_type: grantTypes.deviceCode, device_code: deviceCode ?? '', ...device });

    test('pending, too fast, approved, used up', async () => {
        await start({ deviceInterval: 1, slowDownBy: 0.5 });
        const code = await begin({ scope: 'read offline_access' });
        expect(code).toMatchObject({ interval: 1, expires_in: 600, verification_uri: `${provider.issuer}/device` });
        expect((await poll(code.device_code)).body.error).toBe('authorization_pending');
        expect((await poll(code.device_code)).body.error).toBe('slow_down');
        await seconds(1.1);
        expect((await poll(code.device_code)).body.error).toBe('slow_down');
        await seconds(2);
        expect((await poll(code.device_code)).body.error).toBe('authorization_pending');
        await provider.approveDevice(code.user_code ?? '', 'bob');
        await seconds(2);
        const { body } = await poll(code.device_code);
        expect(body).toMatchObject({ scope: 'read offline_access', refresh_token: expect.any(String) as string });
        expect(await find(body.access_token)).toMatchObject({ subject: 'bob', clientId: clients.public.id });
        await expect(provider.approveDevice(code.user_code ?? '')).rejects.toThrow('no device waits');
        expect((await poll(code.device_code)).body.error).toBe('invalid_grant');
        expect(await find(body.access_token)).toBeUndefined();
    });

    test('denied, expired, unknown, for a resource; the interval need not be told', async () => {
        await start({ deviceInterval: undefined, deviceCodeLifetime: 2 });
        const [denied, expired, approved] = [
            await begin(),
            await begin(),
            await begin({ resource: resources.orders.identifier, scope: 'orders:read' }),
        ];
        expect(denied).not.toHaveProperty('interval');
        await provider.denyDevice(denied?.user_code ?? '');
        expect((await poll(denied?.device_code)).body.error).toBe('access_denied');
        await provider.approveDevice(approved?.user_code ?? '');
        const { body } = await poll(approved?.device_code);
        expect(await find(body.access_token)).toMatchObject({ audience: 'orders', scope: 'orders:read' });
        await seconds(2.1);
        expect((await poll(expired?.device_code)).body.error).toBe('expired_token');
        expect((await poll('unknown')).body.error).toBe('invalid_grant');
    });
});
