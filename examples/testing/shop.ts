import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, TokenError, type TokenCreator, type TokenSourceOptions } from '../../src/index.js';

export interface Shop {
    readonly api: AxiosInstance;
    readonly order: (id: number) => Promise<unknown>;
    readonly logOut: () => void;
}

export function createShop(baseURL: string, creator: TokenCreator, options: TokenSourceOptions = {}): Shop {
    const api = axios.create({ baseURL });
    const { source } = attachTokenCreator(api, creator, options);

    async function order(id: number): Promise<unknown> {
        try {
            return (await api.get<unknown>(`/api/orders/${id}`)).data;
        } catch (error) {
            if (error instanceof TokenError) return 'not now';
            throw error;
        }
    }

    return { api, order, logOut: () => source.clear() };
}
