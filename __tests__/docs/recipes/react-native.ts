import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createRefreshTokenCreator, type TokenSource } from '../../../src/index.js';

/** `AsyncStorage`, or rather one that encrypts: `expo-secure-store` and `react-native-keychain` wrap the system's. */
export interface AsyncStorage {
    readonly getItem: (key: string) => Promise<string | null>;
    readonly setItem: (key: string, value: string) => Promise<void>;
    readonly removeItem: (key: string) => Promise<void>;
}

export interface App {
    readonly api: AxiosInstance;
    readonly source: TokenSource;
    readonly logOut: () => Promise<void>;
}

export function createApp(baseURL: string, tokenEndpoint: string, storage: AsyncStorage): App {
    const api = axios.create({ baseURL });
    const creator = createRefreshTokenCreator(
        { refreshToken: async () => (await storage.getItem('refresh_token')) ?? undefined },
        {
            tokenEndpoint,
            clientId: 'my-app',
            onRefreshToken: ({ refresh_token }) => storage.setItem('refresh_token', String(refresh_token)),
        },
    );
    const { source } = attachTokenCreator(api, creator);

    async function logOut(): Promise<void> {
        await storage.removeItem('refresh_token');
        source.clear();
    }

    return { api, source, logOut };
}
