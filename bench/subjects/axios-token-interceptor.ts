import axios from 'axios';
import { clientCredentials } from 'axios-oauth-client';
import tokenProvider from 'axios-token-interceptor';
import type { Subject } from '../subject.js';
import { clientOf, createApi, createFloor, type Grant } from './plain-axios.js';

// README of axios-token-interceptor, "Caching" (`getMaxAge`), and of axios-oauth-client, "Client Credentials grant".

const headerFormatter = ({ access_token }: Grant): string => `Bearer ${access_token}`;

export const axiosTokenInterceptor: Subject = {
    name: 'axios-token-interceptor',
    packages: ['axios-token-interceptor', 'axios-oauth-client', 'axios'],
    http: 'axios',
    create(world) {
        const api = createApi(world);
        const { tokenEndpoint, clientId, clientSecret } = world;
        const getClientCredentials = clientCredentials(
            axios.create(world.axios),
            tokenEndpoint,
            clientId,
            clientSecret,
        ) as () => Promise<Grant>;
        const cache = tokenProvider.tokenCache(() => getClientCredentials(), {
            getMaxAge: ({ expires_in }) => expires_in * 1_000,
        });
        api.interceptors.request.use(tokenProvider({ getToken: cache, headerFormatter }));
        return clientOf(api);
    },
    createFloor,
    entry: `
import { clientCredentials } from 'axios-oauth-client';
import tokenProvider from 'axios-token-interceptor';
globalThis.used = { clientCredentials, tokenProvider };
`,
};
