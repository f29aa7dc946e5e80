import {
    createClientTokenCreator,
    createUserTokenCreator,
    discover,
    introspectToken,
    revokeToken,
} from '../../src/index.js';
import { clients, startOpenidProvider, users, type OpenidProvider } from '../support/openid-provider.js';
import { failureOf } from '../support/servers.js';

let provider: OpenidProvider;

afterEach(() => provider.close());

const client = { id: clients.post.id, secret: clients.post.secret };
const clientOptions = { clientId: client.id, clientSecret: client.secret };

describe.each(['http', 'fetch'])('at oidc-provider, over the %s adapter', (adapter) => {
    const create = (issuer = discover(provider.issuer)) =>
        createClientTokenCreator(client, { issuer, client: { adapter } });

    test.each(['', '/tenant', '/a/tenant'])(
        'the endpoints of the issuer at %j are found once, for all',
        async (basePath) => {
            provider = await startOpenidProvider({ basePath });
            const issuer = discover(provider.issuer);
            const options = { issuer, client: { adapter }, ...clientOptions };
            const user = { name: 'admin', password: users.admin.password };
            const [granted] = await Promise.all([
                createUserTokenCreator(user, options)(),
                create(issuer)(),
                create(issuer)(),
            ]);

            expect(await introspectToken(granted.access_token, options)).toMatchObject({ active: true, sub: 'admin' });
            await revokeToken(granted.refresh_token ?? '', options);
            expect(await introspectToken(granted.access_token, options)).toEqual({ active: false });
            expect(provider.discovery.requests).toEqual({ openid: 1, oauth: 0 });
        },
    );

    test.each(['', '/tenant'])('they are found by RFC 8414 alone, at %j', async (basePath) => {
        provider = await startOpenidProvider({ basePath });
        provider.discovery.offers.openid = false;

        expect(await create()()).toMatchObject({ token_type: 'Bearer' });
        expect(provider.discovery.requests).toEqual({ openid: 1, oauth: 1 });
    });

    test('metadata of another issuer are not believed: no credentials are sent', async () => {
        provider = await startOpenidProvider();
        provider.discovery.tamper = (document) => ({ ...document, issuer: 'http://127.0.0.1:1' });

        expect(await failureOf(create()())).toMatchObject({ name: 'TokenResponseError' });
        expect(provider.requests).toHaveLength(0);
    });

    test('an issuer that is spelt otherwise than by its server is not believed', async () => {
        provider = await startOpenidProvider({ basePath: '/tenant' });

        expect(await failureOf(create(discover(`${provider.issuer}/`))())).toMatchObject({
            name: 'TokenResponseError',
        });
        expect(provider.requests).toHaveLength(0);
    });

    test('a server that is out of order is asked again when it is back', async () => {
        provider = await startOpenidProvider();
        const creator = create();
        await provider.stop();
        expect(await failureOf(creator())).toMatchObject({ name: 'TokenError', code: 'network' });
        await provider.restart();
        provider.discovery.failWith({ status: 503, headers: { 'retry-after': '1' } });

        expect(await failureOf(creator())).toMatchObject({ status: 503, retryAfter: 1_000 });
        expect(await creator()).toMatchObject({ token_type: 'Bearer' });
        expect(provider.discovery.requests).toEqual({ openid: 2, oauth: 0 });
    });

    test('an endpoint that has moved is found again', async () => {
        provider = await startOpenidProvider();
        const creator = create();
        provider.discovery.tamper = (document) => ({ ...document, token_endpoint: `${provider.issuer}/before` });
        expect(await failureOf(creator())).toMatchObject({ status: 404 });
        provider.discovery.tamper = (document) => document;

        expect(await creator()).toMatchObject({ token_type: 'Bearer' });
        expect(provider.discovery.requests.openid).toBe(2);
    });
});
