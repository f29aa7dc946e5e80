import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createTokenSource, type AttachOptions, type TokenCreator } from '../src/index.js';
import { expectTypeError } from './support/type-error.js';

const creator: TokenCreator = async () => ({ access_token: 'x', token_type: 'Bearer' });
const baseURL = 'https://api.example';
const attach = (options: unknown, client: unknown = axios.create({ baseURL }), tokens: unknown = creator) =>
    attachTokenCreator(client as AxiosInstance, tokens as TokenCreator, options as AttachOptions);

describe('the client of attachTokenCreator', () => {
    test.each<[unknown, string]>([
        [undefined, 'undefined'],
        [null, 'null'],
        [5, 'number'],
        [{}, 'object'],
        [{ defaults: {} }, 'object'],
        [{ defaults: { headers: {} }, interceptors: {} }, 'object'],
        [creator, 'function'],
        [fetch, 'function'],
    ])('must not be %p', (client, what) => {
        expectTypeError(() => attachTokenCreator(client as never, creator), 'attachTokenCreator', 'client', what);
    });

    test.each([
        ['ftp://api.example', '"ftp://api.example"'],
        ['localhost:3010', '"localhost:3010"'],
        ['api.example', '"api.example"'],
        ['http://', '"http://"'],
        ['http://api.example:99999', '"http://api.example:99999"'],
        [5, '5'],
        [new URL('https://api.example'), ''],
        ['https://admin:canary@api.example', ''],
        ['admin:canary@api.example', ''],
    ])('must not have the baseURL %p', (base, what) => {
        const client = axios.create();
        client.defaults.baseURL = base as string;

        expectTypeError(() => attach({}, client), 'attachTokenCreator', 'client', 'baseURL', what);
        expectTypeError(() => attach({ origins: ['https://api.example'] }, client), 'baseURL');
    });

    test.each([undefined, '', '/api', '/', './api', 'https://api.example/v1/', 'HTTP://[::1]:3010'])(
        'may have the baseURL %p',
        (base) => {
            const client = axios.create(base === undefined ? {} : { baseURL: base });

            expect(attach({}, client)).toHaveProperty('source');
        },
    );

    describe('must not have defaults that send credentials of their own:', () => {
        test.each(['Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION'])(
            '%s among all headers, the common ones, or those of a method',
            (name) => {
                for (const bucket of ['common', 'get', 'post', 'put', 'patch', 'delete', 'head', undefined]) {
                    for (const value of ['Bearer canary', '', null, false]) {
                        const client = axios.create({ baseURL });
                        const headers = client.defaults.headers as unknown as Record<string, object>;
                        Object.assign(bucket ? (headers[bucket] ?? {}) : headers, { [name]: value });

                        expectTypeError(() => attach({}, client), 'attachTokenCreator', 'client', 'Authorization');
                    }
                }
            },
        );

        test('Authorization given to axios.create', () => {
            const client = axios.create({ baseURL, headers: { Authorization: 'Bearer canary' } });

            expectTypeError(() => attach({}, client), 'client', 'Authorization');
            expectTypeError(() => attach({ origins: '*' }, client), 'client', 'Authorization');
            expectTypeError(() => attach({}, client, createTokenSource(creator)), 'client', 'Authorization');
        });

        test('auth', () => {
            const client = axios.create({ baseURL, auth: { username: 'canary', password: 'canary' } });

            expectTypeError(() => attach({}, client), 'attachTokenCreator', 'client', 'auth');
        });

        test('but others are fine', () => {
            const headers = { 'X-Authorization': 'x', 'Proxy-Authorization': 'x', Authorization: undefined };

            expect(attach({}, axios.create({ baseURL, headers: headers as never }))).toHaveProperty('source');
        });
    });

    describe('when it is the global axios', () => {
        afterEach(() => {
            delete axios.defaults.baseURL;
        });

        test('must have a base or origins', () => {
            expectTypeError(() => attachTokenCreator(axios, creator), 'attachTokenCreator', 'client', 'origins');
            axios.defaults.baseURL = '/api';
            expectTypeError(() => attachTokenCreator(axios, creator), 'origins');
        });

        test.each<[AttachOptions]>([[{ origins: [baseURL] }], [{ origins: '*' }], [{ origins: [] }]])(
            'may have %j',
            (options) => {
                expect(() => attachTokenCreator(axios, creator, options).detach()).not.toThrow();
            },
        );

        test('may have a base', () => {
            axios.defaults.baseURL = baseURL;

            expect(() => attachTokenCreator(axios, creator).detach()).not.toThrow();
        });

        test('of another copy of axios, must have a base or origins', () => {
            jest.isolateModules(() => {
                const { default: copy } = jest.requireActual<{ default: typeof axios }>('axios');
                expect(copy).not.toBe(axios);

                expectTypeError(() => attachTokenCreator(copy, creator), 'client', 'origins');
                expect(() => attachTokenCreator(copy, creator, { origins: [baseURL] }).detach()).not.toThrow();
                expect(() => attachTokenCreator(copy.create(), creator).detach()).not.toThrow();
            });
        });
    });
});

describe('the creator', () => {
    test.each<[unknown, string]>([
        [undefined, 'undefined'],
        [null, 'null'],
        [5, 'number'],
        ['canary', ''],
        [{}, 'object'],
        [[creator], ''],
        [Promise.resolve('canary'), 'object'],
        [{ access_token: 'canary', token_type: 'Bearer' }, 'object'],
        [{ getToken: creator, current: creator }, 'object'],
    ])('must not be %p', (wrong, what) => {
        expectTypeError(
            () => attachTokenCreator(axios.create(), wrong as never),
            'attachTokenCreator',
            'creator',
            what,
        );
        expectTypeError(() => createTokenSource(wrong as never), 'createTokenSource', 'creator', what);
    });
});

