import axios, { type InternalAxiosRequestConfig } from 'axios';
import { attachTokenCreator, type AuthorizationScheme } from '../../src/index.js';
import { adapters, ok, refuse, useServers } from '../support/servers.js';

const serve = useServers();

describe.each(adapters)('an authorization scheme, over %s', (adapter) => {
    it('gets for each sending a config of its own, with the token in place, on which it may write', async () => {
        const scheme: AuthorizationScheme = {
            type: 'Proof',
            adapter: (send) => (config) => {
                config.headers.set('X-Proof', `of ${String(config.headers.get('Authorization'))}`);
                return send(config);
            },
        };
        let created = 0;
        const server = await serve((exchange) =>
            (exchange.received.headers.authorization === 'Proof token-1' ? refuse : ok)(exchange),
        );
        const client = axios.create({ baseURL: server.url, adapter });
        const captured: InternalAxiosRequestConfig[] = [];
        client.interceptors.request.use((config) => {
            captured.push(config);
            return config;
        });
        const { source } = attachTokenCreator(
            client,
            async () => ({ access_token: `token-${(created += 1)}`, token_type: 'proof' }),
            { scheme },
        );
        await source.getToken();

        const { config } = await client.get('/me');

        expect(server.authorizations).toEqual(['Proof token-1', 'Proof token-2']);
        expect(server.received.map(({ headers }) => headers['x-proof'])).toEqual([
            'of Proof token-1',
            'of Proof token-2',
        ]);
        for (const each of [config, ...captured]) expect(each.headers.has('X-Proof')).toBe(false);
    });
});
