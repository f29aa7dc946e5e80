import { Readable } from 'node:stream';
import axios, { type AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { attachTokenCreator, createUserTokenCreator } from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';
import { adapters, failureOf, ok, refuse, sendJson, useServers, type Route } from '../support/servers.js';
import { PLANTED } from './canary-factories.js';
import { printsOf, printsOfAxiosError, spellingsOf, tracesIn } from './traces.js';

const serve = useServers();

const ISSUED = {
    accessToken: 'canary-issued-access-token',
    refreshToken: 'canary-issued-refresh-token',
    idToken: 'canary-issued.id.token',
};
const SECRETS = Object.fromEntries(
    Object.entries({ ...PLANTED, ...ISSUED }).map(([name, secret]) => [name, spellingsOf(secret)]),
);

const fail: Route = (exchange) => sendJson(exchange, 500, { error: 'broken' });

const FAILURES: readonly [what: string, route: Route, config: AxiosRequestConfig][] = [
    ['500', fail, {}],
    ['500 to a body', fail, { method: 'post', data: { a: 1 } }],
    ['401 to every token', refuse, {}],
    ['403', (exchange) => sendJson(exchange, 403, {}), {}],
    ['429', (exchange) => sendJson(exchange, 429, {}), {}],
    ['a reset', ({ request }) => void request.socket.resetAndDestroy(), {}],
    ['silence until the timeout', () => undefined, { timeout: 80 }],
    ['silence until the caller leaves', () => undefined, { signal: AbortSignal.timeout(80) }],
    ['a redirect without end', ({ response }) => void response.writeHead(302, { location: '/again' }).end(), {}],
    ['a redirect to nowhere', ({ response }) => void response.writeHead(302, { location: 'http://[' }).end(), {}],
    ['an answer that is too long', fail, { maxContentLength: 2 }],
    ['no JSON where only that will do', ({ response }) => void response.end('{'), { responseType: 'json' }],
    ['500 to a stream', fail, { method: 'post', data: () => Readable.from(['a']) }],
    [
        '500 to a stream at a limited rate',
        fail,
        { method: 'post', data: () => Readable.from(['a']), maxRate: [1e9, 1e9] },
    ],
];

/** A client whose token comes from a real token endpoint, with secrets in every field. */
async function arrange(config: AxiosRequestConfig, route: Route, isBound = false): Promise<AxiosInstance> {
    const [api, authorizationServer] = await Promise.all([
        serve(route),
        serve((exchange) =>
            sendJson(exchange, 200, {
                access_token: ISSUED.accessToken,
                refresh_token: ISSUED.refreshToken,
                id_token: ISSUED.idToken,
                token_type: isBound ? 'DPoP' : 'Bearer',
            }),
        ),
    ]);
    const scheme = isBound ? { scheme: dpop() } : {};
    const user = { name: 'admin', password: PLANTED.password };
    const options = {
        client: { baseURL: authorizationServer.url },
        clientId: 'id',
        clientSecret: PLANTED.clientSecret,
    };
    const client = axios.create({ baseURL: api.url, maxRedirects: 3, ...config });
    const transitional = { silentJSONParsing: false, forcedJSONParsing: true };
    Object.assign(client.defaults, { transitional });
    attachTokenCreator(client, createUserTokenCreator(user, { ...options, ...scheme }), scheme);
    return client;
}

/** What a request can be sent with only once is made anew. */
function requestOf(config: AxiosRequestConfig): AxiosRequestConfig {
    const data: unknown = config.data;
    return {
        ...config,
        data: typeof data === 'function' ? (data as () => unknown)() : data,
        ...(config.signal && { signal: AbortSignal.timeout(80) }),
    };
}

describe.each(adapters)('an axios error of an API shows no token and no secret, over %s:', (adapter) => {
    describe.each([
        ['Bearer', false],
        ['DPoP', true],
    ])('%s', (_scheme, isBound) => {
        test.each(FAILURES)('%s', async (_what, route, config) => {
            const client = await arrange({ adapter }, route, isBound);

            const error = await failureOf(client.request({ url: '/me', ...requestOf(config) }));

            expect(axios.isAxiosError(error) || axios.isCancel(error)).toBe(true);
            expect(tracesIn(printsOfAxiosError(error), SECRETS)).toEqual([]);
            // A stream that was sent knows the request that it went to, beneath a property that is not enumerable.
            const prints = typeof config.data === 'function' ? printsOfAxiosError : printsOf;
            expect(tracesIn(prints(error.config), SECRETS)).toEqual([]);
            expect(tracesIn(prints(error.response?.config ?? {}), SECRETS)).toEqual([]);
        });
    });
});

type Redacting = AxiosRequestConfig & { redact?: string[] };

const hasRedact = JSON.stringify(
    new axios.AxiosError('', '', { redact: ['url'], url: 'canary' } as never).toJSON(),
).includes('REDACTED');

// The http adapter is lent the caller's config, functions and replays get a copy of it.
describe.each<[string, Redacting]>([
    ['http', { adapter: 'http' }],
    ['fetch', { adapter: 'fetch' }],
    ['a function', { adapter: axios.getAdapter('http') }],
])("a caller's own `redact`, over %s,", (_name, config) => {
    const redacting: Redacting = { redact: ['X-Api-Key'], headers: { 'X-Api-Key': 'canary-own-key' } };

    async function errorOf(route: Route): Promise<AxiosError> {
        const client = await arrange(config, route);
        return failureOf(client.get('/me', redacting));
    }

    test('stays: what it names is hidden', async () => {
        if (!hasRedact) return; // older ones have none
        let answers = 0;
        const afterReplay: Route = (exchange) => ((answers += 1) === 1 ? refuse : fail)(exchange);
        for (const route of [fail, afterReplay]) {
            const error = await errorOf(route);

            expect(error.response?.status).toBe(500);
            expect((error.config as Redacting).redact).toEqual(['X-Api-Key', 'Authorization']);
            expect(JSON.stringify(error)).not.toContain('canary');
            expect(JSON.stringify(error)).toContain('X-Api-Key');
        }
        expect(redacting.redact).toEqual(['X-Api-Key']);
    });

    test('has Authorization beside it: one that somebody puts on the config of an error is hidden', async () => {
        if (!hasRedact) return;
        const client = await arrange(config, fail);
        const error: AxiosError = await failureOf(client.get('/me'));
        error.config?.headers.set('Authorization', 'Bearer canary-of-an-interceptor');

        expect((error.config as Redacting).redact).toEqual(['Authorization']);
        expect(JSON.stringify(error)).not.toContain('canary');
    });

    test('that names Authorization in any case is left as it is', async () => {
        const client = await arrange(config, fail);
        const named = ['AUTHORIZATION'];
        const error: AxiosError = await failureOf(client.get('/me', { redact: named } as Redacting));

        expect((error.config as Redacting).redact).toEqual(['AUTHORIZATION']);
    });

    test('is not there in what was served, nor in what is sent again', async () => {
        let answers = 0;
        const heals: Route = (exchange) => ((answers += 1) === 1 ? refuse : ok)(exchange);
        const client = await arrange(config, heals);

        expect((await client.get('/me')).config).not.toHaveProperty('redact');
    });
});
