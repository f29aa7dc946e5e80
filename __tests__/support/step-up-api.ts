import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    parseChallenges,
    type AttachOptions,
    type TokenAttachment,
    type TokenCreator,
    type TokenEvent,
} from '../../src/index.js';
import { createPurposefulIssuer, type PurposefulIssuer } from './purposes.js';
import { ok, refuse, sendJson, type Exchange, type Route, type TestServer, type useServers } from './servers.js';

export const METADATA = 'https://api.example/.well-known/oauth-protected-resource';
export const GOLD = `Bearer realm="api", error="insufficient_user_authentication", error_description="log in again, please", acr_values="gold", max_age="60", resource_metadata="${METADATA}"`;
const CLAIMS = Buffer.from('{"access_token":{"acrs":{"essential":true,"value":"c1"}}}').toString('base64');
export const AZURE = `Bearer realm="", authorization_uri="https://login.example/authorize", client_id="x", error="insufficient_claims", claims="${CLAIMS}", resource_metadata="${METADATA}"`;

/** Refuses with that challenge. */
export const refuseAs =
    (challenge: string): Route =>
    (exchange) => {
        exchange.response.setHeader('www-authenticate', challenge);
        sendJson(exchange, 401, { error: 'stronger, please' });
    };

export interface Scene {
    issuer: PurposefulIssuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
    events: TokenEvent[];
    /** The tokens whose login was too long ago. */
    tooOld: Set<string | undefined>;
    /** The tokens that came to this path. */
    tokensAt: (path: string) => (string | undefined)[];
}

export type Arrangement = AttachOptions & { creator?: (issuer: PurposefulIssuer) => TokenCreator; challenge?: string };

/** An API that wants a token of a creation with that challenge under `/gold`, and any good one elsewhere. */
export async function arrange(
    serve: ReturnType<typeof useServers>,
    adapter: string,
    { creator, challenge = GOLD, ...options }: Arrangement = {},
): Promise<Scene> {
    const issuer = createPurposefulIssuer();
    const tooOld = new Set<string | undefined>();
    const events: TokenEvent[] = [];
    const [wanted] = parseChallenges(challenge);
    const server = await serve((exchange: Exchange) => {
        const { authorization } = exchange.received.headers;
        const parameters = issuer.parametersOf(authorization);
        if (!issuer.isFor(authorization, parameters)) return refuse(exchange);
        if (!exchange.received.url.startsWith('/gold')) return ok(exchange);
        const given = parameters?.challenge?.parameters;
        const isStrong = given?.['acr_values'] === wanted?.parameters['acr_values'];
        const isRight = isStrong && given?.['claims'] === wanted?.parameters['claims'];
        return (parameters?.challenge && isRight && !tooOld.has(authorization) ? ok : refuseAs(challenge))(exchange);
    });
    const client = axios.create({ baseURL: server.url, adapter });
    const attachment = attachTokenCreator(client, creator?.(issuer) ?? issuer.creator, {
        ...options,
        onEvent: (event) => events.push(event),
    });
    return {
        issuer,
        server,
        client,
        attachment,
        events,
        tooOld,
        tokensAt: (path) =>
            server.received.filter(({ url }) => url === path).map(({ headers }) => headers.authorization),
    };
}

/** The headers of the tokens of these numbers. */
export const bearer = (...numbers: number[]): string[] => numbers.map((number) => `Bearer token-${number}`);
