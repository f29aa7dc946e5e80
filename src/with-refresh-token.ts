import type { TokenCreator } from './creator.js';
import { CLIENT_CHECKS, type ClientOptions } from './endpoint.js';
import { checkFields, FUNCTION, REQUIRED_FUNCTION, typeOf } from './options.js';
import { ownOf } from './own.js';
import { isRefusingStatus, refreshAt } from './refresh-at-endpoint.js';
import type { Refresh, RefreshTokenOptions } from './refresh-settings.js';
import { createRefreshingCreator } from './refresh-token.js';
import { createTokenEndpoint, type TokenEndpointOptions } from './token-endpoint.js';

/** Where {@link withRefreshToken} refreshes: at a token endpoint. */
export type RefreshAtEndpoint = RefreshTokenOptions & TokenEndpointOptions & ClientOptions;

/** How {@link withRefreshToken} refreshes, where that is not as RFC 6749 describes it. */
export interface RefreshByFunction extends RefreshTokenOptions {
    /**
     * Gives a new grant for a refresh token. An error with `status`, or `response.status`, 400, 401 or 403 says that it
     * was refused; after any other the refresh token is kept. The signal that it gets never fires: once it is on the
     * wire, the refresh token may have been replaced.
     */
    refresh: Refresh['refresh'];
}

/**
 * Gives any creator refresh tokens: the newest one that a grant brought is used first, and the creator only when there is
 * none or the server refuses it. Never are two refreshes of one family under way at once, whatever parameters they are
 * for; each `key` has a family of its own.
 *
 * @example
 * ```ts
 * const creator = withRefreshToken(async () => logIn(await askForPassword()), { client: { baseURL }, clientId: 'my-app' });
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function withRefreshToken(creator: TokenCreator, options: RefreshAtEndpoint | RefreshByFunction): TokenCreator {
    const caller = 'withRefreshToken';
    if (typeof creator !== 'function') {
        throw new TypeError(`${caller}: creator must be a function, not ${typeOf(creator)}`);
    }
    const refresh = refreshOf(caller, options);
    const { onRefreshToken, scope } = ownOf(options as RefreshAtEndpoint);
    return createRefreshingCreator({ create: creator, ...refresh, onRefreshToken, scope });
}

function refreshOf(caller: string, options: RefreshAtEndpoint | RefreshByFunction): Refresh {
    const onRefreshToken = FUNCTION;
    if (Object.hasOwn(Object(options) as object, 'refresh')) {
        const byFunction = options as RefreshByFunction;
        const { refresh } = checkFields(caller, 'options', byFunction, { refresh: REQUIRED_FUNCTION, onRefreshToken });
        return { refresh, isRefusal: isRefusingError };
    }
    return refreshAt(
        createTokenEndpoint(options as RefreshAtEndpoint, { caller, checks: { ...CLIENT_CHECKS, onRefreshToken } }),
    );
}

function isRefusingError(error: unknown): boolean {
    const { status, response } = Object(error) as { status?: unknown; response?: { status?: unknown } };
    return isRefusingStatus(status ?? response?.status);
}
