import {
    clientSecretPost,
    createUserTokenCreator,
    discover,
    withRefreshToken,
    type ClientAuthentication,
    type TokenCreator,
    type UserTokenCreatorOptions,
} from '../../src/index.js';
import { contextFor, grantWith, refused } from '../support/refreshing.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import {
    answer,
    grant,
    html,
    json,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from '../support/token-endpoint-server.js';
import { expectTypeError } from '../support/type-error.js';

failOnUnhandledRejections();

const create = (options: UserTokenCreatorOptions): TokenCreator =>
    createUserTokenCreator({ name: 'admin', password: 'start123' }, options);

describe('a refresh token that was never sent is not refused, whatever is in the way', () => {
    let server: TokenEndpointServer;

    beforeEach(async () => {
        server = await startTokenEndpointServer();
    });

    afterEach(() => server.close());

    const grantTypes = () => server.requests.map(({ form }) => form['grant_type']).filter(Boolean);

    test.each([400, 401, 403])('a client authentication that fails with status %i', async (status) => {
        server.reply(grant({ refresh_token: 'r1' }), grant());
        let isBroken = false;
        // As one does whose key is kept by another server.
        const clientAuthentication: ClientAuthentication = async (request, client) => {
            if (isBroken) throw refused(status);
            return clientSecretPost(request, client);
        };
        const creator = create({
            client: { baseURL: server.url },
            clientId: 'id',
            clientSecret: 'secret',
            clientAuthentication,
        });
        await creator(contextFor());
        isBroken = true;
        await expect(creator(contextFor())).rejects.toThrow(`refused with ${status}`);
        isBroken = false;
        await creator(contextFor());

        expect(grantTypes()).toEqual(['password', 'refresh_token']);
    });

    test.each<[string, Reply]>([
        ['400', json({}, { status: 400 })],
        ['401', html(401)],
        ['403', answer(undefined, { status: 403 })],
    ])('a discovery document that is answered with %s', async (_, refusal) => {
        let isBroken = false;
        let isGone = false;
        server.reply((response, request) => {
            if (request.method === 'GET') {
                const document = json({ issuer: server.url, token_endpoint: `${server.url}/token` });
                return (isBroken ? refusal : document)(response, request);
            }
            return (isGone ? json({}, { status: 404 }) : grant({ refresh_token: 'r1' }))(response, request);
        });
        const creator = create({ issuer: discover(server.url), clientId: 'id' });
        await creator(contextFor());
        // The endpoint is not where it was, so the document is fetched again.
        isGone = true;
        await creator(contextFor()).catch(() => {});
        isBroken = true;
        await creator(contextFor()).catch(() => {});
        isBroken = false;
        isGone = false;
        await creator(contextFor());

        expect(grantTypes()).toEqual(['password', 'refresh_token', 'refresh_token']);
    });
});

test.each([undefined, null, 'refresh', 5])('withRefreshToken refuses options.refresh %j', (refresh) => {
    const run = () => withRefreshToken(async () => grantWith('r1'), { refresh: refresh as never });

    expectTypeError(run, 'withRefreshToken', 'options.refresh');
});

test('parameters that are wrong are the failure of the call, and not thrown at its caller', async () => {
    const creator = withRefreshToken(async () => grantWith('r1'), { refresh: async () => grantWith('r2') });
    const call = async () => {
        const pending = creator(contextFor({ scop: 'a' } as never));
        return pending.catch((error: unknown) => ({ rejected: error }));
    };

    expect(await call()).toMatchObject({ rejected: { name: 'TypeError' } });
});
