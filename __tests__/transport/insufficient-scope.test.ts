import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    isUnauthorized,
    parseChallenges,
    type AttachOptions,
    type AuthorizationScheme,
    type RejectionPredicate,
    type TokenAttachment,
    type TokenEvent,
} from '../../src/index.js';
import { createPurposefulIssuer, type PurposefulIssuer } from '../support/purposes.js';
import { adapters, failureOf, ok, sendJson, useServers, type Route, type TestServer } from '../support/servers.js';

const serve = useServers();

const refuseAs =
    (status: number, challenge: string | string[]): Route =>
    (exchange) => {
        exchange.response.setHeader('www-authenticate', challenge);
        sendJson(exchange, status, { error: 'insufficient_scope' });
    };

interface Scene {
    issuer: PurposefulIssuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
    events: TokenEvent[];
}

async function arrange(adapter: string, route: Route, { scheme, ...options }: AttachOptions = {}): Promise<Scene> {
    const issuer = createPurposefulIssuer();
    const server = await serve(route);
    const client = axios.create({ baseURL: server.url, adapter });
    const events: TokenEvent[] = [];
    const creator: typeof issuer.creator = async (context) => ({
        ...(await issuer.creator(context)),
        token_type: scheme?.type ?? 'Bearer',
    });
    const attachment = attachTokenCreator(client, creator, {
        ...options,
        ...(scheme && { scheme }),
        onEvent: (event) => events.push(event),
    });
    return { issuer, server, client, attachment, events };
}

/** Sends tokens as DPoP, without the proof: what the API says of the scope does not depend on it. */
const dpopScheme: AuthorizationScheme = { type: 'DPoP', adapter: (send) => send };

const BEARER = 'Bearer realm="api", error="insufficient_scope", scope="admin"';
const DPOP = 'DPoP error="insufficient_scope", scope="admin", algs="ES256"';
const STEP_UP = 'Bearer error="insufficient_user_authentication", acr_values="gold"';

type Case = [name: string, status: number, challenge: string | string[], options: AttachOptions];

const always: RejectionPredicate = () => true;
const on403: RejectionPredicate = ({ status }) => status === 403;

const answers: Case[] = [
    ['a 401', 401, BEARER, {}],
    ['a 403', 403, BEARER, {}],
    ['a 401, and an isRejected that says yes', 401, BEARER, { isRejected: always }],
    ['a 403, and an isRejected that says yes', 403, BEARER, { isRejected: on403 }],
    ['a 400, and an isRejected that says yes', 400, BEARER, { isRejected: always }],
    ['a 401 among other challenges', 401, ['Basic realm="x"', `Digest realm="y", ${BEARER}`], { isRejected: always }],
    ['a 401 in another case', 401, 'bEARER ERROR=insufficient_scope', { isRejected: always }],
    ['a 401 that asks for a step-up as well', 401, [STEP_UP, BEARER], { isRejected: always }],
    ['a 401 of DPoP', 401, DPOP, { scheme: dpopScheme }],
    ['a 403 of DPoP, and an isRejected that says yes', 403, DPOP, { scheme: dpopScheme, isRejected: on403 }],
    ['a 401 of an API that takes both', 401, [BEARER, DPOP], { scheme: dpopScheme }],
];

