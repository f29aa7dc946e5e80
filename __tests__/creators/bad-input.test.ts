import axios from 'axios';
import {
    createClientTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    type TokenCreator,
    type TokenEndpointOptions,
} from '../../src/index.js';
import { expectTypeError } from '../support/type-error.js';

const client = { baseURL: 'http://127.0.0.1:1' };
const creators: [string, (credentials: never, options?: never) => TokenCreator, string[]][] = [
    ['createUserTokenCreator', createUserTokenCreator, ['name', 'password']],
    ['createRobotTokenCreator', createRobotTokenCreator, ['id', 'secret']],
    ['createClientTokenCreator', createClientTokenCreator, ['id', 'secret']],
];

describe.each(creators)('%s', (caller, create, fields) => {
    const complete = Object.fromEntries(fields.map((name) => [name, `canary-${name}`]));
    const given = (credentials: unknown, options: unknown = { client }) =>
        create(credentials as never, options as never);

    test('takes these credentials', () => {
        expect(given(complete)).toBeInstanceOf(Function);
    });

    test.each<[unknown, string]>([
        [undefined, 'undefined'],
        [null, 'null'],
        ['canary', 'string'],
        [5, 'number'],
        [true, 'boolean'],
        [() => complete, 'function'],
    ])('wants an object of credentials, not %p', (credentials, what) => {
        expectTypeError(() => given(credentials), caller, 'credentials', what);
    });

    test.each([[[]], [['canary', 'canary']]])('wants an object of credentials, not %j', (credentials) => {
        expectTypeError(() => given(credentials), caller, 'credentials');
    });

    describe.each(fields)('credentials.%s', (name) => {
        test('must be there', () => {
            const { [name]: _, ...others } = complete;

            expectTypeError(() => given(others), caller, `credentials.${name}`, 'undefined');
        });

        test.each<[unknown, string]>([
            ['', 'empty'],
            [undefined, 'undefined'],
            [null, 'null'],
            [5, 'number'],
            [true, 'boolean'],
            [['canary'], 'object'],
            [{ value: 'canary' }, 'object'],
            [Buffer.from('canary'), 'object'],
            [() => 'canary', 'function'],
        ])('must not be %p', (value, what) => {
            expectTypeError(() => given({ ...complete, [name]: value }), caller, `credentials.${name}`, what);
        });
    });

    test.each(['username', 'client_id', 'clientSecret', 'realm', 'scope', 'toString', 'constructor'])(
        'does not know a credential %s',
        (name) => {
            expectTypeError(() => given({ ...complete, [name]: 'canary' }), caller, name, fields.join(', '));
        },
    );

    test('does not know a credential __proto__', () => {
        const credentials = JSON.parse(`{"__proto__":${JSON.stringify(complete)}}`) as unknown;

        expectTypeError(() => given(credentials), caller, 'credentials');
    });

    test('wants options', () => {
        expectTypeError(() => create(complete as never), caller, 'options', 'client');
    });

    test.each([[null], ['http://127.0.0.1:1'], [5], [true]])('wants an object of options, not %p', (options) => {
        expectTypeError(() => given(complete, options), caller, 'options');
    });

    test.each(['baseURL', 'tokenEndPoint', 'endpoint', 'timeout', 'toString'])('does not know an option %s', (name) => {
        expectTypeError(() => given(complete, { client, [name]: 'canary' }), caller, name, 'client', 'tokenEndpoint');
    });
});

const create = (options: unknown): TokenCreator =>
    createClientTokenCreator({ id: 'an-id', secret: 'canary' }, options as TokenEndpointOptions);

describe('options.client', () => {
    test.each<[unknown, string]>([
        ['http://127.0.0.1:1', '"http://127.0.0.1:1"'],
        [5, '5'],
        [true, 'true'],
        [null, 'null'],
    ])('must be a config or an instance, not %p', (value, what) => {
        expectTypeError(() => create({ client: value }), 'options.client', what);
    });

    test('must have a baseURL, unless there is an absolute tokenEndpoint', () => {
        expectTypeError(() => create({ client: {} }), 'options.client', 'baseURL');
        expectTypeError(() => create({ client: { auth: { username: 'canary', password: 'canary' } } }), 'baseURL');
        expect(create({ client: {}, tokenEndpoint: 'https://as.example/token' })).toBeInstanceOf(Function);
    });
});

