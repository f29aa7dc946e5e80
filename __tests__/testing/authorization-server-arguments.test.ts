import { createTestAuthorizationServer, type TestAuthorizationServerOptions } from '../../src/testing/index.js';
import { failureOf } from '../support/servers.js';
import { expectTypeError } from '../support/type-error.js';
import { callApi, logIn, useTestServers } from './test-servers.js';

const serve = useTestServers();

const remote = [
    '0.0.0.0',
    '::',
    '8.8.8.8',
    '192.168.0.1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '127.0.0.256',
    '127.1',
    '0177.0.0.1',
    '2130706433',
    ' 127.0.0.1',
    '127.0.0.1\n',
    '',
];

describe('what is not loopback', () => {
    it.each(remote)('is refused: %j', async (host) => {
        const error = await failureOf(createTestAuthorizationServer({ host }));

        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toBe(
            'createTestAuthorizationServer: options.host must be a loopback address (localhost, ::1, 127.0.0.1) ' +
                `where options.allowRemote is not true, not ${host === '' ? '""' : JSON.stringify(host)}`,
        );
    });

    it.each([false, undefined, 'yes', 1])('is refused with allowRemote: %p', async (allowRemote) => {
        const options = { host: '0.0.0.0', allowRemote } as TestAuthorizationServerOptions;

        expect(await failureOf(createTestAuthorizationServer(options))).toBeInstanceOf(TypeError);
    });

    it.each([
        ['0.0.0.0', '127.0.0.1'],
        ['::', '[::1]'],
    ])('is listened on where that was asked for: %s, asked here at %s', async (host, reachable) => {
        const server = await serve({ host, allowRemote: true });

        expect(new URL(server.url).hostname).toBe(reachable);
        expect((await callApi(server, (await logIn(server)).body.access_token)).status).toBe(200);
    });
});

it.each([
    ['localhost', 'localhost'],
    ['127.0.0.1', '127.0.0.1'],
    ['127.255.3.2', '127.255.3.2'],
    ['::1', '[::1]'],
])('loopback is %s', async (host, name) => {
    const server = await serve({ host });

    expect(new URL(server.url).hostname).toBe(name);
    expect(new URL(server.tlsUrl).hostname).toBe(name);
    expect((await logIn(server)).status).toBe(200);
});

describe('wrong options are a TypeError', () => {
    it.each<[options: unknown, message: string]>([
        [null, 'options must be an object, not null'],
        ['127.0.0.1', 'options must be an object, not string'],
        [{ hostname: 'localhost' }, 'unknown options.hostname; there are host, allowRemote, port, clock'],
        [{ host: 5 }, 'options.host must be a loopback address'],
        [{ allowRemote: 'yes' }, 'options.allowRemote must be a boolean, not "yes"'],
        [{ port: -1 }, 'options.port must be a whole number from 0 to 65535, not -1'],
        [{ port: 65_536 }, 'options.port'],
        [{ port: 1.5 }, 'options.port'],
        [{ port: '80' }, 'options.port must be a whole number from 0 to 65535, not "80"'],
        [{ clock: {} }, 'options.clock must be an object with the function now, not object'],
        [{ clock: 5 }, 'options.clock'],
        [{ expiresIn: 0 }, 'options.expiresIn must be a number of seconds above 0, not 0'],
        [{ expiresIn: NaN }, 'options.expiresIn must be a number of seconds above 0, not NaN'],
        [{ expiresIn: -1 }, 'options.expiresIn'],
        [{ expiresIn: '3600' }, 'options.expiresIn must be a number of seconds above 0, not "3600"'],
        [{ rotateRefreshTokens: 0 }, 'options.rotateRefreshTokens must be a boolean, not 0'],
    ])('%p', async (options, message) => {
        const error = await failureOf(createTestAuthorizationServer(options as TestAuthorizationServerOptions));

        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain(`createTestAuthorizationServer: ${message}`);
    });
});

it('a token to revoke is a string, and none that is given stands in the error', async () => {
    const server = await serve();

    for (const token of [null, '', 5, {}, ['a-canary']]) {
        expectTypeError(() => server.revoke(token as string), 'revoke: credentials.token must be a string');
    }
});
