import axios from 'axios';
import { attachTokenCreator, type AccessToken, type TokenSource } from '../src/index.js';
import { adapters, failureOf, ok, refuse, useServers, type Route } from './support/servers.js';

const serve = useServers();

interface OwnSource {
    source: TokenSource;
    /** The tokens that were refused. */
    refused: string[];
    succeeded: jest.Mock<void, [status?: number]>;
}

/** A source that knows nothing of this package but the interface: its replays have no `failed`. */
function createOwnSource(): OwnSource {
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
            return { succeeded };
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
