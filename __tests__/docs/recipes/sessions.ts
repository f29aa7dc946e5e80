import { readFile, rename, writeFile } from 'node:fs/promises';
import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createRefreshTokenCreator,
    createTokenSource,
    revokeToken,
    type TokenCreator,
    type TokenSource,
} from '../../../src/index.js';
import { withTabs } from '../../../src/tabs/index.js';

export interface App {
    readonly api: AxiosInstance;
    readonly source: TokenSource;
    readonly logIn: (name: string, password: string) => Promise<void>;
    readonly logOut: () => Promise<void>;
}

export function createApp(baseURL: string, auth: string, storage: Storage): App {
    const api = axios.create({ baseURL });
    const session = createRefreshTokenCreator(
        { refreshToken: () => storage.getItem('refresh_token') ?? undefined },
        {
            tokenEndpoint: `${auth}/token`,
            clientId: 'my-app',
            onRefreshToken: ({ refresh_token }) => storage.setItem('refresh_token', String(refresh_token)),
        },
    );
    const { source } = attachTokenCreator(api, withTabs(session, { name: 'my-app' }), {
        appliesTo: ({ url }) => !url?.startsWith('/public/'),
        revoke: ({ refresh_token, access_token }) =>
            revokeToken(refresh_token ?? access_token, { revocationEndpoint: `${auth}/revoke`, clientId: 'my-app' }),
    });

    async function logIn(name: string, password: string): Promise<void> {
        const credentials = { name, password };
        const { data } = await api.post<{ refresh_token: string }>('/login', credentials, { tokenCreator: false });
        source.clear(); // of whoever was here before
        storage.setItem('refresh_token', data.refresh_token);
    }

    function logOut(): Promise<void> {
        storage.removeItem('refresh_token');
        return source.clear({ revoke: true });
    }

    return { api, source, logIn, logOut };
}

export function createApis(creator: TokenCreator, orders: string, billing: string): AxiosInstance[] {
    const source = createTokenSource(creator);
    return [orders, billing].map((baseURL) => {
        const api = axios.create({ baseURL });
        attachTokenCreator(api, source);
        return api;
    });
}

export function sessionInFile(path: string, tokenEndpoint: string): TokenCreator {
    return createRefreshTokenCreator(
        { refreshToken: () => readFile(path, 'utf8') },
        {
            tokenEndpoint,
            clientId: 'my-cli',
            onRefreshToken: ({ refresh_token }) => replaceFile(path, String(refresh_token)),
        },
    );
}

/** Whoever reads the file meanwhile gets all of the old one, or all of the new one. */
export async function replaceFile(path: string, content: string): Promise<void> {
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, content, { mode: 0o600 });
    await rename(unfinished, path);
}