describe.each(adapters)('insufficient_scope, over %s', (adapter) => {
    it.each(answers)(
        'never renews: %s is the answer, and the token stays',
        async (_name, status, challenge, options) => {
            const scene = await arrange(adapter, refuseAs(status, challenge), options);

            for (let round = 0; round < 3; round += 1) {
                const { response } = await failureOf(scene.client.get('/admin'));
                expect(response).toMatchObject({ status, data: { error: 'insufficient_scope' } });
            }

            expect(scene.server.received).toHaveLength(3);
            expect(scene.issuer.created).toBe(1);
            expect(scene.events.map(({ type }) => type)).toEqual(['creating', 'created']);
            expect(scene.attachment.source.current()?.value).toBe('token-1');
        },
    );

    it('the token goes on serving what it suffices for', async () => {
        const { client, server, issuer } = await arrange(
            adapter,
            (exchange) => (exchange.received.url === '/admin' ? refuseAs(403, BEARER) : ok)(exchange),
            { isRejected: on403 },
        );

        await failureOf(client.get('/admin'));
        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
        expect(issuer.created).toBe(1);
    });

    it('a caller that wants the scope asks for it, and gets a token of its own', async () => {
        const { client, server, issuer } = await arrange(adapter, (exchange) => {
            const isAdmin = exchange.received.headers.authorization === 'Bearer token-2';
            return (isAdmin ? ok : refuseAs(403, BEARER))(exchange);
        });
        const { response } = await failureOf(client.get('/admin'));
        const scope = parseChallenges(String(response?.headers['www-authenticate']))[0]?.parameters['scope'];

        const { status } = await client.get('/admin', { tokenCreator: { scope } });

        expect([status, scope]).toEqual([200, 'admin']);
        expect(issuer.contexts.map(({ parameters }) => parameters)).toEqual([undefined, { scope: 'admin' }]);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    it('costs nothing of the budget', async () => {
        let isRevoked = false;
        const still = { now: () => 1_000_000, monotonic: () => 1_000_000 };
        const { client, issuer } = await arrange(
            adapter,
            (exchange) => {
                const isOld = isRevoked && exchange.received.headers.authorization === 'Bearer token-1';
                if (isOld) return refuseAs(401, 'Bearer error="invalid_token"')(exchange);
                return (exchange.received.url === '/admin' ? refuseAs(401, BEARER) : ok)(exchange);
            },
            { isRejected: always, clock: still },
        );
        for (let round = 0; round < 20; round += 1) await failureOf(client.get('/admin'));
        isRevoked = true;

        // This isRejected refuses every answer: a 200 to the second sending is the answer all the same.
        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });

    it.each<[string, string | string[]]>([
        ['another scheme', 'Basic realm="x", error="insufficient_scope"'],
        [
            'a description that only names it',
            'Bearer error="invalid_token", error_description="not insufficient_scope"',
        ],
        ['a realm that quotes it', String.raw`Bearer realm="\"error=\"insufficient_scope", error="invalid_token"`],
    ])('said by %s is none: the token is renewed', async (_name, challenge) => {
        const { client, issuer } = await arrange(adapter, (exchange) => {
            const isFirst = exchange.received.headers.authorization === 'Bearer token-1';
            return (isFirst ? refuseAs(401, challenge) : ok)(exchange);
        });

        expect((await client.get('/me')).status).toBe(200);
        expect(issuer.created).toBe(2);
    });
});

const answer = (status: number, challenge?: string) =>
    isUnauthorized({
        status,
        statusText: '',
        data: '',
        headers: challenge === undefined ? {} : { 'WWW-Authenticate': challenge },
        config: { headers: new axios.AxiosHeaders() },
    });

describe('isUnauthorized', () => {
    it.each<[string, boolean, number, string | undefined]>([
        ['401', true, 401, undefined],
        ['401 invalid_token', true, 401, 'Bearer error="invalid_token"'],
        ['401 insufficient_scope', false, 401, BEARER],
        [
            '401 invalid_token of one scheme, insufficient_scope of another',
            true,
            401,
            `DPoP error="invalid_token", ${BEARER}`,
        ],
        ['401 insufficient_user_authentication', true, 401, STEP_UP],
        ['403 insufficient_scope', false, 403, BEARER],
        ['403 invalid_token', false, 403, 'Bearer error="invalid_token"'],
        ['400 invalid_request', false, 400, 'Bearer error="invalid_request"'],
    ])('%s: %p', (_name, expected, status, challenge) => {
        expect(answer(status, challenge)).toBe(expected);
    });
});
