import { ClientAuthenticationHook, Client as AuthupClient } from '@authup/core-http-kit';
import { Client } from 'hapic';
import type { Subject } from '../subject.js';
import { limitConnections } from './plain-fetch.js';

// README of hapic, "Usage"; Authup's ClientAuthenticationHook by the comments of its options, as there is no page on it.
// Its `tokenCreator` is a function here: the ones built in know users and robots, not clients. Authup's own client asks
// for the token, at `token` relative to its base. The first token is got by a 401, as any other.

export const authupCoreHttpKit: Subject = {
    name: '@authup/core-http-kit',
    packages: ['@authup/core-http-kit', 'hapic'],
    http: 'own',
    create(world) {
        const { baseURL, tokenEndpoint, clientId, clientSecret } = world;
        limitConnections(world);
        const authup = new AuthupClient({ baseURL: new URL('.', tokenEndpoint).href });
        const credentials = { client_id: clientId, client_secret: clientSecret };
        const api = new Client({ baseURL });
        const authentication = new ClientAuthenticationHook({
            tokenCreator: () => authup.token.createWithClientCredentials(credentials),
        });
        authentication.attach(api);
        return {
            get: (path) => api.get(path).then(({ status }) => status),
            close: () => authentication.clearTimer(),
        };
    },
    createFloor(world, token) {
        limitConnections(world);
        const api = new Client({ baseURL: world.baseURL });
        api.setAuthorizationHeader({ type: 'Bearer', token });
        return { get: (path) => api.get(path).then(({ status }) => status) };
    },
    entry: `
import { Client as AuthupClient, ClientAuthenticationHook } from '@authup/core-http-kit';
import { Client } from 'hapic';
globalThis.used = { AuthupClient, Client, ClientAuthenticationHook };
`,
};
