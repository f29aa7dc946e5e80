import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createRefreshTokenCreator } from '../../../../src/index.js';

export function createApi(baseURL: string, tokenEndpoint: string, storage: Storage): AxiosInstance {
    const api = axios.create({ baseURL });

    const creator = createRefreshTokenCreator(
        { refreshToken: () => storage.getItem('refresh_token') ?? undefined },
        {
            tokenEndpoint,
            clientId: 'my-app',
            onRefreshToken: ({ refresh_token }) => storage.setItem('refresh_token', String(refresh_token)),
        },
    );
    attachTokenCreator(api, creator);

    return api;
}
