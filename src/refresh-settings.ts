import type { TokenCreator, TokenCreatorContext } from './creator.js';
import type { TokenParameters } from './parameters.js';
import type { TokenGrantResponse } from './token.js';

/** What an application may say about the refresh tokens of a creator. */
export interface RefreshTokenOptions {
    /**
     * Is told of each new refresh token, in its grant, before that is used: to persist it. Creation waits for what it
     * returns, two minutes at most, and fails with what it throws; the refresh token is kept in memory all the same.
     */
    onRefreshToken?: (grant: TokenGrantResponse, parameters?: TokenParameters) => unknown;
}

/** The first refresh token, or where it is kept. A function is asked again after a refusal, a string is used once. */
export type FirstRefreshToken =
    | string
    | ((parameters?: TokenParameters) => string | undefined | Promise<string | undefined>);

/** How a grant is renewed. */
export interface Refresh {
    /** Asks for a new grant with a refresh token (RFC 6749 section 6). */
    readonly refresh: (refreshToken: string, context: TokenCreatorContext | undefined) => Promise<TokenGrantResponse>;
    /** Whether what it threw says that the server refused the refresh token, not that something went wrong. */
    readonly isRefusal: (error: unknown) => boolean;
}

export interface RefreshSettings extends RefreshTokenOptions, Refresh {
    /** Creates a grant where no refresh token helps; without it a refusal is the answer. */
    readonly create?: TokenCreator | undefined;
    /** The scope that `create` asks for, unless a request wants another. */
    readonly scope?: string | undefined;
    readonly first?: FirstRefreshToken | undefined;
}
