import type { TokenCreator } from '../creator.js';
import { CLIENT_CHECKS, type ClientOptions } from '../endpoint.js';
import { checkFields, FILLED_STRING, optional, STRING_OR_FUNCTION } from '../options.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';
import { tokenToSend, type TokenToSend } from '../token-to-send.js';

/** What is exchanged for a token (RFC 8693 section 2.1). */
export interface TokenExchangeCredentials {
    /** The token of the party on whose behalf the new one will be used. */
    subjectToken: TokenToSend;
    /** @default 'urn:ietf:params:oauth:token-type:access_token' */
    subjectTokenType?: string;
    /** The token of the party that acts. */
    actorToken?: TokenToSend;
    /**
     * Only along with `actorToken`.
     *
     * @default 'urn:ietf:params:oauth:token-type:access_token'
     */
    actorTokenType?: string;
    /** @default whatever the server chooses */
    requestedTokenType?: string;
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * Creates tokens by exchanging others (RFC 8693). The function that gives the subject token gets the context, in whose
 * `parameters.key` a request may name the user on whose behalf it is made.
 *
 * @example
 * ```ts
 * const creator = createTokenExchangeCreator(
 *     { subjectToken: (context) => tokenOfUser(context?.parameters?.key) },
 *     { client: { baseURL }, clientId, clientSecret, audience: 'orders' },
 * );
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createTokenExchangeCreator(
    credentials: TokenExchangeCredentials,
    options?: TokenEndpointOptions & ClientOptions,
): TokenCreator {
    const caller = 'createTokenExchangeCreator';
    const type = optional(FILLED_STRING);
    const {
        subjectToken,
        subjectTokenType = ACCESS_TOKEN,
        actorToken,
        actorTokenType,
        requestedTokenType,
    } = checkFields(caller, 'credentials', credentials, {
        subjectToken: STRING_OR_FUNCTION,
        subjectTokenType: type,
        actorToken: optional(STRING_OR_FUNCTION),
        actorTokenType: type,
        requestedTokenType: type,
    });
    if (actorTokenType && !actorToken) {
        throw new TypeError(`${caller}: credentials.actorTokenType must be left out without an actorToken`);
    }
    const request = createTokenEndpoint(options, { caller, checks: CLIENT_CHECKS });
    return (context) =>
        request(
            async () => ({
                grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
                subject_token: await tokenToSend('subjectToken', subjectToken, context),
                subject_token_type: subjectTokenType,
                requested_token_type: requestedTokenType,
                ...(actorToken && {
                    actor_token: await tokenToSend('actorToken', actorToken, context),
                    actor_token_type: actorTokenType ?? ACCESS_TOKEN,
                }),
            }),
            context,
        );
}
