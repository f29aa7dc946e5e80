import axios, { type AxiosInstance } from 'axios';
import createAuthRefresh, { type AxiosAuthRefreshOptions } from 'axios-auth-refresh';
import { attachTokenCreator } from '../../src/index.js';
import {
    createIssuer,
    failureOf,
    protectedBy,
    refuse,
    useServers,
    type Issuer,
    type Route,
    type TestServer,
} from '../support/servers.js';
import { answering, inOrder, orderAndAdapter } from './orders.js';

const serve = useServers();

interface Scene {
    client: AxiosInstance;
    issuer: Issuer;
    server: TestServer;
    /** How often axios-auth-refresh refreshed. */
    refreshed: () => number;
}

const expired: Route = ({ response }) => {
    response.writeHead(419).end();
};

/** As a refresh of axios-auth-refresh is mostly written. */
const setOwnToken = async ({ response }: { response: { config: { headers: object } } }): Promise<void> => {
    Object.assign(response.config.headers, { Authorization: 'Bearer refreshed' });
};

describe.each(orderAndAdapter)('with axios-auth-refresh, %s, over %s', (order, adapter) => {
    async function arrange(
        route: Route,
        { options, issuer = createIssuer() }: { options?: AxiosAuthRefreshOptions; issuer?: Issuer } = {},
    ): Promise<Scene> {
        const server = await serve(route);
        const client = axios.create({ baseURL: server.url, adapter });
        let calls = 0;
        const refresh = async (): Promise<void> => {
            calls += 1;
        };
        inOrder(
            order,
            () => createAuthRefresh(client, refresh, options),
            () => attachTokenCreator(client, issuer.creator),
        );
        return { client, issuer, server, refreshed: () => calls };
    }

    it('a 401 that another token mends is healed by us; axios-auth-refresh does not see it', async () => {
        const { client, issuer, server, refreshed } = await arrange(answering(refuse));

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect([issuer.created, refreshed()]).toEqual([2, 0]);
    });

    it('many requests that are refused together cost one token, and no refresh', async () => {
        const issuer = createIssuer();
        const { client, refreshed } = await arrange(protectedBy(issuer), { issuer });
        await client.get('/first');
        issuer.revoke();

        const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => client.get(`/${index}`)));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect([issuer.created, refreshed()]).toEqual([2, 0]);
    });

    it('a 401 that stays is refreshed by it as well, once, and sent again through us', async () => {
        const { client, issuer, server, refreshed } = await arrange(refuse);

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-3']);
        expect([issuer.created, refreshed()]).toEqual([3, 1]);
    });

    it('a 401 that stays is sent twice and no more when it is told of other codes', async () => {
        const { client, issuer, server, refreshed } = await arrange(refuse, { options: { statusCodes: [419] } });

        expect((await failureOf(client.get('/me'))).response?.status).toBe(401);

        expect(server.received).toHaveLength(2);
        expect([issuer.created, refreshed()]).toEqual([2, 0]);
    });

    it('a status of its own is refreshed by it alone, and sent again with the same token', async () => {
        const { client, issuer, server, refreshed } = await arrange(answering(expired), {
            options: { statusCodes: [419] },
        });

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
        expect([issuer.created, refreshed()]).toEqual([1, 1]);
    });

    it('an Authorization that it sets itself stays, and we leave the request alone', async () => {
        const issuer = createIssuer();
        const server = await serve(answering(refuse, refuse));
        const client = axios.create({ baseURL: server.url, adapter });
        inOrder(
            order,
            () => createAuthRefresh(client, setOwnToken),
            () => attachTokenCreator(client, issuer.creator),
        );

        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer refreshed']);
        expect(issuer.created).toBe(2);
    });
});
