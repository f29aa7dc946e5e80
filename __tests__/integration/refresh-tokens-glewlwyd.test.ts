import axios from 'axios';
import {
    attachTokenCreator,
    createRefreshTokenCreator,
    createUserTokenCreator,
    type TokenCreator,
    type TokenEvent,
} from '../../src/index.js';
import { describeWithGlewlwyd } from '../support/describe-with-glewlwyd.js';
import { startGlewlwyd, type Glewlwyd } from '../support/glewlwyd.js';
import { contextFor } from '../support/refreshing.js';
import { failOnUnhandledRejections, refuse, sendJson, useServers } from '../support/servers.js';

failOnUnhandledRejections();

const of = (sent: URLSearchParams[], grantType: string) => sent.filter((form) => form.get('grant_type') === grantType);

describeWithGlewlwyd('refresh tokens of glewlwyd, each of which is for one use', () => {
    let server: Glewlwyd;
    const startApi = useServers();

    beforeAll(async () => {
        server = await startGlewlwyd({ accessTokenLifetime: 3_600 });
    });

    afterAll(() => server.close());

    const endpoint = (sent: URLSearchParams[] = []) => ({
        client: axios.create({
            baseURL: server.url,
            transformRequest: [],
            adapter: (config) => {
                sent.push(new URLSearchParams(config.data as string));
                return axios.getAdapter('http')(config);
            },
        }),
        clientId: server.client.id,
        clientSecret: server.client.secret,
        scope: server.scope,
    });
    const asUser = (sent: URLSearchParams[]): TokenCreator =>
        createUserTokenCreator({ name: server.user.username, password: server.user.password }, endpoint(sent));

    test('200 concurrent requests succeed over several renewals and scopes with one log-in', async () => {
        const sent: URLSearchParams[] = [];
        let revoked = new Set<string>();
        const seen = new Set<string>();
        const api = await startApi((exchange) => {
            const { authorization = '' } = exchange.received.headers;
            if (!authorization.startsWith('Bearer ') || revoked.has(authorization)) return refuse(exchange);
            seen.add(authorization);
            return sendJson(exchange, 200, {});
        });
        const instance = axios.create({ baseURL: api.url });
        const events: TokenEvent[] = [];
        const onEvent = (event: TokenEvent) => void events.push(event);
        const { source } = attachTokenCreator(instance, asUser(sent), { onEvent });
        for (let round = 0; round < 4; round += 1) {
            const answers = await Promise.all(
                Array.from({ length: 200 }, (_, number) => {
                    const scope = [undefined, 'read', 'write'][number % 3];
                    return instance.get('/', { tokenCreator: scope === undefined ? {} : { scope } });
                }),
            );
            expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
            revoked = new Set(seen); // every token of this round is refused in the next one
        }
        source.clear();

        const refreshTokens = of(sent, 'refresh_token').map((form) => form.get('refresh_token'));
        expect(of(sent, 'password')).toHaveLength(1);
        expect(refreshTokens.length).toBeGreaterThanOrEqual(11);
        expect(new Set(refreshTokens).size).toBe(refreshTokens.length);
        expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
    });

    test('a refresh token is used once, and replaced', async () => {
        const sent: URLSearchParams[] = [];
        const creator = asUser(sent);
        const grants = [await creator(), await creator(), await creator()];

        expect(new Set(grants.map(({ refresh_token }) => refresh_token)).size).toBe(3);
        expect(of(sent, 'refresh_token').map((form) => form.get('refresh_token'))).toEqual(
            grants.slice(0, 2).map(({ refresh_token }) => refresh_token),
        );
    });

    test('a refusal without a word is a refusal: the answer without a password, and the password with one', async () => {
        const sent: URLSearchParams[] = [];
        const first = await asUser(sent)();
        const create = () => createRefreshTokenCreator({ refreshToken: first.refresh_token ?? '' }, endpoint(sent));
        await create()(contextFor({ scope: 'read' }));

        await expect(create()()).rejects.toMatchObject({ name: 'TokenEndpointError', status: 400 });
        await asUser(sent)(contextFor(undefined, { previous: first }));
        expect(sent.map((form) => form.get('grant_type'))).toEqual([
            'password',
            'refresh_token',
            'refresh_token',
            'refresh_token',
            'password',
        ]);
    });

    test('a request for a scope that was not granted gets a token of that scope', async () => {
        const sent: URLSearchParams[] = [];
        const user = { name: server.user.username, password: server.user.password };
        const creator = createUserTokenCreator(user, { ...endpoint(sent), scope: 'read' });
        await creator();
        const granted = await creator(contextFor({ scope: 'write' }));

        expect(granted).toMatchObject({ scope: 'write' });
    });
});
