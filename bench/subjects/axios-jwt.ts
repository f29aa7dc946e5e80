import { applyAuthTokenInterceptor, setAuthTokens, type StorageType } from 'axios-jwt';
import type { Subject } from '../subject.js';
import { clientOf, createApi, createFloor, createGrantRequest } from './plain-axios.js';

// README, "Applying the interceptor", with a storage of one's own ("it has to comply with type StorageType"), since Node
// 20 has no `localStorage`. It attaches nothing unless its storage has a refresh token, which a grant for client
// credentials does not need: a placeholder stands there, beside an access token that is not there yet, so that the first
// request gets one as it would get the next one. Its tokens must be JWTs with an `exp`.
//
// Storage, leeway and the renewal under way are variables of the module: clients made later take over those before.

function createStorage(): StorageType {
    const items = new Map<string, string>();
    return {
        get: async (key) => items.get(key) ?? null,
        set: async (key, value) => void items.set(key, value),
        remove: async (key) => void items.delete(key),
    };
}

// Seconds. With tokens that live for less, each request would get another one.
const DEFAULT_LEEWAY = 10;

export const axiosJwt: Subject = {
    name: 'axios-jwt',
    packages: ['axios-jwt', 'axios'],
    http: 'axios',
    async create(world) {
        const api = createApi(world);
        const requestGrant = createGrantRequest(world);
        const storage = createStorage();
        applyAuthTokenInterceptor(api, {
            requestRefresh: async () => (await requestGrant()).access_token,
            getStorage: () => storage,
            tokenExpireFudge: Math.min(DEFAULT_LEEWAY, world.lifetime / 10),
        });
        await setAuthTokens({ accessToken: '', refreshToken: 'client credentials need none' });
        return clientOf(api);
    },
    createFloor,
    // With the request for a grant, which is left to its user.
    entry: `
import { applyAuthTokenInterceptor, setAuthTokens } from 'axios-jwt';
import { createGrantRequest } from './bench/subjects/plain-axios.js';
globalThis.used = { applyAuthTokenInterceptor, createGrantRequest, setAuthTokens };
`,
};
