import axios, { type AxiosInstance } from 'axios';
import { createAuthRefresh, type AxiosAuthRefreshOptions } from 'axios-auth-refresh';

interface Grant {
    access_token: string;
    refresh_token: string;
}

export function createApi(
    baseURL: string,
    tokenEndpoint: string,
    storage: Storage,
    options: AxiosAuthRefreshOptions = {},
): AxiosInstance {
    const api = axios.create({ baseURL });

    api.interceptors.request.use((config) => {
        config.headers.set('Authorization', `Bearer ${storage.getItem('access_token')}`);
        return config;
    });

    const renew = async (): Promise<void> => {
        const refresh_token = storage.getItem('refresh_token') ?? '';
        const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'my-app', refresh_token });
        const { data } = await axios.post<Grant>(tokenEndpoint, form);
        storage.setItem('access_token', data.access_token);
        storage.setItem('refresh_token', data.refresh_token);
    };
    createAuthRefresh(api, renew, options);

    return api;
}
