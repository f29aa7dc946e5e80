import axios from 'axios';
import {
    attachTokenCreator,
    createDeviceTokenCreator,
    createTokenSource,
    discover,
    type DeviceAuthorization,
} from '../../src/index.js';
import {
    clients,
    grantTypes,
    resources,
    startOpenidProvider,
    type OpenidProvider,
} from '../support/openid-provider.js';
import { failureOf, until, useServers, protectedBy, createIssuer, wait } from '../support/servers.js';

let provider: OpenidProvider;
const serve = useServers();

afterEach(() => provider.close());

const polls = () => provider.requests.filter(({ fields }) => fields.get('grant_type') === grantTypes.deviceCode);
const answers = () =>
    polls()
        .filter(({ status }) => status > 0)
        .map(({ answer, status }) => (status === 200 ? 'granted' : answer['error']));

describe.each(['http', 'fetch'])('a device at oidc-provider, over the %s adapter,', (adapter) => {
    const options = () => ({
        issuer: discover(provider.issuer),
        client: { adapter },
        clientId: clients.public.id,
        scope: 'read offline_access',
    });

    test('waits for its user, and gets its token', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.4 });
        const shown: DeviceAuthorization[] = [];
        const creator = createDeviceTokenCreator({ onUserCode: (given) => shown.push(given) }, options());
        const creation = creator();
        await until(() => answers().length === 1);
        await provider.approveDevice(shown[0]?.user_code ?? '', 'bob');
        const granted = await creation;

        expect(await provider.findToken(granted.access_token)).toMatchObject({ subject: 'bob' });
        expect(granted).toMatchObject({ scope: 'read offline_access', refresh_token: expect.any(String) as string });
        expect(answers()).toEqual(['authorization_pending', 'granted']);
        const [first, second] = polls();
        expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThan(300);
        expect(shown).toEqual([
            {
                user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/) as string,
                verification_uri: `${provider.issuer}/device`,
                verification_uri_complete: `${provider.issuer}/device?user_code=${shown[0]?.user_code}`,
                expires_in: 600,
            },
        ]);
    });

    test('hears that its user refused', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        const onUserCode = ({ user_code }: DeviceAuthorization) => provider.denyDevice(user_code);

        expect(await failureOf(createDeviceTokenCreator({ onUserCode }, options())())).toMatchObject({
            name: 'TokenEndpointError',
            status: 400,
            error: 'access_denied',
        });
        expect(answers()).toEqual(['access_denied']);
    });

    test('goes on when the server was out of order for a while', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        provider.failWith({ status: 503, body: { error: 'temporarily_unavailable' } });
        const onUserCode = ({ user_code }: DeviceAuthorization) => provider.approveDevice(user_code);

        expect(await createDeviceTokenCreator({ onUserCode }, options())()).toMatchObject({ token_type: 'Bearer' });
        expect(answers()).toEqual(['temporarily_unavailable', 'granted']);
    });

    test('gets a token for the resource that it named', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        const onUserCode = ({ user_code }: DeviceAuthorization) => provider.approveDevice(user_code);
        const { identifier: resource } = resources.orders;
        const all = { ...options(), resource, scope: 'orders:read' };
        const { access_token } = await createDeviceTokenCreator({ onUserCode }, all)();

        expect(await provider.findToken(access_token)).toMatchObject({ audience: 'orders', scope: 'orders:read' });
    });

    test('is called off by its signal', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        const abort = new AbortController();
        const creator = createDeviceTokenCreator({ onUserCode: () => {} }, options());
        const creation = failureOf(creator({ reason: 'missing', signal: abort.signal }));
        await until(() => answers().length === 1);
        const reason = new Error('the user went away');
        abort.abort(reason);

        expect(await creation).toBe(reason);
    });
});

const options = () => ({
    issuer: discover(provider.issuer),
    clientId: clients.post.id,
    clientSecret: clients.post.secret,
});

describe('a device at oidc-provider', () => {
    test('hears that its code is too old', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.4, deviceCodeLifetime: 1 });
        const client = axios.create();
        client.interceptors.response.use((response) => {
            const data = (response.data as string).replace('"expires_in":1,', '"expires_in":600,');
            return { ...response, data };
        });
        const shown: DeviceAuthorization[] = [];
        const onUserCode = (given: DeviceAuthorization) => shown.push(given);
        const error = await failureOf(createDeviceTokenCreator({ onUserCode }, { ...options(), client })());

        expect(shown[0]?.expires_in).toBe(600);
        expect(error).toMatchObject({ name: 'TokenEndpointError', status: 400, error: 'expired_token' });
        expect(answers().at(-1)).toBe('expired_token');
    });

    test('that asks too often is told so, and asks 5 s later from then on', async () => {
        provider = await startOpenidProvider({ deviceInterval: 1, slowDownBy: 0 });
        const client = axios.create();
        client.interceptors.response.use((response) => {
            const data = (response.data as string).replace('"interval":1', '"interval":0.3');
            return { ...response, data };
        });
        const shown: DeviceAuthorization[] = [];
        const onUserCode = (given: DeviceAuthorization) => shown.push(given);
        const creation = createDeviceTokenCreator({ onUserCode }, { ...options(), client })();
        await until(() => answers().length === 2);
        await provider.approveDevice(shown[0]?.user_code ?? '');
        await creation;

        expect(answers()).toEqual(['authorization_pending', 'slow_down', 'granted']);
        const [, second, third] = polls();
        expect((third?.startedAt ?? 0) - (second?.endedAt ?? 0)).toBeGreaterThan(5_200);
    });

    test('that is called off by a log-out polls no more', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        const signals: AbortSignal[] = [];
        const creator = createDeviceTokenCreator({ onUserCode: (_, signal) => signals.push(signal) }, options());
        const source = createTokenSource(creator, { creationTimeout: Infinity });
        const waiting = failureOf(source.getToken());
        await until(() => answers().length === 1);
        source.clear();

        expect(await waiting).toMatchObject({ name: 'TokenError', code: 'cleared' });
        await wait(600);
        expect(signals[0]?.aborted).toBe(true);
        expect(answers()).toHaveLength(1);
    });

    test('serves the requests of an axios instance, and asks its user once', async () => {
        provider = await startOpenidProvider({ deviceInterval: 0.2 });
        const api = await serve(
            protectedBy({ ...createIssuer(), isValid: (header) => Boolean(header?.startsWith('Bearer ')) }),
        );
        let asked = 0;
        const onUserCode = async ({ user_code }: DeviceAuthorization) => {
            asked += 1;
            await provider.approveDevice(user_code);
        };
        const client = axios.create({ baseURL: api.url });
        attachTokenCreator(client, createDeviceTokenCreator({ onUserCode }, options()), { creationTimeout: Infinity });
        const responses = await Promise.all([client.get('/a'), client.get('/b'), client.get('/c')]);

        expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
        expect(asked).toBe(1);
    });
});
