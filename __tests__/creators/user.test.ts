import axios, { AxiosError } from 'axios';
import { createUserTokenCreator, type TokenCreator } from '../../src/index.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

describe('a user token creator', () => {
    let server: TokenEndpointServer;
    let baseURL: string;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
        baseURL = server.url;
    });

    afterEach(() => server.close());

    test('stands alone and resolves to the whole answer', async () => {
        const answered = {
            access_token: 'ey.J.x',
            expires_in: 3600,
            token_type: 'Bearer',
            scope: 'global',
            refresh_token: 'ey.R.x',
            refresh_token_expires_in: 259_200,
        };
        server.reply(grant(answered));

        const creator: TokenCreator = createUserTokenCreator(
            { name: 'admin', password: 'start123' },
            { client: { baseURL } },
        );

        expect(await creator()).toStrictEqual(answered);
    });

    test('asks nothing before it is called, and once per call', async () => {
        const creator = createUserTokenCreator({ name: 'admin', password: 'start123' }, { client: { baseURL } });
        await new Promise((resolve) => setImmediate(resolve));
        expect(server.requests).toHaveLength(0);

        await creator();
        await creator();

        expect(server.requests).toHaveLength(2);
    });

    test('posts a password grant, and nothing else, as a form', async () => {
        await createUserTokenCreator({ name: 'admin', password: 'start123' }, { client: { baseURL } })();

        const [request] = server.requests;
        expect(request).toMatchObject({ method: 'POST', url: '/token' });
        expect(request?.body.split('&').sort()).toEqual(['grant_type=password', 'password=start123', 'username=admin']);
        expect(request?.headers['content-length']).toBe(String(request?.body.length));
    });

    test('names the realm by its id or by its name', async () => {
        const user = { name: 'admin', password: 'start123', realmId: 'a-realm-id', realmName: 'a realm' };

        await createUserTokenCreator(user, { client: { baseURL } })();

        expect(server.requests[0]?.form).toEqual({
            grant_type: 'password',
            username: 'admin',
            password: 'start123',
            realm_id: 'a-realm-id',
            realm_name: 'a realm',
        });
    });

    test.each([
        ['empty', ''],
        ['undefined', undefined],
    ])('leaves out a realm that is %s', async (_, realm) => {
        const user = { name: 'admin', password: 'start123', realmId: realm, realmName: realm } as {
            name: string;
            password: string;
        };

        await createUserTokenCreator(user, { client: { baseURL } })();

        expect(Object.keys(server.requests[0]?.form ?? {}).sort()).toEqual(['grant_type', 'password', 'username']);
    });

    test('carries every character of a name and a password', async () => {
        const user = { name: 'jörg+α@example.com', password: ' +&=%25;"\'\\\n\u{1F511}~!*() ' };

        await createUserTokenCreator(user, { client: { baseURL } })();

        expect(server.requests[0]?.form).toEqual({
            grant_type: 'password',
            username: user.name,
            password: user.password,
        });
    });

    test('is not changed by what happens to the credentials object later', async () => {
        const user = { name: 'admin', password: 'start123' };
        const creator = createUserTokenCreator(user, { client: { baseURL } });
        user.password = 'another';

        await creator();

        expect(server.requests[0]?.form['password']).toBe('start123');
    });

    test('sends no password after a failure that bears a status, but is no answer', async () => {
        const sent: unknown[] = [];
        const client = axios.create({
            baseURL,
            adapter: async (config) => {
                sent.push(new URLSearchParams(String(config.data)).get('grant_type'));
                const failure = Object.assign(new Error('connect ECONNREFUSED'), { status: 401 });
                if (sent.length > 1) throw AxiosError.from(failure, 'ECONNREFUSED', config);
                const data = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r', expires_in: 60 };
                return { data, status: 200, statusText: '', headers: {}, config };
            },
        });
        const creator = createUserTokenCreator({ name: 'admin', password: 'start123' }, { client });
        const previous = await creator();
        const { signal } = new AbortController();

        await expect(creator({ reason: 'expired', previous, signal })).rejects.toMatchObject({ code: 'network' });
        expect(sent).toEqual(['password', 'refresh_token']);
    });
});
