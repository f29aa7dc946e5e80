import axios from 'axios';
import { decodeJwt } from 'jose';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createUserTokenCreator,
    discover,
    type TokenGrantResponse,
} from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { privateKeyJwt } from '../../src/jwt/index.js';
import { describeWithGlewlwyd } from '../support/describe-with-glewlwyd.js';
import { startGlewlwyd, type Glewlwyd } from '../support/glewlwyd.js';
import { athOf, proofsOf, wantsNonce } from '../support/proofs.js';
import { adapters, useServers } from '../support/servers.js';

const serve = useServers();

const confirmation = ({ access_token }: TokenGrantResponse) => (decodeJwt(access_token).cnf as { jkt?: string }).jkt;

describeWithGlewlwyd('DPoP with glewlwyd, whose nonces are mandatory and serve twice', () => {
    let server: Glewlwyd;

    beforeAll(async () => {
        server = await startGlewlwyd({ dpopNonceUses: 2 });
    });

    afterAll(() => server.close());

    const credentials = () => ({ id: server.client.id, secret: server.client.secret });

    describe.each(adapters)('over %s', (adapter) => {
        const options = () => ({ issuer: discover(server.issuer), scheme: dpop(), client: { adapter } });

        it('client credentials: nonces are learnt as they are replaced, and all tokens have one key', async () => {
            const creator = createClientTokenCreator(credentials(), { ...options(), scope: 'read' });

            const grants = [];
            for (let round = 0; round < 7; round += 1) grants.push(await creator());

            expect(grants.map(({ token_type }) => token_type)).toEqual(Array(7).fill('DPoP'));
            expect(new Set(grants.map(confirmation)).size).toBe(1);
            expect(confirmation(grants[0]!)).toMatch(/^[\w-]{43}$/);
        });

        it('private_key_jwt: an assertion is not sent again for a nonce', async () => {
            const key = server.client.privateKey;
            const clientAuthentication = privateKeyJwt({
                key: { ...key },
                algorithm: 'ES256',
                audience: ({ url }) => url,
            });
            const creator = createClientTokenCreator(
                { id: server.client.id },
                { ...options(), scope: 'read', clientAuthentication },
            );

            expect(await creator()).toMatchObject({ token_type: 'DPoP' });
        });

        it('a refresh token rotates, with the key that it was obtained with', async () => {
            const { username: name, password } = server.user;
            const creator = createUserTokenCreator(
                { name, password },
                { ...options(), scope: server.scope, clientId: server.client.id, clientSecret: server.client.secret },
            );

            const grants = [];
            for (let round = 0; round < 4; round += 1) grants.push(await creator());

            expect(new Set(grants.map(({ refresh_token }) => refresh_token)).size).toBe(4);
            expect(new Set(grants.map(confirmation)).size).toBe(1);
        });

        it('requests to an API carry its tokens, with proofs by the key that they are bound to', async () => {
            const api = await serve(wantsNonce(() => 'of-the-api'));
            const { issuer, scheme, client } = options();
            const creator = createClientTokenCreator(credentials(), { issuer, scheme, client, scope: 'read' });
            const instance = axios.create({ baseURL: api.url, adapter });
            const { source } = attachTokenCreator(instance, creator, { scheme });

            expect((await instance.get('/me')).status).toBe(200);

            const { value, grant } = await source.getToken();
            const proofs = await proofsOf(api.received);
            expect(api.authorizations).toEqual([`DPoP ${value}`, `DPoP ${value}`]);
            expect(proofs.map(({ thumbprint }) => thumbprint)).toEqual(Array(2).fill(confirmation(grant)));
            expect(proofs.map(({ claims }) => [claims.nonce, claims.ath])).toEqual([
                [undefined, athOf(value)],
                ['of-the-api', athOf(value)],
            ]);
        });
    });
});
