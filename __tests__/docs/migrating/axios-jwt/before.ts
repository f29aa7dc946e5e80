import axios, { type AxiosInstance } from 'axios';
import { applyAuthTokenInterceptor, setAuthTokens, type StorageType, type TokenRefreshRequest } from 'axios-jwt';

interface Grant {
    access_token: string;
    refresh_token: string;
}

export function createApi(baseURL: string, tokenEndpoint: string, storage: StorageType): AxiosInstance {
    const api = axios.create({ baseURL });

    const requestRefresh: TokenRefreshRequest = async (refresh_token) => {
        const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'my-app', refresh_token });
        const { data } = await axios.post<Grant>(tokenEndpoint, form);
        return { accessToken: data.access_token, refreshToken: data.refresh_token };
    };
    applyAuthTokenInterceptor(api, { requestRefresh, getStorage: () => storage });

    return api;
}

export function onLogin({ access_token, refresh_token }: Grant): Promise<void> {
    return setAuthTokens({ accessToken: access_token, refreshToken: refresh_token });
}
