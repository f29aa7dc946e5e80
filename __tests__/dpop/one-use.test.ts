import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { dpop } from '../../src/dpop/index.js';
import {
    createClientTokenCreator,
    createJwtBearerTokenCreator,
    createTokenExchangeCreator,
    createUserTokenCreator,
    type TokenCreator,
} from '../../src/index.js';

const bound = { access_token: 'a', token_type: 'DPoP', expires_in: 100 };

/** A token endpoint that wants a nonce first. */
function createEndpoint() {
    const client = axios.create({ baseURL: 'http://as.example' });
    const mock = new MockAdapter(client);
    mock.onPost('/token').replyOnce(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n' });
    mock.onPost('/token').reply(200, bound);
    const sent = (name: string) =>
        (mock.history['post'] ?? []).map(({ data }) => new URLSearchParams(String(data)).get(name));
    return { client, sent };
}

describe('a token request that is made anew for a nonce', () => {
    let count = 0;
    const next = async () => `token-${(count += 1)}`;
    beforeEach(() => (count = 0));

    test.each<[string, string, (client: ReturnType<typeof createEndpoint>['client']) => TokenCreator]>([
        [
            'an assertion',
            'assertion',
            (client) => createJwtBearerTokenCreator({ assertion: next }, { client, scheme: dpop() }),
        ],
        [
            'a subject token',
            'subject_token',
            (client) => createTokenExchangeCreator({ subjectToken: next }, { client, scheme: dpop() }),
        ],
    ])('asks for %s again, which may be for one use', async (_, name, create) => {
        const { client, sent } = createEndpoint();

        await create(client)();

        expect(sent(name)).toEqual(['token-1', 'token-2']);
    });
});

describe('a creator with a scheme', () => {
    test.each(['Bearer', 'bearer', undefined, 'MAC'])('refuses a token of type %s', async (token_type) => {
        const client = axios.create({ baseURL: 'http://as.example' });
        new MockAdapter(client).onPost('/token').reply(200, { ...bound, token_type });

        const creator = createClientTokenCreator({ id: 'a', secret: 'b' }, { client, scheme: dpop() });

        await expect(creator()).rejects.toMatchObject({
            name: 'TokenResponseError',
            message: 'the token_type is not DPoP',
        });
    });

    test('has no refresh token persisted that is not bound', async () => {
        const client = axios.create({ baseURL: 'http://as.example' });
        new MockAdapter(client).onPost('/token').reply(200, { ...bound, token_type: 'Bearer', refresh_token: 'r' });
        const onRefreshToken = jest.fn();
        const options = { client, scheme: dpop(), onRefreshToken };

        await expect(createUserTokenCreator({ name: 'a', password: 'b' }, options)()).rejects.toThrow('not DPoP');
        expect(onRefreshToken).not.toHaveBeenCalled();
    });
});
