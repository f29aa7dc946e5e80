import axios from 'axios';
import { attachTokenCreator, createTokenSource, type TokenGrantResponse } from '../../src/index.js';
import { settled } from '../support/deferred.js';

/** What the model found, each as the rule that it broke. */
describe('found by the model', () => {
    it('a request that waits for a token is not sent with it when another who waits clears the source first', async () => {
        let grant!: (answer: TokenGrantResponse) => void;
        const source = createTokenSource(() => new Promise((resolve) => (grant = resolve)));
        const sent: unknown[] = [];
        const client = axios.create({
            baseURL: 'https://api.example',
            adapter(config) {
                sent.push(config.headers.get('Authorization'));
                return Promise.resolve({ status: 200, statusText: '', headers: {}, config, data: '' });
            },
        });
        attachTokenCreator(client, source);
        const loggedOut = source.getToken().then(() => source.clear());
        const outcome = client.get('/me').then(
            () => 'sent',
            (error: { code?: string }) => error.code,
        );
        await settled();
        grant({ access_token: 'outdated', token_type: 'Bearer' });
        await loggedOut;
        expect([await outcome, sent]).toEqual(['cleared', []]);
    });
});
