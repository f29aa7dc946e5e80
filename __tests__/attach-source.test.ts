import axios from 'axios';
import { attachTokenCreator, type AccessToken, type Replay, type TokenSource } from '../src/index.js';
import { adapters, failureOf, ok, refuse, useServers, type Route } from './support/servers.js';

const serve = useServers();

interface OwnSource {
    source: TokenSource;
    /** The tokens that were refused. */
    refused: string[];
    succeeded: jest.Mock<void, [status?: number]>;
}

/** A source that knows nothing of this package but the interface: its replays have no `failed`. */
function createOwnSource(replay: Pick<Replay, 'mayRecur' | 'failed'> = {}): OwnSource {
    const refused: string[] = [];
    const succeeded = jest.fn<void, [status?: number]>();
    let serial = 1;
    const token = (): AccessToken => {
        const value = `token-${serial}`;
        return { value, type: 'Bearer', grant: { access_token: value, token_type: 'Bearer' } };
    };
    const source: TokenSource = {
        getToken: async () => token(),
        current: () => undefined,
        reject({ value }) {
            refused.push(value);
            serial += 1;
            return { ...replay, succeeded };
        },
        clear: async () => undefined,
        subscribe: () => () => undefined,
    };
    return { source, refused, succeeded };
}

const cut: Route = ({ response }) => void response.destroy();

/** Refuses the first token, and answers all others so. */
const afterRefusal =
    (second: Route): Route =>
    (exchange) =>
        (exchange.received.headers.authorization === 'Bearer token-1' ? refuse : second)(exchange);

describe.each(adapters)('a source of somebody else that implements only the interface, over %s', (adapter) => {
    it('is told when the second answer shows that the other token was accepted', async () => {
        const { source, refused, succeeded } = createOwnSource();
        const server = await serve(afterRefusal(ok));
        const client = axios.create({ baseURL: server.url, adapter });

        expect(attachTokenCreator(client, source).source).toBe(source);
        expect((await client.get('/me')).status).toBe(200);

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(refused).toEqual(['token-1']);
        expect(succeeded.mock.calls).toEqual([[200]]);
    });

    it.each<[string, Route, boolean, [number, boolean][]]>([
        ['a token that was asked for because of the refusal is in vain', refuse, false, [[401, true]]],
        [
            'that of an older one is not, but that of the next one is',
            refuse,
            true,
            [
                [401, false],
                [401, true],
            ],
        ],
        [
            'an answer that tells nothing of the token is not',
            ({ response }) => void response.writeHead(503).end(),
            false,
            [[503, false]],
        ],
    ])('is told whether a second refusal is in vain: %s', async (_, second, mayRecur, expected) => {
        const failed = jest.fn<void, [status?: number, isInVain?: boolean]>();
        const { source } = createOwnSource({ failed, mayRecur: () => mayRecur });
        const server = await serve(afterRefusal(second));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, source);

        await failureOf(client.get('/me'));

        expect(failed.mock.calls.map(([status, isInVain]) => [status, Boolean(isInVain)])).toEqual(expected);
    });

    it('cannot have a request sent a fourth time, though it says of each token that it may be as dead', async () => {
        const { source, refused } = createOwnSource({ mayRecur: () => true });
        const server = await serve(refuse);
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, source);

        const error = await failureOf(client.get('/me'));

        expect(error.response?.status).toBe(401);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
        expect(refused).toEqual(['token-1', 'token-2']);
    });

    it.each<[string, Route, number | undefined]>([
        ['a 401 again', refuse, 401],
        ['a 503', ({ response }) => void response.writeHead(503).end(), 503],
        ['none', cut, undefined],
    ])('need not hear of it when the second answer is %s', async (_name, second, status) => {
        const { source, succeeded } = createOwnSource();
        const server = await serve(afterRefusal(second));
        const client = axios.create({ baseURL: server.url, adapter });
        attachTokenCreator(client, source);

        const error = await failureOf(client.get('/me'));

        expect(axios.isAxiosError(error)).toBe(true);
        expect(error.response?.status).toBe(status);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect(succeeded).not.toHaveBeenCalled();
    });
});
