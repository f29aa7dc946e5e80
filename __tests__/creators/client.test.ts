import axios from 'axios';
import {
    clientSecretBasic,
    createClientTokenCreator,
    type ClientAuthentication,
    type TokenCreator,
} from '../../src/index.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

describe('a client token creator', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const create = (): TokenCreator =>
        createClientTokenCreator({ id: 'my-client', secret: 'x/y z' }, { client: { baseURL: server.url } });

    test('stands alone and resolves to the whole answer', async () => {
        server.reply(grant({ scope: 'global' }));

        expect(await create()()).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            scope: 'global',
        });
    });

    test.each<[string, ClientAuthentication | undefined]>([
        ['the secret in its body', undefined],
        ['the secret in a header', clientSecretBasic],
    ])('sends its request in the tick in which it is called, with %s: others may keep that busy', async (_, how) => {
        const adapter = jest.fn(axios.getAdapter('http'));
        const client = { baseURL: server.url, adapter };
        const options = { client, ...(how && { clientAuthentication: how }) };
        const granted = createClientTokenCreator({ id: 'my-client', secret: 'x' }, options)();

        expect(adapter).toHaveBeenCalledTimes(1);
        await granted;
    });

    test('posts a client_credentials grant, and nothing else, as a form', async () => {
        await create()();

        expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token' });
        expect(server.requests[0]?.body.split('&').sort()).toEqual([
            'client_id=my-client',
            'client_secret=x%2Fy+z',
            'grant_type=client_credentials',
        ]);
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    test('does not use the refresh token of the grant before', async () => {
        const previous = { access_token: 'old', token_type: 'Bearer', refresh_token: 'a-refresh-token' };

        await create()({ reason: 'expired', previous, signal: new AbortController().signal });

        expect(server.requests.map(({ form }) => form['grant_type'])).toEqual(['client_credentials']);
        expect(server.requests[0]?.body).not.toContain('refresh');
    });
});
