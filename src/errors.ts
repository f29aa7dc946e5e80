/**
 * What went wrong, in one word:
 * `network` the authorization server could not be reached, or its answer was lost, `timeout` no token in time, `cleared` the
 * source was cleared while the caller waited, or there is no refresh token, `endpoint` the authorization server answered with
 * an error, `response` its answer is unusable, `uncoordinated` the store that tokens are shared through cannot be used.
 */
export type TokenErrorCode = 'network' | 'timeout' | 'cleared' | 'endpoint' | 'response' | 'uncoordinated';

/**
 * A token could not be had. The base of all errors that sources and the creators of this package reject with.
 *
 * It never holds an axios error, a request, a secret or a token: an axios error of the token endpoint carries the
 * password in `config.data`.
 */
export class TokenError extends Error {
    override readonly name: string = 'TokenError';
    readonly code: TokenErrorCode;

    constructor(code: TokenErrorCode, message: string) {
        super(message);
        this.code = code;
    }
}

type Said = Pick<
    TokenEndpointError,
    'status' | 'error' | 'errorDescription' | 'errorUri' | 'vendorCode' | 'retryAfter'
>;

/** An endpoint of the authorization server answered with an error: RFC 6749 section 5.2, or any status that is not 2xx. */
export class TokenEndpointError extends TokenError {
    override readonly name = 'TokenEndpointError';
    /** Which endpoint it was: `token endpoint`, `revocation endpoint`, … or `metadata document` with its URL. */
    declare readonly endpoint: string | undefined;
    /** The HTTP status, or the one that the body claims where a server sends its errors with 200. */
    declare readonly status: number;
    /** RFC 6749 `error`, for example `invalid_grant`; absent where the server sent none. */
    declare readonly error: string | undefined;
    /** RFC 6749 `error_description`, or the `message` of servers that have their own form. */
    declare readonly errorDescription: string | undefined;
    /** RFC 6749 `error_uri`. */
    declare readonly errorUri: string | undefined;
    /** The server's own error code, for example Authup's `invalid_credentials`. */
    declare readonly vendorCode: string | undefined;
    /** Milliseconds to wait before the next attempt, from `Retry-After` (RFC 9110 section 10.2.3). */
    declare readonly retryAfter: number | undefined;

    constructor(message: string, said: Said & { readonly endpoint?: string }) {
        super('endpoint', message);
        Object.assign(this, said);
    }
}

/** The answer to a token request, or what a creator returned, is no usable token grant (RFC 6749 section 5.1). */
export class TokenResponseError extends TokenError {
    override readonly name = 'TokenResponseError';

    constructor(message: string) {
        super('response', message);
    }
}
