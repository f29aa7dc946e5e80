import { gaxios, UserRefreshClient } from 'google-auth-library';
import type { Subject, World } from '../subject.js';

// README, "OAuth2": an OAuth2Client that has a refresh token gets its access tokens by itself. UserRefreshClient is the
// one for a refresh token that stands in a file of credentials. Choices:
// - It knows no client credentials of OAuth, so that it is given a refresh token. A `refreshHandler` could ask for them,
//   but is called once per request that waits, where refreshes by a refresh token are shared.
// - `endpoints` leads it to the token endpoint, `forceRefreshOnFailure` lets it heal 401s of tokens whose expiry it knows.
// - Token requests are retried three times, as it does by default.

// Milliseconds. With tokens that live for less, each request would get another one.
const DEFAULT_LEEWAY = 300_000;

const transporterOptions = ({ axios }: World): gaxios.GaxiosOptions => ({
    agent: axios.httpAgent as gaxios.GaxiosOptions['agent'],
});

export const googleAuthLibrary: Subject = {
    name: 'google-auth-library',
    packages: ['google-auth-library'],
    http: 'own',
    create(world) {
        const { baseURL, tokenEndpoint, clientId, clientSecret } = world;
        const client = new UserRefreshClient({
            clientId,
            clientSecret,
            refreshToken: 'refresh-token',
            endpoints: { oauth2TokenUrl: tokenEndpoint },
            forceRefreshOnFailure: true,
            eagerRefreshThresholdMillis: Math.min(DEFAULT_LEEWAY, world.lifetime * 100),
            transporterOptions: transporterOptions(world),
        });
        return { get: (path) => client.request({ url: baseURL + path }).then(({ status }) => status) };
    },
    createFloor(world, token) {
        const client = new gaxios.Gaxios(transporterOptions(world));
        const headers = { Authorization: `Bearer ${token}` };
        return { get: (path) => client.request({ url: world.baseURL + path, headers }).then(({ status }) => status) };
    },
    entry: `
import { UserRefreshClient } from 'google-auth-library';
globalThis.used = { UserRefreshClient };
`,
};
