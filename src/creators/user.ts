import type { TokenCreator } from '../creator.js';
import { TokenEndpointError } from '../errors.js';
import { checkFields, FILLED_STRING, optional, STRING } from '../options.js';
import { createTokenEndpoint, type TokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';
import type { TokenGrantResponse } from '../token.js';

/** The credentials of a user (RFC 6749 section 4.3.2). */
export interface UserCredentials {
    name: string;
    password: string;
    /** The realm of the user (Authup). */
    realmId?: string;
    /** The realm of the user by its name (Authup). */
    realmName?: string;
}

const REFUSALS = [400, 401, 403];

/**
 * Renews a grant with its refresh token (RFC 6749 section 6). `undefined`: the server refused the refresh token;
 * anything else that goes wrong is no reason to send a password.
 */
async function refresh(
    request: TokenEndpoint,
    { refresh_token, refresh_token_expires_in }: TokenGrantResponse,
): Promise<TokenGrantResponse | undefined> {
    if (!refresh_token) return undefined;
    try {
        // Not aborted: once it is on the wire the server may have rotated the refresh token.
        const grant = await request({ grant_type: 'refresh_token', refresh_token });
        if (grant.refresh_token) return grant;
        return { ...grant, refresh_token, ...(refresh_token_expires_in !== undefined && { refresh_token_expires_in }) };
    } catch (error) {
        if (error instanceof TokenEndpointError && REFUSALS.includes(error.status)) return undefined;
        throw error;
    }
}

/**
 * Creates tokens with a user's name and password (RFC 6749 section 4.3). Where the grant that is replaced has a refresh
 * token, that is used first.
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
export function createUserTokenCreator(credentials: UserCredentials, options?: TokenEndpointOptions): TokenCreator {
    checkFields('createUserTokenCreator', 'credentials', credentials, {
        name: FILLED_STRING,
        password: FILLED_STRING,
        realmId: optional(STRING),
        realmName: optional(STRING),
    });
    const request = createTokenEndpoint('createUserTokenCreator', options);
    const { name, password, realmId, realmName } = credentials;
    return async (context) => {
        const renewed = context?.previous && (await refresh(request, context.previous));
        if (renewed) return renewed;
        const user = { username: name, password, realm_id: realmId, realm_name: realmName };
        return request({ grant_type: 'password', ...user }, context?.signal);
    };
}
