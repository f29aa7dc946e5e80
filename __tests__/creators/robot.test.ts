import { createRobotTokenCreator, type TokenCreator } from '../../src/index.js';
import { grant, startTokenEndpointServer, type TokenEndpointServer } from '../support/token-endpoint-server.js';

describe('a robot token creator', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const robot = { id: '2f6cf0f6-9d0b-4c7f-8a40-6a1f2f5f3b11', secret: 'a&b' };
    const create = (): TokenCreator => createRobotTokenCreator(robot, { client: { baseURL: server.url } });

    test('stands alone and resolves to the whole answer', async () => {
        server.reply(grant({ scope: 'global' }));

        expect(await create()()).toStrictEqual({
            access_token: 'an-access-token',
            token_type: 'Bearer',
            expires_in: 3600,
            scope: 'global',
        });
    });

    test('posts a robot_credentials grant with id and secret under their bare names', async () => {
        await create()();

        expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/token' });
        expect(server.requests[0]?.body.split('&').sort()).toEqual([
            'grant_type=robot_credentials',
            `id=${robot.id}`,
            'secret=a%26b',
        ]);
        expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    test('does not use the refresh token of the grant before', async () => {
        const previous = { access_token: 'old', token_type: 'Bearer', refresh_token: 'a-refresh-token' };

        await create()({ reason: 'rejected', previous, signal: new AbortController().signal });

        expect(server.requests.map(({ form }) => form['grant_type'])).toEqual(['robot_credentials']);
        expect(server.requests[0]?.body).not.toContain('refresh');
    });
});
