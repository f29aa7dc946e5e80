import type { AxiosError } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import type { Subject } from '../subject.js';
import { clientOf, createApi, createFloor, createGrantRequest } from './plain-axios.js';

// README, "Usage" and "Request interceptor", with its options left at their defaults, of which it calls
// `deduplicateRefresh: true` "the recommended behavior for most applications". The token is kept in a variable instead of
// `localStorage`, which Node 20 lacks. It gets its first token as it gets any other, by a 401: before, the interceptor
// sends `Bearer null`, as that of the README does.
//
// Of requests that meet a 401 together, the first one is sent again and the others end in their 401: while a refresh is
// under way, that option lets new requests wait, but not those refused. With `deduplicateRefresh: false` none is lost.

export const axiosAuthRefresh: Subject = {
    name: 'axios-auth-refresh',
    packages: ['axios-auth-refresh', 'axios'],
    http: 'axios',
    create(world) {
        const api = createApi(world);
        const requestGrant = createGrantRequest(world);
        let token: string | null = null;
        const getAccessToken = (): string | null => token;

        api.interceptors.request.use((request) => {
            request.headers['Authorization'] = `Bearer ${getAccessToken()}`;
            return request;
        });

        createAuthRefresh(api, async (failedRequest: AxiosError) => {
            const { access_token } = await requestGrant();
            token = access_token;
            failedRequest.response?.config.headers.set('Authorization', `Bearer ${access_token}`);
        });
        return clientOf(api);
    },
    createFloor,
    // With the request for a grant, which is left to its user.
    entry: `
import { createAuthRefresh } from 'axios-auth-refresh';
import { createGrantRequest } from './bench/subjects/plain-axios.js';
globalThis.used = { createAuthRefresh, createGrantRequest };
`,
};
