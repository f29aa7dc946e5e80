import { clientSecretBasic, createDeviceTokenCreator } from '../../src/index.js';
import { useFakeTime } from '../support/deferred.js';
import { authorization, granted, pass, pending, refusal, startDevice } from '../support/device-under-test.js';
import { expectTypeError } from '../support/type-error.js';

useFakeTime();

describe('a device authorization', () => {
    test('is asked for with the id of the client and what it wants, as a form', async () => {
        const options = { scope: 'read', resource: ['https://a.example', 'https://b.example'] };
        const { sent } = await startDevice([pending], { options });

        expect(sent).toHaveLength(1);
        expect(sent[0]).toMatchObject({ method: 'POST', url: 'https://as.example/device_authorization' });
        expect(String(sent[0]?.headers.get('content-type'))).toBe('application/x-www-form-urlencoded');
        expect(String(sent[0]?.form).split('&').sort()).toEqual([
            'client_id=a-device',
            'resource=https%3A%2F%2Fa.example',
            'resource=https%3A%2F%2Fb.example',
            'scope=read',
        ]);
    });

    test('is authenticated where the client has credentials, and so is each poll', async () => {
        const options = { clientSecret: 'a-secret', clientAuthentication: clientSecretBasic };
        const { sent } = await startDevice([pending, granted], { options });
        await pass(10_000);

        expect(sent).toHaveLength(3);
        for (const { headers, form } of sent) {
            expect(String(headers.get('authorization'))).toBe('Basic YS1kZXZpY2U6YS1zZWNyZXQ=');
            expect(form.has('client_id')).toBe(false);
        }
    });

    test('shows the user code and where to enter it, and never the device code', async () => {
        const complete = 'https://as.example/device?user_code=WDJB-MJHT';
        const answer = { verification_uri_complete: complete, message: 'canary-device-code', other: 'x' };
        const { shown } = await startDevice([granted], { answer });

        expect(shown).toEqual([
            {
                user_code: 'WDJB-MJHT',
                verification_uri: 'https://as.example/device',
                verification_uri_complete: complete,
                expires_in: 600,
            },
        ]);
        expect(JSON.stringify(shown)).not.toContain('canary');
    });

    test.each([undefined, '', null, 5])('shows no complete URI where it is %p', async (uri) => {
        const { shown } = await startDevice([granted], { answer: { verification_uri_complete: uri } });

        expect(shown[0]).not.toHaveProperty('verification_uri_complete');
    });

    test.each<[string, unknown]>([
        ['device_code', undefined],
        ['device_code', ''],
        ['device_code', 5],
        ['user_code', undefined],
        ['user_code', null],
        ['verification_uri', undefined],
        ['expires_in', undefined],
        ['expires_in', 'soon'],
        ['expires_in', 0],
        ['expires_in', -1],
    ])('whose answer has a %s of %p is no use: nobody is shown a code, and there is no poll', async (name, value) => {
        const { outcome, shown, sent } = await startDevice([granted], { answer: { [name]: value } });
        await pass(60_000);

        expect(outcome()).toMatchObject({ status: 'rejected', reason: { name: 'TokenResponseError' } });
        expect(JSON.stringify(outcome())).not.toContain('canary');
        expect(shown).toEqual([]);
        expect(sent).toHaveLength(1);
    });

    test('that is refused ends at once', async () => {
        const device = await startDevice([granted], { answer: { error: 'invalid_client', error_description: 'who?' } });

        expect(device.outcome()).toMatchObject({
            status: 'rejected',
            reason: { name: 'TokenEndpointError', error: 'invalid_client', errorDescription: 'who?' },
        });
        expect(device.shown).toEqual([]);
    });
});

const expectRefused = (credentials: unknown, given: unknown, ...words: string[]) => {
    const run = () => createDeviceTokenCreator(credentials as never, given as never);
    expectTypeError(run, 'createDeviceTokenCreator', ...words);
};

const onUserCode = () => {};

describe('a device token creator', () => {
    const options = {
        client: { baseURL: 'https://as.example' },
        clientId: 'a',
        deviceAuthorizationEndpoint: '/device',
    };

    test('needs to know whom to tell', () => {
        expectRefused({}, options, 'credentials.onUserCode', 'undefined');
        expectRefused({ onUserCode: 'canary' }, options, 'credentials.onUserCode', 'string');
        expectRefused(undefined, options, 'credentials');
    });

    test('needs a client', () => {
        const { clientId: _, ...others } = options;
        expectRefused({ onUserCode }, others, 'options.clientId', 'undefined');
        expectRefused({ onUserCode }, { ...options, clientId: '' }, 'options.clientId');
    });

    test('needs the device authorization endpoint, or discovery', () => {
        const { deviceAuthorizationEndpoint: _, ...others } = options;
        expectRefused({ onUserCode }, others, 'options.deviceAuthorizationEndpoint');
        expectRefused(
            { onUserCode },
            { ...options, deviceAuthorizationEndpoint: 'ftp://x' },
            'deviceAuthorizationEndpoint',
        );
        expectRefused(
            { onUserCode },
            { ...options, deviceCode: 'x' },
            'options.deviceCode',
            'deviceAuthorizationEndpoint',
        );
        expectRefused({ onUserCode }, undefined, 'options');
    });

    test('uses a refresh token first, once it has one, and does not ask the user again', async () => {
        const refreshable = { body: { access_token: 'first', token_type: 'Bearer', refresh_token: 'r1' } };
        const { creator, shown, sent } = await startDevice([refreshable, granted]);
        await pass(5_000);

        expect(await creator()).toMatchObject({ access_token: 'a-token', refresh_token: 'r1' });
        expect(shown).toHaveLength(1);
        expect(Object.fromEntries(sent[2]?.form ?? [])).toEqual({
            grant_type: 'refresh_token',
            refresh_token: 'r1',
            client_id: 'a-device',
        });
    });

    test('asks the user again where the refresh token is refused', async () => {
        const refreshable = { body: { access_token: 'first', token_type: 'Bearer', refresh_token: 'r1' } };
        const { creator, shown, answer } = await startDevice([refreshable]);
        await pass(5_000);
        answer(refusal('invalid_grant'), { body: { ...authorization, user_code: 'SECOND' } }, granted);
        const again = creator();
        await pass(5_000);

        expect(await again).toMatchObject({ access_token: 'a-token' });
        expect(shown.map(({ user_code }) => user_code)).toEqual(['WDJB-MJHT', 'SECOND']);
    });
});
