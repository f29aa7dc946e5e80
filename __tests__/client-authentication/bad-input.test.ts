import {
    clientSecretBasic,
    clientSecretBasicUnencoded,
    clientSecretPost,
    createClientTokenCreator,
    createJwtBearerTokenCreator,
    createRefreshTokenCreator,
    createUserTokenCreator,
    none,
    tlsClientAuth,
} from '../../src/index.js';
import { clientSecretJwt, privateKeyJwt } from '../../src/jwt/index.js';
import { createTestKey } from '../support/openid-provider.js';
import { expectTypeError } from '../support/type-error.js';

const client = { baseURL: 'http://127.0.0.1:1' };
const withOptions = (options: object) => () =>
    createRefreshTokenCreator({ refreshToken: 'canary' }, { client, ...options });

describe.each([
    ['clientSecretPost', clientSecretPost],
    ['clientSecretBasic', clientSecretBasic],
    ['clientSecretBasicUnencoded', clientSecretBasicUnencoded],
    ['clientSecretJwt', clientSecretJwt()],
])('%s', (_, clientAuthentication) => {
    test('needs a client with a secret', () => {
        const words = ['options.clientAuthentication', 'ecret'];

        expectTypeError(withOptions({ clientAuthentication }), 'createRefreshTokenCreator', ...words);
        expectTypeError(withOptions({ clientAuthentication, clientId: 'a' }), 'createRefreshTokenCreator', ...words);
        expectTypeError(() => createClientTokenCreator({ id: 'a' }, { client, clientAuthentication }), ...words);
        expect(withOptions({ clientAuthentication, clientId: 'a', clientSecret: 'b' })()).toBeInstanceOf(Function);
    });
});

test.each([
    ['none', none],
    ['tlsClientAuth', tlsClientAuth],
])('%s needs a client, with or without a secret', (_, clientAuthentication) => {
    expectTypeError(withOptions({ clientAuthentication }), 'options.clientAuthentication', 'clientId');
    expect(withOptions({ clientAuthentication, clientId: 'a' })()).toBeInstanceOf(Function);
    expect(createClientTokenCreator({ id: 'a' }, { client, clientAuthentication })).toBeInstanceOf(Function);
});

test('privateKeyJwt needs a client, with or without a secret', async () => {
    const clientAuthentication = privateKeyJwt({ key: (await createTestKey('ES256')).privateJwk });

    expectTypeError(withOptions({ clientAuthentication }), 'options.clientAuthentication', 'clientId');
    expect(createClientTokenCreator({ id: 'a' }, { client, clientAuthentication })).toBeInstanceOf(Function);
});

test('a client without a secret is refused, where no other authentication is chosen', () => {
    expectTypeError(
        () => createClientTokenCreator({ id: 'a' }, { client }),
        'createClientTokenCreator',
        'credentials.secret',
        'undefined',
    );
});

test.each<[unknown, string]>([
    ['clientSecretBasic', '"clientSecretBasic"'],
    [{}, 'object'],
    [null, 'null'],
    [5, '5'],
])('options.clientAuthentication must not be %p', (clientAuthentication, what) => {
    expectTypeError(withOptions({ clientAuthentication }), 'options.clientAuthentication', 'a function', what);
});

test.each<[unknown, string]>([
    ['', 'empty'],
    [5, 'number'],
    [null, 'null'],
    [['canary'], 'object'],
])('options.clientSecret must not be %p, and is not repeated', (clientSecret, what) => {
    expectTypeError(withOptions({ clientId: 'a', clientSecret }), 'options.clientSecret', what);
});

test.each<[unknown, string]>([
    ['', '""'],
    [5, '5'],
    [null, 'null'],
])('options.clientId must not be %p', (clientId, what) => {
    expectTypeError(withOptions({ clientId }), 'options.clientId', what);
});

test.each([
    ['createRefreshTokenCreator', withOptions({ clientSecret: 'canary' })],
    [
        'createUserTokenCreator',
        () => createUserTokenCreator({ name: 'a', password: 'canary' }, { client, clientSecret: 'canary' }),
    ],
    [
        'createJwtBearerTokenCreator',
        () => createJwtBearerTokenCreator({ assertion: 'canary' }, { client, clientSecret: 'canary' }),
    ],
])('%s refuses a clientSecret without a clientId, which would go unused', (caller, run) => {
    expectTypeError(run, caller, 'clientId');
});

const withClientTwice = () => {
    const options = { client, clientId: 'b', clientSecret: 'canary' };
    return createClientTokenCreator({ id: 'a', secret: 'canary' }, options);
};

test('the client of client credentials is not given among the options as well', () => {
    expectTypeError(withClientTwice, 'createClientTokenCreator', 'clientId');
});
