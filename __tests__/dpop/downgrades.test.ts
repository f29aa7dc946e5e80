import axios from 'axios';
import { attachTokenCreator, createClientTokenCreator, type TokenCreator } from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { createBoundIssuer } from '../support/proofs.js';
import { failureOf, ok, sendJson, useServers } from '../support/servers.js';

const serve = useServers();

const client = { id: 'client', secret: 'canary-secret' };

async function arrange(answer: object) {
    const api = await serve(ok);
    const auth = await serve((exchange) => sendJson(exchange, 200, answer));
    return { api, auth, instance: axios.create({ baseURL: api.url }), options: { client: { baseURL: auth.url } } };
}

describe('a token that is not bound is refused, and nothing is sent with it', () => {
    it.each([
        ['of type Bearer', { token_type: 'Bearer' }],
        ['of type bearer', { token_type: 'bearer' }],
        ['of no type', {}],
        ['of an empty type', { token_type: '' }],
        ['of an unknown type', { token_type: 'mac' }],
        ['of a type that begins alike', { token_type: 'DPoP-like' }],
    ])('%s', async (_name, answer) => {
        const { api, auth, instance, options } = await arrange({ access_token: 'token-1', ...answer });
        const scheme = dpop();
        attachTokenCreator(instance, createClientTokenCreator(client, { ...options, scheme }), { scheme });

        const error = await failureOf(instance.get('/me'));

        expect(error).toMatchObject({ code: 'response', message: 'the token_type is not DPoP' });
        expect([auth.received.length, api.received.length]).toEqual([1, 0]);
    });

    it('of type dpop, whatever its case, is taken', async () => {
        const { api, instance, options } = await arrange({ access_token: 'token-1', token_type: 'dpop' });
        const scheme = dpop();
        attachTokenCreator(instance, createClientTokenCreator(client, { ...options, scheme }), { scheme });

        await instance.get('/me');

        expect(api.authorizations).toEqual(['DPoP token-1']);
    });

    it('when only the source has the scheme', async () => {
        const { api, auth, instance, options } = await arrange({ access_token: 'token-1', token_type: 'Bearer' });
        attachTokenCreator(instance, createClientTokenCreator(client, options), { scheme: dpop() });

        expect(await failureOf(instance.get('/me'))).toMatchObject({ code: 'response' });

        expect(auth.received[0]?.headers['dpop']).toBeUndefined();
        expect(api.received).toHaveLength(0);
    });

    it('when only the creator has the scheme: a bound token is not sent as Bearer', async () => {
        const { api, instance, options } = await arrange({ access_token: 'token-1', token_type: 'DPoP' });
        attachTokenCreator(instance, createClientTokenCreator(client, { ...options, scheme: dpop() }));

        const error = await failureOf(instance.get('/me'));

        expect(error).toMatchObject({ code: 'response', message: 'the token_type is not Bearer' });
        expect(api.received).toHaveLength(0);
    });

    it('also when a token is renewed', async () => {
        const issuer = createBoundIssuer();
        const api = await serve((exchange) => sendJson(exchange, 401, {}));
        const instance = axios.create({ baseURL: api.url });
        let created = 0;
        const creator: TokenCreator = async () => {
            created += 1;
            return created === 1 ? issuer.creator() : { access_token: 'plain', token_type: 'Bearer' };
        };
        attachTokenCreator(instance, creator, { scheme: dpop() });

        expect(await failureOf(instance.get('/me'))).toMatchObject({ code: 'response' });

        expect(api.authorizations).toEqual(['DPoP token-1']);
    });

    it('a challenge for Bearer does not change the scheme', async () => {
        const issuer = createBoundIssuer();
        const api = await serve((exchange) => {
            exchange.response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
            sendJson(exchange, 401, {});
        });
        const instance = axios.create({ baseURL: api.url });
        attachTokenCreator(instance, issuer.creator, { scheme: dpop() });

        await failureOf(instance.get('/me'));

        expect(api.authorizations).toEqual(['DPoP token-1', 'DPoP token-2']);
    });
});
