import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    type TokenCreator,
    type TokenGrantResponse,
} from 'axios-token-creator';

const api: AxiosInstance = axios.create({ baseURL: 'https://api.example.com' });
const options = { client: { baseURL: 'https://auth.example.com' } };

const creators: TokenCreator[] = [
    createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, options),
    createRobotTokenCreator({ id: 'my-robot', secret: 'xxx' }, options),
    createUserTokenCreator({ name: 'me', password: 'xxx' }, { client: api }),
    async () => ({ access_token: 'xxx', token_type: 'Bearer', expires_in: 3600 }),
];

export async function main(creator: TokenCreator): Promise<string> {
    const grant: TokenGrantResponse = await creator();
    const attachment = attachTokenCreator(api, creator);
    await api.get('/x', { tokenCreator: false });
    // @ts-expect-error: true says nothing, there is a token unless a request says otherwise
    await api.get('/x', { tokenCreator: true });
    attachment.detach();
    return grant.access_token;
}

export const all: Promise<string[]> = Promise.all(creators.map(main));
