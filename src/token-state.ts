import {
    CLIENT_CHECKS,
    createPost,
    type ClientOptions,
    type Endpoint,
    type EndpointOptions,
    type Read,
} from './endpoint.js';
import { TokenResponseError } from './errors.js';
import { FILLED_STRING, hasMethods, optional, typeOf, type FieldChecks } from './options.js';
import { ownOf } from './own.js';
import { readBody, readSuccess } from './token-answer.js';

/** Options of {@link revokeToken} and {@link introspectToken}. */
export interface TokenStateOptions extends EndpointOptions, ClientOptions {
    /** What kind of token it is, which may help the server to find it: `access_token` or `refresh_token`. */
    tokenTypeHint?: string;
    /** Ends the request. */
    signal?: AbortSignal;
}

/** The answer of an introspection endpoint (RFC 7662 section 2.2), as it is on the wire. */
export interface IntrospectionResponse {
    /** Whether the token is good; of one that is not nothing else is told. */
    active: boolean;
    scope?: string;
    client_id?: string;
    username?: string;
    token_type?: string;
    /** Seconds since the epoch. */
    exp?: number;
    /** Seconds since the epoch. */
    iat?: number;
    sub?: string;
    aud?: string | string[];
    iss?: string;
    [member: string]: unknown;
}

const REVOCATION: Endpoint = {
    option: 'revocationEndpoint',
    metadata: 'revocation_endpoint',
    path: '/token/revoke',
};
const INTROSPECTION: Endpoint = {
    option: 'introspectionEndpoint',
    metadata: 'introspection_endpoint',
    path: '/token/introspect',
};

const CHECKS: FieldChecks = {
    ...CLIENT_CHECKS,
    tokenTypeHint: optional(FILLED_STRING),
    signal: optional(['an AbortSignal', hasMethods('addEventListener')]),
};

const readIntrospection: Read<IntrospectionResponse> = (...answer) => {
    const body = readBody(...answer);
    if (typeof body['active'] === 'boolean') return { ...body, active: body['active'] };
    throw new TokenResponseError('the answer of the introspection endpoint does not say whether the token is active');
};

const readRevocation: Read<void> = (...answer) => {
    readSuccess(...answer);
};

function ask<T>(
    caller: string,
    endpoint: Endpoint,
    token: string,
    options: TokenStateOptions,
    read: Read<T>,
): Promise<T> {
    if (!FILLED_STRING[1](token)) throw new TypeError(`${caller}: token must be a string, not ${typeOf(token)}`);
    const post = createPost(options, { caller, endpoints: [endpoint], checks: CHECKS });
    const { tokenTypeHint, signal } = ownOf(options);
    return post(endpoint, { token, token_type_hint: tokenTypeHint }, read, signal);
}

/**
 * Revokes a token (RFC 7009). Revoking a refresh token mostly ends the access tokens that came of it as well. A token
 * that the server does not know counts as revoked.
 *
 * @example
 * ```ts
 * await revokeToken(grant.access_token, { client: { baseURL }, clientId, clientSecret });
 * ```
 * @throws TypeError for wrong arguments; TokenError or TokenEndpointError when the server did not do it
 */
export async function revokeToken(
    token: string,
    options: TokenStateOptions & {
        /** @default what discovery tells, or '/token/revoke' (as Authup) on the client's `baseURL` */
        revocationEndpoint?: string | URL;
    },
): Promise<void> {
    return ask('revokeToken', REVOCATION, token, options, readRevocation);
}

/**
 * Asks the authorization server what it knows of a token (RFC 7662).
 *
 * @example
 * ```ts
 * const { active } = await introspectToken(token, { client: { baseURL }, clientId, clientSecret });
 * ```
 * @throws TypeError for wrong arguments; TokenError, TokenEndpointError or TokenResponseError when there is no answer
 */
export async function introspectToken(
    token: string,
    options: TokenStateOptions & {
        /** @default what discovery tells, or '/token/introspect' (as Authup) on the client's `baseURL` */
        introspectionEndpoint?: string | URL;
    },
): Promise<IntrospectionResponse> {
    return ask('introspectToken', INTROSPECTION, token, options, readIntrospection);
}
