import axios, { type AxiosInstance } from 'axios';
import { Client, setHeader } from 'hapic';
import {
    attachTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    isAuthupRejection,
    type TokenSource,
} from '../../../../src/index.js';

interface User {
    name: string;
    password: string;
}

export function createApi(baseURL: string, authup: string, user: User): { api: AxiosInstance; source: TokenSource } {
    const api = axios.create({ baseURL });
    const source = createTokenSource(createUserTokenCreator(user, { client: { baseURL: authup } }));
    attachTokenCreator(api, source, { isRejected: isAuthupRejection });
    return { api, source };
}

/** A client of hapic, that of Authup say, which is not axios: it gets the token, but its 401s are not healed. */
export function createHapicClient(baseURL: string, source: TokenSource): Client {
    const client = new Client({ baseURL });
    client.on('request', async (options) => {
        options.headers ??= {};
        const { value } = await source.getToken();
        setHeader(options.headers, 'authorization', `Bearer ${value}`);
        return options;
    });
    return client;
}
