import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createClientTokenCreator } from '../../../../src/index.js';

export function createApi(baseURL: string, tokenEndpoint: string, id: string, secret: string): AxiosInstance {
    const api = axios.create({ baseURL });
    attachTokenCreator(api, createClientTokenCreator({ id, secret }, { tokenEndpoint }));
    return api;
}
