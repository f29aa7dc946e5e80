import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import type { GetTokenOptions, TokenCredential } from '@azure/core-auth';
import axios from 'axios';
import { JWT, OAuth2Client } from 'google-auth-library';
import { sendJson, useServers } from '../../support/servers.js';
import { differences, SAME } from '../excerpts.js';
import { fromAzureCredential, fromGoogleClient } from './other-libraries.js';
import { attached, serveApi, serveTokens, type TokenServer } from './stage.js';

const serve = useServers();

it('docs/recipes/other-libraries.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/other-libraries.md', ['recipes/other-libraries.ts'])).toEqual(SAME);
});

const answer = (_: unknown, index: number) => ({
    access_token: `access-${index}`,
    expires_in: 3599,
    token_type: 'Bearer',
});

/** As those of `@azure/identity` ask Entra for tokens; they keep what they get until it expires. */
function credentialAt({ url }: TokenServer): TokenCredential & { readonly asked: GetTokenOptions[] } {
    const asked: GetTokenOptions[] = [];
    return {
        asked,
        async getToken(scopes, options = {}) {
            asked.push(options);
            const form = new URLSearchParams({ grant_type: 'client_credentials', scope: String(scopes) });
            if (options.claims) form.set('claims', options.claims);
            const { data } = await axios.post<{ access_token: string; expires_in: number }>(`${url}/token`, form);
            return { token: data.access_token, expiresOnTimestamp: Date.now() + data.expires_in * 1000 };
        },
    };
}

describe('a TokenCredential', () => {
    it('gives its token, with the lifetime that is left', async () => {
        const entra = await serveTokens(serve, '/token', answer);
        const { client, source } = attached(
            await serveApi(serve),
            fromAzureCredential(credentialAt(entra), 'api://orders/.default'),
        );

        const answers = await Promise.all(Array.from({ length: 5 }, () => client.get<unknown>('/orders')));

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
        expect(entra.forms).toEqual([{ grant_type: 'client_credentials', scope: 'api://orders/.default' }]);
        const left = Number(source.current()?.expiresAt) - Date.now();
        expect(left / 1000).toBeGreaterThan(3500);
        expect(left / 1000).toBeLessThanOrEqual(3599);
    });

    it('is asked for the scope that a request names', async () => {
        const entra = await serveTokens(serve, '/token', answer);
        const { client } = attached(await serveApi(serve), fromAzureCredential(credentialAt(entra), 'one'));

        await client.get('/orders', { tokenCreator: { scope: 'another' } });

        expect(entra.forms.map(({ scope }) => scope)).toEqual(['another']);
    });

    it('is asked for the claims that an API wants, for that request', async () => {
        const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: '1604106651' } } });
        const entra = await serveTokens(serve, '/token', answer);
        const credential = credentialAt(entra);
        const api = await serve((exchange) => {
            if (exchange.received.headers.authorization === 'Bearer access-2') return sendJson(exchange, 200, {});
            const encoded = Buffer.from(claims).toString('base64');
            exchange.response.setHeader(
                'www-authenticate',
                `Bearer realm="", authorization_uri="${entra.url}/authorize", error="insufficient_claims", claims="${encoded}"`,
            );
            return sendJson(exchange, 401, {});
        });
        const { client } = attached(api, fromAzureCredential(credential, 'api://orders/.default'));

        expect((await client.get('/orders')).status).toBe(200);
        expect(credential.asked.map((options) => options.claims)).toEqual([undefined, claims]);
    });
});

async function startGoogle(serveAnswer: Parameters<typeof serveTokens>[2]) {
    const google = await serveTokens(serve, '/token', serveAnswer);
    const endpoints = { oauth2TokenUrl: `${google.url}/token` };
    // Its own way to fetch is an import at run time, which CommonJS under jest does not have.
    const transporterOptions = { fetchImplementation: fetch };
    const client = new OAuth2Client({
        clientId: 'my-client',
        clientSecret: 'my-secret',
        endpoints,
        transporterOptions,
    });
    client.setCredentials({ refresh_token: 'the-refresh-token' });
    return { google, creator: fromGoogleClient(client) };
}

describe('a client of google-auth-library', () => {
    it('gives its token, with the lifetime that is left', async () => {
        const { google, creator } = await startGoogle(answer);
        const { client, source } = attached(await serveApi(serve), creator);

        expect((await client.get('/me')).status).toBe(200);
        expect(google.forms).toEqual([
            {
                grant_type: 'refresh_token',
                refresh_token: 'the-refresh-token',
                client_id: 'my-client',
                client_secret: 'my-secret',
            },
        ]);
        const left = (Number(source.current()?.expiresAt) - Date.now()) / 1000;
        expect(left).toBeGreaterThan(3500);
        expect(left).toBeLessThanOrEqual(3599);
    });

    it('gives another one for one that was refused, although its own has not expired', async () => {
        const { google, creator } = await startGoogle(answer);
        const { client } = attached(await serveApi(serve, (token) => token === 'access-2'), creator);

        expect((await client.get('/me')).status).toBe(200);
        expect(google.forms.map(({ refresh_token }) => refresh_token)).toEqual([
            'the-refresh-token',
            'the-refresh-token',
        ]);
    });

    it('of a service account signs another assertion for a token that was refused', async () => {
        const google = await serveTokens(serve, '/token', answer);
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const account = new JWT({
            email: 'robot@project.example',
            key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
            scopes: ['https://www.googleapis.com/auth/calendar'],
            // The address of its token endpoint is fixed.
            transporterOptions: { fetchImplementation: (_, init) => fetch(`${google.url}/token`, init) },
        });
        const api = await serveApi(serve, (token) => token === 'access-2');
        const { client, source } = attached(api, fromGoogleClient(account));

        expect((await client.get('/me')).status).toBe(200);
        expect(google.forms.map(({ grant_type }) => grant_type)).toEqual(
            Array(2).fill('urn:ietf:params:oauth:grant-type:jwt-bearer'),
        );
        expect((Number(source.current()?.expiresAt) - Date.now()) / 1000).toBeGreaterThan(3500);
    });

    it('that is refused gives an error in which no credentials are', async () => {
        const { creator } = await startGoogle(() => ({
            error: 'invalid_grant',
            error_description: 'Token has been revoked',
        }));
        const { client } = attached(await serveApi(serve), creator);

        const error: unknown = await client.get('/me').catch((reason: unknown) => reason);

        expect(error).toMatchObject({ message: expect.stringContaining('invalid_grant') as string, status: 400 });
        expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/the-refresh-token|my-secret/);
    });
});
