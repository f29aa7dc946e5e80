import type { TokenCreator } from '../creator.js';
import { CLIENT_CHECKS, type ClientOptions } from '../endpoint.js';
import { checkFields, STRING_OR_FUNCTION } from '../options.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';
import { tokenToSend, type TokenToSend } from '../token-to-send.js';

/** What a JWT bearer grant rests on. */
export interface JwtBearerCredentials {
    /** The JWT, or a function that signs a new one: `jwtAssertion` of `axios-token-creator/jwt`, for example. */
    assertion: TokenToSend;
}

/**
 * Creates tokens with a JWT as authorization grant (RFC 7523 section 2.1).
 *
 * @example
 * ```ts
 * const creator = createJwtBearerTokenCreator({ assertion: () => sign(claims, key) }, { client: { baseURL } });
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createJwtBearerTokenCreator(
    credentials: JwtBearerCredentials,
    options?: TokenEndpointOptions & ClientOptions,
): TokenCreator {
    const caller = 'createJwtBearerTokenCreator';
    const { assertion } = checkFields(caller, 'credentials', credentials, { assertion: STRING_OR_FUNCTION });
    const request = createTokenEndpoint(options, { caller, checks: CLIENT_CHECKS });
    return (context) =>
        request(
            async () => ({
                grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
                assertion: await tokenToSend('assertion', assertion, context),
            }),
            context,
        );
}