const unwanted: [keyof AttachOptions, unknown, string][] = [
    ...[-1, NaN, -Infinity, '300', null, true, {}, [300]].flatMap((value): [keyof AttachOptions, unknown, string][] => [
        ['refreshAhead', value, ''],
        ['expiryLeeway', value, ''],
        ['creationTimeout', value, ''],
    ]),
    ['refreshAhead', -1, '-1'],
    ['expiryLeeway', '10', '"10"'],
    ['creationTimeout', 0, '0'],
    ['onEvent', 'log', '"log"'],
    ['onEvent', null, 'null'],
    ['onEvent', {}, 'object'],
    ['clock', null, 'null'],
    ['clock', Date.now, 'function'],
    ['clock', {}, 'object'],
    ['clock', { now: Date.now }, 'object'],
    ['clock', { now: 5, monotonic: 5 }, 'object'],
];
const unwantedRules: [keyof AttachOptions, unknown, string][] = [
    ['appliesTo', true, 'true'],
    ['appliesTo', null, 'null'],
    ['appliesTo', /x/, 'object'],
    ['isRejected', 401, '401'],
    ['isRejected', null, 'null'],
    ['isRejected', [401], '401'],
    ['origins', null, 'null'],
    ['origins', '', '""'],
    ['origins', 'https://api.example', '"https://api.example"'],
    ['origins', new URL('https://api.example'), 'object'],
    ['origins', {}, 'object'],
    ['origins', new Set(['https://api.example']), 'object'],
    ['origins', ['*'], '"*"'],
    ['origins', [''], '""'],
    ['origins', ['/api'], '"/api"'],
    ['origins', ['api.example'], '"api.example"'],
    ['origins', ['localhost:3010'], '"localhost:3010"'],
    ['origins', ['ftp://api.example'], '"ftp://api.example"'],
    ['origins', ['file:///x'], '"file:///x"'],
    ['origins', ['http://'], '"http://"'],
    ['origins', ['https://*.example:x'], ''],
    ['origins', ['https://api.example', 'null'], '"null"'],
    ['origins', [5], '5'],
    ['origins', [null], 'null'],
    ['origins', [undefined], 'undefined'],
    ['origins', [{}], 'object'],
    ['origins', [Symbol('x')], ''],
    ['origins', [Object.create(null)], 'object'],
    ['origins', ['https://admin:canary@api.example'], ''],
    ['origins', ['admin:canary@api.example'], ''],
    ['origins', 'https://admin:canary@api.example', ''],
    ['origins', new URL('https://admin:canary@api.example'), ''],
    ['origins', [new URL('https://admin:canary@api.example')], ''],
];

describe('the options', () => {
    test.each([...unwanted, ...unwantedRules])('of attachTokenCreator must not have the %s %p', (name, value, what) => {
        expectTypeError(() => attach({ [name]: value }), 'attachTokenCreator', `options.${name}`, what);
    });

    test.each(unwanted)('of createTokenSource must not have the %s %p', (name, value, what) => {
        const run = (): unknown => createTokenSource(creator, { [name]: value });

        expectTypeError(run, 'createTokenSource', `options.${name}`, what);
    });

    test.each([[null], ['canary'], [5], [true]])('must be an object, not %p', (options) => {
        expectTypeError(() => attachTokenCreator(axios.create(), creator, options as never), 'options');
        expectTypeError(
            () => attachTokenCreator(axios.create(), createTokenSource(creator), options as never),
            'options',
        );
        expectTypeError(() => createTokenSource(creator, options as never), 'options');
    });

    test.each(['refreshahead', 'origin', 'scope', 'timeout', 'toString', 'constructor'])('do not know %s', (name) => {
        expectTypeError(() => attach({ [name]: 'canary' }), 'attachTokenCreator', name, 'refreshAhead', 'origins');
        expectTypeError(() => createTokenSource(creator, { [name]: 'canary' }), name, 'refreshAhead');
    });

    test.each(['origins', 'appliesTo', 'isRejected'])('of createTokenSource do not know %s', (name) => {
        expectTypeError(() => createTokenSource(creator, { [name]: undefined }), 'createTokenSource', name);
    });

    test.each<[keyof AttachOptions, unknown]>([
        ['refreshAhead', 0],
        ['expiryLeeway', 10],
        ['creationTimeout', 30_000],
        ['onEvent', () => {}],
        ['clock', { now: Date.now, monotonic: Date.now }],
    ])('of attachTokenCreator belong to the source where one is given: %s', (name, value) => {
        const source = createTokenSource(creator);

        expectTypeError(() => attach({ [name]: value }, axios.create(), source), 'attachTokenCreator', name);
        expect(attach({ [name]: value })).toHaveProperty('source');
    });

    test('that belong to the source are refused with a word about the source', () => {
        const source = createTokenSource(creator);

        expectTypeError(() => attach({ refreshAhead: 0 }, axios.create(), source), 'refreshAhead', 'source');
    });

    test.each<[AttachOptions]>([
        [{}],
        [{ origins: '*' }],
        [{ origins: [] }],
        [{ origins: ['https://a.example', new URL('http://127.0.0.1:3010/path?query')] }],
        [{ appliesTo: () => true, isRejected: () => false }],
        [{ refreshAhead: 0, expiryLeeway: 0, creationTimeout: Infinity }],
        [{ refreshAhead: 2 ** 40, expiryLeeway: 2 ** 40, creationTimeout: 2 ** 40 }],
        [{ origins: undefined, appliesTo: undefined, refreshAhead: undefined, clock: undefined }],
    ])('may be %p', (options) => {
        expect(attach(options)).toHaveProperty('source');
    });
});
