import type { AxiosAdapter } from 'axios';

/**
 * How tokens are sent, where that is not as `Bearer`: with a proof of possession, say. One scheme serves a source and the
 * token requests of its creator alike.
 */
export interface AuthorizationScheme {
    /** The scheme in the `Authorization` header, which is the `token_type` of its tokens too (compared without case). */
    readonly type: string;
    /**
     * Decorates the adapter of requests that carry such a token, and of requests for one. The config that it gets is its
     * own, with the `Authorization` header in place.
     *
     * It may send a request with a token twice, say for want of a nonce; a token request it must not, because that may
     * hold credentials for one use: on the error `use_dpop_nonce` it is made anew, once.
     */
    adapter(send: AxiosAdapter): AxiosAdapter;
}
