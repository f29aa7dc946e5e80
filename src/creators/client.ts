import type { TokenCreator } from '../creator.js';
import { checkFields, FILLED_STRING } from '../options.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';

/** The credentials of an OAuth 2.0 client (RFC 6749 section 2.3.1). */
export interface ClientCredentials {
    id: string;
    secret: string;
}

/**
 * Creates tokens with the client credentials grant (RFC 6749 section 4.4); the credentials go in the body.
 *
 * @example
 * ```ts
 * const creator = createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, { client: { baseURL: 'http://localhost:3010' } });
 * const { access_token } = await creator();
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createClientTokenCreator(credentials: ClientCredentials, options?: TokenEndpointOptions): TokenCreator {
    checkFields('createClientTokenCreator', 'credentials', credentials, { id: FILLED_STRING, secret: FILLED_STRING });
    const request = createTokenEndpoint('createClientTokenCreator', options);
    const { id, secret } = credentials;
    return (context) =>
        request({ grant_type: 'client_credentials', client_id: id, client_secret: secret }, context?.signal);
}
