import type { TokenCreator } from '../creator.js';
import { checkFields, FILLED_STRING, optional } from '../options.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';

/** The credentials of an OAuth 2.0 client (RFC 6749 section 2.3.1). */
export interface ClientCredentials {
    id: string;
    /** Left out only where the option `clientAuthentication` needs none. */
    secret?: string;
}

/**
 * Creates tokens with the client credentials grant (RFC 6749 section 4.4); the credentials go in the body, unless the
 * option `clientAuthentication` says otherwise.
 *
 * @example
 * ```ts
 * const creator = createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, { client: { baseURL: 'http://localhost:3010' } });
 * const { access_token } = await creator();
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createClientTokenCreator(credentials: ClientCredentials, options?: TokenEndpointOptions): TokenCreator {
    const caller = 'createClientTokenCreator';
    const secret = options?.clientAuthentication ? optional(FILLED_STRING) : FILLED_STRING;
    const client = checkFields(caller, 'credentials', credentials, { id: FILLED_STRING, secret });
    const request = createTokenEndpoint(options, { caller, client });
    return (context) => request({ grant_type: 'client_credentials' }, context);
}
