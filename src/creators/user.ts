import type { TokenCreator } from '../creator.js';
import { CLIENT_CHECKS, type ClientOptions } from '../endpoint.js';
import { checkFields, FILLED_STRING, FUNCTION, optional, STRING } from '../options.js';
import { ownOf } from '../own.js';
import { refreshAt } from '../refresh-at-endpoint.js';
import type { RefreshTokenOptions } from '../refresh-settings.js';
import { createRefreshingCreator } from '../refresh-token.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';

/** The credentials of a user (RFC 6749 section 4.3.2). */
export interface UserCredentials {
    /** Sent as `username`. */
    name: string;
    /** Sent only where no refresh token helps. */
    password: string;
    /** The realm of the user (Authup). */
    realmId?: string;
    /** The realm of the user by its name (Authup). */
    realmName?: string;
}

/** Options of {@link createUserTokenCreator}. */
export type UserTokenCreatorOptions = TokenEndpointOptions & ClientOptions & RefreshTokenOptions;

/**
 * Creates tokens with a user's name and password (RFC 6749 section 4.3). Where an answer brought a refresh token, that is
 * used first from then on, and the password only when the server refuses it (400, 401 or 403).
 *
 * @example
 * ```ts
 * const creator = createUserTokenCreator(
 *     { name: 'admin', password: 'start123' },
 *     { client: { baseURL: 'http://localhost:3010' } },
 * );
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createUserTokenCreator(credentials: UserCredentials, options?: UserTokenCreatorOptions): TokenCreator {
    const caller = 'createUserTokenCreator';
    const { name, password, realmId, realmName } = checkFields(caller, 'credentials', credentials, {
        name: FILLED_STRING,
        password: FILLED_STRING,
        realmId: optional(STRING),
        realmName: optional(STRING),
    });
    const request = createTokenEndpoint(options, { caller, checks: { ...CLIENT_CHECKS, onRefreshToken: FUNCTION } });
    const { onRefreshToken, scope } = ownOf(options ?? {});
    const user = { username: name, password, realm_id: realmId, realm_name: realmName };
    return createRefreshingCreator({
        create: (context) => request({ grant_type: 'password', ...user }, context),
        ...refreshAt(request),
        onRefreshToken,
        scope,
    });
}
