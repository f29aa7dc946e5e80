import {
    clientSecretBasic,
    createRefreshTokenCreator,
    createUserTokenCreator,
    withRefreshToken,
    type RefreshTokenCreatorOptions,
    type TokenParameters,
} from '../../src/index.js';
import { contextFor, grantWith } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { grant, json, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

failOnUnhandledRejections();

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

const refresh = (refreshToken: string, more: RefreshTokenCreatorOptions = {}, parameters?: TokenParameters) =>
    createRefreshTokenCreator({ refreshToken }, { client: { baseURL: server.url }, ...more })(contextFor(parameters));

describe('RFC 6749 section 6', () => {
    test('the request is a POST of a form in UTF-8, whose parameters are encoded', async () => {
        await refresh('ré/+ &=%€', {}, { scope: 'read' });

        expect(server.requests[0]).toMatchObject({ method: 'POST' });
        expect(server.requests[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/);
        expect(server.requests[0]?.body).toContain('refresh_token=r%C3%A9%2F%2B+%26%3D%25%E2%82%AC');
    });

    test('grant_type is refresh_token, and the refresh token is sent, each of them once', async () => {
        await refresh('r1');

        const form = new URLSearchParams(server.requests[0]?.body);
        expect(form.getAll('grant_type')).toEqual(['refresh_token']);
        expect(form.getAll('refresh_token')).toEqual(['r1']);
    });

    test('without a scope of the request none is sent: it is the one that was granted', async () => {
        await refresh('r1', { scope: 'read write' });

        expect(server.requests[0]?.form).not.toHaveProperty('scope');
    });

    test('a scope that is a part of the granted one is sent', async () => {
        server.reply(grant({ scope: 'read write', refresh_token: 'r1' }));
        const user = { name: 'admin', password: 'start123' };
        const creator = createUserTokenCreator(user, { client: { baseURL: server.url }, scope: 'read write' });
        await creator(contextFor());
        await creator(contextFor({ scope: 'read' }));

        expect(server.requests.map(({ form }) => [form['grant_type'], form['scope']])).toEqual([
            ['password', 'read write'],
            ['refresh_token', 'read'],
        ]);
    });

    test('a scope that is known to be more than the granted one is not asked of a refresh', async () => {
        server.reply(grant({ scope: 'read', refresh_token: 'r1' }));
        const user = { name: 'admin', password: 'start123' };
        const creator = createUserTokenCreator(user, { client: { baseURL: server.url }, scope: 'read' });
        await creator(contextFor());
        await creator(contextFor({ scope: 'admin' }));

        expect(server.requests.map(({ form }) => [form['grant_type'], form['scope']])).toEqual([
            ['password', 'read'],
            ['password', 'admin'],
        ]);
    });

    test('after a refresh for less the next one without a scope is for all of it again', async () => {
        server.reply(grant({ scope: 'read write', refresh_token: 'r1' }), grant({ scope: 'read' }), grant());
        const user = { name: 'admin', password: 'start123' };
        const creator = createUserTokenCreator(user, { client: { baseURL: server.url } });
        await creator(contextFor());
        const previous = await creator(contextFor({ scope: 'read' }));
        await creator(contextFor(undefined, { previous }));

        expect(server.requests[2]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'r1' });
    });

    test('a client that has credentials authenticates, in the body', async () => {
        await refresh('r1', { clientId: 'an-id', clientSecret: 'a-secret' });

        expect(server.requests[0]?.form).toMatchObject({ client_id: 'an-id', client_secret: 'a-secret' });
    });

    test('a client that has credentials authenticates, by HTTP Basic', async () => {
        const options = { clientId: 'an-id', clientSecret: 'a-secret', clientAuthentication: clientSecretBasic };
        await refresh('r1', options);

        expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('an-id:a-secret')}`);
        expect(server.requests[0]?.form).not.toHaveProperty('client_secret');
    });

    test('withRefreshToken authenticates the refresh as its options say', async () => {
        const options = { client: { baseURL: server.url }, clientId: 'an-id', clientSecret: 'a-secret' };
        const creator = withRefreshToken(async () => grantWith('r1'), options);
        await creator();
        await creator();

        expect(server.requests[0]?.form).toEqual({
            grant_type: 'refresh_token',
            refresh_token: 'r1',
            client_id: 'an-id',
            client_secret: 'a-secret',
        });
    });

    test('an old refresh token is discarded for a new one, and not even sent when that is refused', async () => {
        const refusal = json({ error: 'invalid_grant' }, { status: 400 });
        server.reply(grant({ refresh_token: 'r2' }), refusal, grant());
        const creator = createRefreshTokenCreator({ refreshToken: 'r1' }, { client: { baseURL: server.url } });
        const previous = await creator(contextFor());
        await creator(contextFor(undefined, { previous })).catch(() => {});
        await creator(contextFor(undefined, { previous })).catch(() => {});

        expect(server.requests.map(({ form }) => form['refresh_token'])).toEqual(['r1', 'r2']);
    });
});
