import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import type { Subject } from '../subject.js';
import { limitConnections } from './plain-fetch.js';

// README, "Fetch Wrapper", with `client.clientCredentials()` for `getNewToken`, and `client_secret_post`, which "we
// recommend" for servers that support it. The answer is read to its end, as fetch's connections ask for.

async function statusOf(sent: Promise<Response>): Promise<number> {
    const response = await sent;
    await response.text();
    return response.status;
}

export const badgatewayOAuth2Client: Subject = {
    name: '@badgateway/oauth2-client',
    packages: ['@badgateway/oauth2-client'],
    http: 'own',
    create(world) {
        const { baseURL, tokenEndpoint, clientId, clientSecret } = world;
        limitConnections(world);
        const client = new OAuth2Client({
            tokenEndpoint,
            clientId,
            clientSecret,
            authenticationMethod: 'client_secret_post',
        });
        const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
        return {
            get: (path) => statusOf(wrapper.fetch(baseURL + path)),
            // A timer that renews the token in time; there is no other way to stop it.
            close: () => clearTimeout(wrapper['refreshTimer'] as NodeJS.Timeout | undefined),
        };
    },
    createFloor(world, token) {
        limitConnections(world);
        const headers = { Authorization: `Bearer ${token}` };
        return { get: (path) => statusOf(fetch(world.baseURL + path, { headers })) };
    },
    entry: `
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
globalThis.used = { OAuth2Client, OAuth2Fetch };
`,
};
