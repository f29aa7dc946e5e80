import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { createClientTokenCreator, createDeviceTokenCreator, discover, revokeToken } from '../../src/index.js';

describe('a client authentication', () => {
    test.each([undefined, null, {}, 'x', { url: 'http://as.example/token' }])(
        'that gives %j is a TypeError that names it, and nothing is sent',
        async (result) => {
            const client = axios.create({ baseURL: 'http://as.example' });
            const mock = new MockAdapter(client);
            mock.onPost('/token').reply(200, { access_token: 'a', token_type: 'Bearer' });
            const creator = createClientTokenCreator(
                { id: 'a' },
                { client, clientAuthentication: () => result as never },
            );

            await expect(creator()).rejects.toThrow(TypeError);
            await expect(creator()).rejects.toThrow('options.clientAuthentication');
            expect(mock.history['post'] ?? []).toHaveLength(0);
        },
    );
});

describe('a path without a base', () => {
    test.each<[string, () => unknown]>([
        ['tokenEndpoint', () => createClientTokenCreator({ id: 'a', secret: 'b' }, { tokenEndpoint: '/t' })],
        [
            'tokenEndpoint of a device',
            () =>
                createDeviceTokenCreator(
                    { onUserCode: () => {} },
                    { clientId: 'a', deviceAuthorizationEndpoint: 'https://as.example/d', tokenEndpoint: '/t' },
                ),
        ],
    ])('is refused at once: %s', (_, create) => {
        expect(create).toThrow(TypeError);
        expect(create).toThrow('options.client.baseURL');
    });

    test('is refused by revokeToken too', async () => {
        await expect(revokeToken('x', { revocationEndpoint: '/r' })).rejects.toThrow('options.client.baseURL');
    });
});

describe('an issuer', () => {
    test.each(['login.example.com', ' https://a.example', 'https://a.example/ b', '//a.example', 'https://'])(
        'must not be %j',
        (issuer) => {
            expect(() => discover(issuer)).toThrow(TypeError);
        },
    );
});
