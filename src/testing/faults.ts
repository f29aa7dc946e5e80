/**
 * What goes wrong with an answer of a {@link TestAuthorizationServer}. Some take effect, as if all were well: a token is
 * issued, a refresh token is used up, and only the answer is bad. The others do nothing.
 */
export type Fault =
    /** Takes effect at once; its answer comes later, or when the fault is ended. */
    | { readonly type: 'delay'; readonly milliseconds: number }
    /** Takes effect at once; its answer comes when the fault is ended. */
    | { readonly type: 'hold' }
    /**
     * The connection is reset: `before-request` when the head of the request has arrived and its body is not read;
     * `after-request` when all of it was read. Neither takes effect.
     */
    | { readonly type: 'reset'; readonly when: 'before-request' | 'after-request' }
    /** Takes effect; then the connection is reset instead of an answer. */
    | { readonly type: 'lost-answer' }
    /** Takes effect; the connection ends in the middle of the answer. */
    | { readonly type: 'cut'; readonly within: 'headers' | 'body' }
    /** Takes effect; head and body of the answer come byte by byte, one every so many `milliseconds`: 20 by default. */
    | { readonly type: 'slow-loris'; readonly milliseconds?: number }
    /** Status 200, and a body that never ends, as fast as it is read. */
    | { readonly type: 'endless-body' }
    /** Status 200, and 256 MiB of white space, gzipped to 256 KiB. */
    | { readonly type: 'gzip-bomb' }
    /** Takes effect; the JSON stops in the middle, in an answer that is whole otherwise. */
    | { readonly type: 'truncated-json' }
    /** A page, with status 200 by default. */
    | { readonly type: 'html'; readonly status?: number }
    /** Takes effect; the answer says that it is `text/plain` by default. */
    | { readonly type: 'content-type'; readonly contentType?: string }
    /** Status 307 by default, to a path of this server that counts who follows. */
    | { readonly type: 'redirect'; readonly status?: number; readonly location?: string }
    /**
     * An empty body or, with an `error`, that of RFC 6749 section 5.2; `retryAfter`, in seconds, is sent as
     * `Retry-After`: as a number, or as an HTTP date by the server's clock.
     */
    | {
          readonly type: 'status';
          readonly status: number;
          readonly error?: string;
          readonly retryAfter?: number;
          readonly retryAfterForm?: 'seconds' | 'date';
      }
    /** Takes effect; every key of the grant stands there twice, with a wrong value first. */
    | { readonly type: 'duplicate-keys' }
    /** Takes effect; the token has so many `characters`: 65 536 by default. */
    | { readonly type: 'huge-token'; readonly characters?: number }
    /**
     * Takes effect; these parameters stand in the grant beside or instead of the usual ones, and `undefined` takes one
     * away. `{ expires_in: '3600' }` changes what is told, not when the token ends.
     */
    | { readonly type: 'grant-parameters'; readonly parameters: Readonly<Record<string, unknown>> };

/** Where a fault is injected: at `/token`, `/token/revoke`, `/token/introspect`, `/.well-known/…` or `/api…`. */
export type TestEndpoint = 'token' | 'revocation' | 'introspection' | 'metadata' | 'resource';

/** Options of `inject`. */
export interface InjectionOptions {
    /**
     * How many requests it befalls; `Infinity`: all, until it is ended.
     *
     * @default 1
     */
    times?: number;
    /** Only token requests with this `grant_type`. */
    grantType?: string;
    /** @default 'token' */
    endpoint?: TestEndpoint;
}
