import { ClientAuthenticationHook } from '@authup/core-http-kit';
import { Client } from 'hapic';

interface User {
    name: string;
    password: string;
}

export function createApi(
    baseURL: string,
    authup: string,
    user: User,
): { api: Client; hook: ClientAuthenticationHook } {
    const api = new Client({ baseURL });
    const hook = new ClientAuthenticationHook({ baseURL: authup, tokenCreator: { type: 'user', ...user } });
    hook.attach(api);
    return { api, hook };
}
