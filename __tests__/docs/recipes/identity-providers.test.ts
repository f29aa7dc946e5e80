import { sendJson, useServers } from '../../support/servers.js';
import { differences, SAME } from '../excerpts.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { attached, serveApi, serveTokens } from './stage.js';
import {
    auth0Machine,
    cognitoSession,
    entraCode,
    entraMachine,
    keycloakClient,
    keycloakUser,
} from './identity-providers.js';

const serve = useServers();

it('docs/recipes/identity-providers.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/identity-providers.md', ['recipes/identity-providers.ts'])).toEqual(SAME);
});

describe('a Cognito session', () => {
    it('is renewed with the one refresh token, which no answer replaces', async () => {
        const valid = new Set<string>();
        const cognito = await serveTokens(serve, '/oauth2/token', (_, index) => {
            valid.add(`access-${index}`);
            return { access_token: `access-${index}`, id_token: 'id', token_type: 'Bearer', expires_in: 3600 };
        });
        const storage = memoryStorage();
        storage.setItem('refresh_token', 'the-only-one');
        const api = await serveApi(serve, (token) => valid.has(String(token)));
        const { client } = attached(api, cognitoSession(cognito.url, 'app', storage));

        for (let index = 0; index < 3; index += 1) {
            await client.get('/me');
            valid.clear();
        }

        const form = { grant_type: 'refresh_token', refresh_token: 'the-only-one', client_id: 'app' };
        expect(cognito.forms).toEqual([form, form, form]);
        expect(storage.getItem('refresh_token')).toBe('the-only-one');
    });

    it('is renewed with the newest one where the pool rotates them, and that one is kept', async () => {
        const cognito = await serveTokens(serve, '/oauth2/token', (_, index) => ({
            access_token: `access-${index}`,
            refresh_token: `refresh-${index}`,
            token_type: 'Bearer',
        }));
        const storage = memoryStorage();
        storage.setItem('refresh_token', 'first');
        const api = await serveApi(serve, (token) => token !== 'access-1');
        const { client } = attached(api, cognitoSession(cognito.url, 'app', storage));

        await client.get('/me');

        expect(cognito.forms.map(({ refresh_token }) => refresh_token)).toEqual(['first', 'refresh-1']);
        expect(storage.getItem('refresh_token')).toBe('refresh-2');
    });
});

it('an Auth0 machine asks for its audience', async () => {
    const auth0 = await serveTokens(serve, '/oauth/token', ({ audience }) =>
        audience === 'https://orders.example'
            ? { access_token: 'access-1', scope: 'read:orders', expires_in: 86_400, token_type: 'Bearer' }
            : { status: 403, error: 'access_denied', error_description: 'No audience parameter was provided' },
    );
    const creator = auth0Machine(auth0.url, 'm2m', 'secret', 'https://orders.example');
    const { client } = attached(await serveApi(serve), creator);

    expect((await client.get('/orders')).status).toBe(200);
    expect(auth0.forms).toEqual([
        {
            grant_type: 'client_credentials',
            client_id: 'm2m',
            client_secret: 'secret',
            audience: 'https://orders.example',
        },
    ]);
});

describe('Keycloak', () => {
    const tokenPath = '/realms/demo/protocol/openid-connect/token';

    it('has its endpoint found by the realm', async () => {
        const keycloak = await serve((exchange) => {
            const { url, headers } = exchange.received;
            const realm = `http://${headers.host}/realms/demo`;
            if (url === '/realms/demo/.well-known/openid-configuration')
                return sendJson(exchange, 200, { issuer: realm, token_endpoint: `http://${headers.host}${tokenPath}` });
            return sendJson(exchange, url === tokenPath ? 200 : 404, {
                access_token: 'access-1',
                token_type: 'Bearer',
            });
        });
        const { client } = attached(await serveApi(serve), keycloakClient(keycloak.url, 'demo', 'service', 'secret'));

        expect((await client.get('/me')).status).toBe(200);
        expect(keycloak.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
            'GET /realms/demo/.well-known/openid-configuration',
            `POST ${tokenPath}`,
        ]);
        expect(Object.fromEntries(new URLSearchParams(String(keycloak.received[1]?.body)))).toEqual({
            grant_type: 'client_credentials',
            client_id: 'service',
            client_secret: 'secret',
        });
    });

    it('gets the password once, then each refresh token once, and the password again when the session is over', async () => {
        let isOver = false;
        let newest = '';
        const valid = new Set<string>();
        const keycloak = await serveTokens(serve, tokenPath, ({ grant_type, refresh_token }, index) => {
            if (grant_type === 'refresh_token' && (isOver || refresh_token !== newest))
                return { error: 'invalid_grant', error_description: 'Token is not active' };
            newest = `refresh-${index}`;
            valid.clear();
            valid.add(`access-${index}`);
            const lifetimes = { expires_in: 300, refresh_expires_in: 1800 };
            return { access_token: `access-${index}`, refresh_token: newest, token_type: 'Bearer', ...lifetimes };
        });
        const api = await serveApi(serve, (token) => valid.has(String(token)));
        const creator = keycloakUser(`${keycloak.url}/realms/demo`, 'app', 'alice', 'password');
        const { client } = attached(api, creator);
        const visit = async (): Promise<void> => {
            await Promise.all([client.get('/me'), client.get('/orders')]);
            valid.clear();
        };

        await visit();
        await visit();
        await visit();
        isOver = true;
        await visit();

        const password = { grant_type: 'password', client_id: 'app', username: 'alice', password: 'password' };
        const refresh = { grant_type: 'refresh_token', client_id: 'app' };
        expect(keycloak.forms).toEqual([
            password,
            { ...refresh, refresh_token: 'refresh-1' },
            { ...refresh, refresh_token: 'refresh-2' },
            { ...refresh, refresh_token: 'refresh-3' },
            password,
        ]);
    });
});

describe('a machine at Entra', () => {
    it('asks its tenant for the default scope of the API', async () => {
        const entra = await serveTokens(serve, '/contoso/oauth2/v2.0/token', () => ({
            token_type: 'Bearer',
            expires_in: 3599,
            ext_expires_in: 3599,
            access_token: 'access-1',
        }));
        const creator = entraMachine(entra.url, 'contoso', 'app-id', 'secret', 'api://orders');
        const { client } = attached(await serveApi(serve), creator);

        expect((await client.get('/orders')).status).toBe(200);
        expect(entra.forms).toEqual([
            {
                grant_type: 'client_credentials',
                client_id: 'app-id',
                client_secret: 'secret',
                scope: 'api://orders/.default',
            },
        ]);
    });

    it('is told why it was refused, by the code in the description', async () => {
        const entra = await serveTokens(serve, '/contoso/oauth2/v2.0/token', () => ({
            status: 401,
            error: 'invalid_client',
            error_description:
                "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'app-id'. Trace ID: 0 Correlation ID: 0 Timestamp: 2026-11-23 12:00:00Z",
            error_codes: [7_000_215],
        }));
        const creator = entraMachine(entra.url, 'contoso', 'app-id', 'wrong-secret', 'api://orders');
        const { client } = attached(await serveApi(serve), creator);

        const error: unknown = await client.get('/orders').catch((reason: unknown) => reason);

        expect(entraCode(error)).toBe('AADSTS7000215');
        expect(error).toMatchObject({ status: 401, error: 'invalid_client' });
        expect(entraCode(new Error('AADSTS1'))).toBeUndefined();
    });
});
