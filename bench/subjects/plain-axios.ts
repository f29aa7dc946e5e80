import axios, { type AxiosInstance } from 'axios';
import type { Client, World } from '../subject.js';

/** What a token endpoint answers. */
export interface Grant {
    readonly access_token: string;
    readonly expires_in: number;
    readonly refresh_token?: string;
}

/** An instance without a token, for the API. */
export const createApi = ({ axios: config, baseURL }: World): AxiosInstance => axios.create({ ...config, baseURL });

export const clientOf = (api: AxiosInstance): Client => ({
    get: (path) => api.get<unknown>(path).then(({ status }) => status),
});

export const createFloor = ({ axios: config, baseURL }: World, token: string): Client =>
    clientOf(axios.create({ ...config, baseURL, headers: { Authorization: `Bearer ${token}` } }));

/** Asks for a grant as an app does that has no library for it: by an instance which nothing is attached to. */
export function createGrantRequest({ axios: config, tokenEndpoint, clientId, clientSecret }: World) {
    const auth = axios.create(config);
    return async (): Promise<Grant> => {
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
        const { data } = await auth.post<Grant>(tokenEndpoint, new URLSearchParams(form));
        return data;
    };
}
