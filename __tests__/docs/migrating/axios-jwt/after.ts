import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createRefreshTokenCreator, type TokenAttachment } from '../../../../src/index.js';

export interface Session {
    /** Axios with the token of the user. */
    readonly api: AxiosInstance;
    /** Log out: `attachment.source.clear()`, and `storage.remove('refresh_token')`. */
    readonly attachment: TokenAttachment;
}

/** What `axios-jwt` calls a `StorageType`; yours can stay. */
export interface SessionStorage {
    get(key: string): Promise<string | null>;
    set(key: string, value: string): Promise<void>;
    remove(key: string): Promise<void>;
}

export function createSession(baseURL: string, tokenEndpoint: string, storage: SessionStorage): Session {
    const api = axios.create({ baseURL });
    const creator = createRefreshTokenCreator(
        { refreshToken: async () => (await storage.get('refresh_token')) ?? undefined },
        {
            tokenEndpoint,
            clientId: 'my-app',
            onRefreshToken: ({ refresh_token }) => storage.set('refresh_token', String(refresh_token)),
        },
    );
    return { api, attachment: attachTokenCreator(api, creator) };
}

export async function onLogin(
    { refresh_token }: { refresh_token: string },
    { attachment }: Session,
    storage: SessionStorage,
): Promise<void> {
    attachment.source.clear(); // what was held before, or failed
    await storage.set('refresh_token', refresh_token);
}
