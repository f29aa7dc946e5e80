import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';

interface Grant {
    access_token: string;
    refresh_token: string;
}

type Retriable = InternalAxiosRequestConfig & { isRetry?: boolean };

export function createApi(baseURL: string, tokenEndpoint: string, storage: Storage): AxiosInstance {
    const api = axios.create({ baseURL });
    let isRefreshing = false;
    let queue: { resolve: () => void; reject: (error: unknown) => void }[] = [];

    async function refresh(): Promise<void> {
        const refresh_token = storage.getItem('refresh_token') ?? '';
        const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'my-app', refresh_token });
        const { data } = await axios.post<Grant>(tokenEndpoint, form);
        storage.setItem('access_token', data.access_token);
        storage.setItem('refresh_token', data.refresh_token);
    }

    api.interceptors.request.use((config) => {
        config.headers.set('Authorization', `Bearer ${storage.getItem('access_token')}`);
        return config;
    });

    api.interceptors.response.use(undefined, async (error: AxiosError) => {
        const config: Retriable | undefined = error.config;
        if (error.response?.status !== 401 || !config || config.isRetry) throw error;
        config.isRetry = true;
        if (isRefreshing) {
            await new Promise<void>((resolve, reject) => queue.push({ resolve, reject }));
            return api(config);
        }
        isRefreshing = true;
        try {
            await refresh();
            for (const { resolve } of queue) resolve();
        } catch (failure) {
            for (const { reject } of queue) reject(failure);
            throw failure;
        } finally {
            queue = [];
            isRefreshing = false;
        }
        return api(config);
    });

    return api;
}
