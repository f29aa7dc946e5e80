import axios, { type AxiosInstance } from 'axios';
import { clientCredentials } from 'axios-oauth-client';
import tokenProvider from 'axios-token-interceptor';

interface Grant {
    access_token: string;
    expires_in: number;
}

const headerFormatter = ({ access_token }: Grant): string => `Bearer ${access_token}`;

export function createApi(baseURL: string, tokenEndpoint: string, id: string, secret: string): AxiosInstance {
    const api = axios.create({ baseURL });

    const getGrant = clientCredentials(axios.create(), tokenEndpoint, id, secret) as (scope?: string) => Promise<Grant>;
    const getToken = tokenProvider.tokenCache(() => getGrant(), { getMaxAge: ({ expires_in }) => expires_in * 1000 });
    api.interceptors.request.use(tokenProvider({ getToken, headerFormatter }));

    return api;
}
