import type { Challenge } from './challenge.js';
import type { TokenParameters } from './parameters.js';
import type { TokenGrantResponse } from './token.js';
import type { TokenSource } from './token-source.js';

/** Why a token is wanted, and what a creator may build on. */
export interface TokenCreatorContext {
    /**
     * `missing`: there is none yet. `expired`: the last one is too old. `rejected`: the resource server refused it.
     * `ahead`: it is still valid, and is renewed in the background.
     */
    reason: 'missing' | 'expired' | 'rejected' | 'ahead';
    /** The grant that is being replaced; its `refresh_token` is there. */
    previous?: TokenGrantResponse;
    /**
     * The challenges of the refusal, when the reason is `rejected`; always the one that the token must answer, where the
     * parameters hold one (RFC 9470). The `resource_metadata` of RFC 9728 is found here.
     */
    challenges?: Challenge[];
    /** What the token is wanted for, where a request or a caller of `getToken` said so. */
    parameters?: TokenParameters;
    /** Fires at the creation timeout and on `source.clear()`. */
    signal: AbortSignal;
    /** For decorators that hold a grant: they forget it on `cleared`. */
    source?: Pick<TokenSource, 'clear' | 'subscribe'>;
    /** Set by decorators that share one token among processes or tabs. */
    sharing?: Sharing;
}

/** What a creator must know to use a refresh token that is not its own alone. */
export interface Sharing {
    /**
     * Whether nobody else creates this token now. Otherwise no refresh token must be sent: a server that gets one twice
     * may revoke all that came of it (RFC 9700 section 4.14.2).
     */
    readonly isExclusive: boolean;
    /** The newest refresh token of all who share; whatever the creator holds itself is older. */
    readonly refreshToken?: string | undefined;
    /** The store lost its refresh token: this one is the newest that this process remembers. */
    readonly isRemembered?: boolean;
    /**
     * Tells the others at once of the refresh token that replaced theirs, or, by `undefined`, that theirs was refused: for
     * creators that may fail after that, and so bring no grant that would tell.
     */
    readonly replaceRefreshToken?: (refreshToken: string | undefined) => void;
    /** Keeps the others from creating until some work has ended: a refresh, once it is on the wire. */
    readonly keepDuring?: (work: Promise<unknown>) => void;
}

/**
 * Obtains an access token. Called without a context, it stands alone: `const grant = await creator()`.
 *
 * Whatever it throws reaches every request that waits, as it is, and through the interceptors of the instance that the
 * request was made with: throw an error of your own rather than an AxiosError, whose `config` holds the credentials, and
 * which a retrying interceptor would send again. A number of milliseconds in the error's `retryAfter`, or `Retry-After`
 * in the headers of its `response`, is waited for before the next call.
 *
 * @example
 * ```ts
 * const creator: TokenCreator = async () => ({ access_token: 'xyz', token_type: 'Bearer', expires_in: 3600 });
 * ```
 */
export type TokenCreator = (context?: TokenCreatorContext) => Promise<TokenGrantResponse>;
