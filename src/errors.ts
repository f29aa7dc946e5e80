/**
 * What went wrong, in one word:
 * `network` the token endpoint could not be reached, `timeout` no token in time, `cleared` the source was cleared while
 * the caller waited, `endpoint` the token endpoint answered with an error, `response` its answer is unusable.
 */
export type TokenErrorCode = 'network' | 'timeout' | 'cleared' | 'endpoint' | 'response';

/**
 * A token could not be had. The base of all errors that this package throws at run time.
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

/** What a token endpoint said when it refused, see {@link TokenEndpointError}. */
export interface TokenEndpointErrorFields {
    status: number;
    error?: string | undefined;
    errorDescription?: string | undefined;
    errorUri?: string | undefined;
    vendorCode?: string | undefined;
    retryAfter?: number | undefined;
}

/** The token endpoint answered with an error: RFC 6749 section 5.2, or any status that is not 2xx. */
export class TokenEndpointError extends TokenError {
    override readonly name = 'TokenEndpointError';
    /** The HTTP status, or the one that the body claims where a server sends its errors with 200. */
    readonly status: number;
    /** RFC 6749 `error`, for example `invalid_grant`; absent where the server sent none. */
    readonly error: string | undefined;
    /** RFC 6749 `error_description`, or the `message` of servers that have their own form. */
    readonly errorDescription: string | undefined;
    /** RFC 6749 `error_uri`. */
    readonly errorUri: string | undefined;
    /** The server's own error code, for example Authup's `invalid_credentials`. */
    readonly vendorCode: string | undefined;
    /** Milliseconds to wait before the next attempt, from `Retry-After` (RFC 9110 section 10.2.3). */
    readonly retryAfter: number | undefined;

    constructor(message: string, fields: TokenEndpointErrorFields) {
        super('endpoint', message);
        this.status = fields.status;
        this.error = fields.error;
        this.errorDescription = fields.errorDescription;
        this.errorUri = fields.errorUri;
        this.vendorCode = fields.vendorCode;
        this.retryAfter = fields.retryAfter;
    }
}

/** The answer to a token request, or what a creator returned, is no usable token grant (RFC 6749 section 5.1). */
export class TokenResponseError extends TokenError {
    override readonly name = 'TokenResponseError';

    constructor(message: string) {
        super('response', message);
    }
}