const wrongUrls: [unknown, string][] = [
    ['ftp://as.example', '"ftp://as.example"'],
    ['file:///etc/passwd', '"file:///etc/passwd"'],
    ['localhost:3010', '"localhost:3010"'],
    ['as.example', '"as.example"'],
    ['http://', '"http://"'],
    ['http://as.example:99999', '"http://as.example:99999"'],
    ['http://[::1', '"http://[::1"'],
    ['http://a b', '"http://a b"'],
    ['', '""'],
    [5, '5'],
    [true, 'true'],
    [null, 'null'],
    [['http://as.example'], ''],
    [{}, 'object'],
];
const withUserinfo = [
    ['in the usual place', 'https://admin:canary@as.example'],
    ['as a name alone', 'https://canary@as.example/'],
    ['of great length', `https://admin:canary${'x'.repeat(200)}@as.example`],
    ['with a slash in them', 'https://admin:x/canary@as.example'],
    ['with an @ in them', 'https://admin:ca@canary@as.example'],
    ['with a line feed in them', 'https://admin:canary\n@as.example'],
    ['after a space', ' https://admin:canary@as.example'],
    ['of another scheme', 'ftp://admin:canary@as.example'],
    ['without a scheme', 'admin:canary@as.example:3010'],
    ['without slashes', 'https:admin:canary@as.example'],
    ['after backslashes', 'https:\\\\admin:canary@as.example'],
    ['after two slashes', '//admin:canary@as.example'],
    ['after a slash and a backslash', '/\\admin:canary@as.example'],
    ['before a wrong port', 'https://admin:canary@as.example:99999'],
] as const;

describe('a baseURL', () => {
    test.each([
        'http://127.0.0.1:1',
        'https://as.example/auth/',
        'HTTPS://AS.EXAMPLE',
        'http://[::1]:3010',
        'https://münchen.example',
        '/api',
        '/',
        './api',
    ])('may be %j', (baseURL) => {
        expect(create({ client: { baseURL } })).toBeInstanceOf(Function);
        expect(create({ client: axios.create({ baseURL }) })).toBeInstanceOf(Function);
    });

    test.each(wrongUrls)('must not be %p', (baseURL, what) => {
        expectTypeError(() => create({ client: { baseURL } }), 'client', 'baseURL', what);
    });

    test('must not be a URL object, which axios does not take', () => {
        expectTypeError(() => create({ client: { baseURL: new URL('https://as.example') } }), 'client', 'baseURL');
    });

    test.each(wrongUrls.filter(([baseURL]) => Boolean(baseURL)))('of an instance must not be %p', (baseURL, what) => {
        const instance = axios.create();
        instance.defaults.baseURL = baseURL as string;

        expectTypeError(() => create({ client: instance }), 'client', 'baseURL', what);
    });

    test.each(withUserinfo)('must not hold credentials, which are not shown, %s', (_, baseURL) => {
        expectTypeError(() => create({ client: { baseURL } }), 'client', 'baseURL');
        expectTypeError(() => create({ client: axios.create({ baseURL }) }), 'client', 'baseURL');
        expectTypeError(() => create({ client: baseURL }), 'options.client');
    });
});

describe('a tokenEndpoint', () => {
    test.each(['/token', '/oauth2/token', './token', 'https://as.example/token', new URL('https://as.example/token')])(
        'may be %p',
        (tokenEndpoint) => {
            expect(create({ client, tokenEndpoint })).toBeInstanceOf(Function);
        },
    );

    test.each(wrongUrls.filter(([url]) => !Array.isArray(url)))('must not be %p', (tokenEndpoint, what) => {
        expectTypeError(() => create({ client, tokenEndpoint }), 'options.tokenEndpoint', what);
    });

    test.each([[Symbol('s')], [Object.create(null) as object], [() => '/token'], [5n]])(
        'must not be an odd value: %p',
        (tokenEndpoint) => {
            expectTypeError(() => create({ client, tokenEndpoint }), 'options.tokenEndpoint');
        },
    );

    test.each(withUserinfo)('must not hold credentials, which are not shown, %s', (_, tokenEndpoint) => {
        expectTypeError(() => create({ client, tokenEndpoint }), 'options.tokenEndpoint');
    });

    test('must not hold credentials as a URL object either', () => {
        const tokenEndpoint = new URL('https://admin:canary@as.example/token');

        expectTypeError(() => create({ client, tokenEndpoint }), 'options.tokenEndpoint');
    });
});
