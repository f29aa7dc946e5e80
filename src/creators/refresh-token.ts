import type { TokenCreator } from '../creator.js';
import { CLIENT_CHECKS, type ClientOptions } from '../endpoint.js';
import { checkFields, FUNCTION, STRING_OR_FUNCTION } from '../options.js';
import { ownOf } from '../own.js';
import { refreshAt } from '../refresh-at-endpoint.js';
import type { FirstRefreshToken, RefreshTokenOptions } from '../refresh-settings.js';
import { createRefreshingCreator } from '../refresh-token.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';

/** The session of a user who logged in elsewhere. */
export interface RefreshTokenCredentials {
    /**
     * The refresh token to begin with, or a function that reads it from where `onRefreshToken` keeps it; it gets the
     * `parameters` of the request, whose `key` may name the user. A string is used once, and not after a log-out.
     */
    refreshToken: FirstRefreshToken;
}

/** Options of {@link createRefreshTokenCreator}. */
export type RefreshTokenCreatorOptions = TokenEndpointOptions & ClientOptions & RefreshTokenOptions;

/**
 * Creates tokens with a refresh token (RFC 6749 section 6), and from then on with the newest one that the server gave. A
 * refusal (400, 401 or 403) is the answer: the session is over. Whatever else goes wrong leaves the refresh token as it
 * is, for the next attempt.
 *
 * @example
 * ```ts
 * const creator = createRefreshTokenCreator(
 *     { refreshToken: () => storage.read() },
 *     { client: { baseURL }, clientId: 'my-app', onRefreshToken: ({ refresh_token }) => storage.write(refresh_token) },
 * );
 * ```
 * @throws TypeError that names the credential or option, at once; when called {@link TokenError} `cleared` where there is
 * no refresh token
 */
export function createRefreshTokenCreator(
    credentials: RefreshTokenCredentials,
    options?: RefreshTokenCreatorOptions,
): TokenCreator {
    const caller = 'createRefreshTokenCreator';
    const { refreshToken } = checkFields(caller, 'credentials', credentials, { refreshToken: STRING_OR_FUNCTION });
    const request = createTokenEndpoint(options, { caller, checks: { ...CLIENT_CHECKS, onRefreshToken: FUNCTION } });
    return createRefreshingCreator({
        first: refreshToken,
        ...refreshAt(request),
        onRefreshToken: ownOf(options ?? {}).onRefreshToken,
    });
}
