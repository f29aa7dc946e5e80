import axios, { type AxiosAdapter, type AxiosError, type InternalAxiosRequestConfig } from 'axios';
import type { Client } from '../subject.js';
import type { MeasuredWorld } from '../worlds/world.js';

/**
 * A client of axios whose requests wait for one token that all share, and are sent once more where it is refused. It does
 * nothing else of what a user needs: what is measured with it shows how fast that could be.
 */
export function openGate({ axios: defaults, baseURL, tokenEndpoint }: MeasuredWorld): Client {
    const client = axios.create({ ...defaults, baseURL });
    const endpoint = axios.create(defaults);
    let grant: Promise<string> | undefined;
    const create = async (): Promise<string> => {
        const { data } = await endpoint.post<{ access_token: string }>(tokenEndpoint);
        return `Bearer ${data.access_token}`;
    };
    const sendWithGrant = (send: AxiosAdapter, config: InternalAxiosRequestConfig, isLast: boolean) => {
        const used = (grant ??= create());
        const sendAgain = () => {
            if (grant === used) grant = undefined;
            return sendWithGrant(send, config, true);
        };
        return used.then((authorization): ReturnType<AxiosAdapter> => {
            config.headers['Authorization'] = authorization;
            if (isLast) return send(config);
            return send(config).then(
                (response) => (response.status === 401 ? sendAgain() : response),
                (error: AxiosError) => (error.response?.status === 401 ? sendAgain() : Promise.reject(error)),
            );
        });
    };
    const authorize = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
        const send = axios.getAdapter(config.adapter);
        config.adapter = (sent) => sendWithGrant(send, sent, false);
        return config;
    };
    client.interceptors.request.use(authorize, undefined, { synchronous: true });
    return { get: async (path) => (await client.get(path)).status };
}
