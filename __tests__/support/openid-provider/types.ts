import type { mtlsEndpoints } from './configuration.js';
import type { Discovery } from './discovery.js';
import type { CannedAnswer } from './exchange.js';
import type { LiveToken } from './live-tokens.js';
import type { TokenRequest } from './token-requests.js';

export interface OpenidProviderOptions {
    /** `/tenant` for the issuer `http://127.0.0.1:PORT/tenant`. */
    basePath?: string;
    /** Seconds. @default 3600 */
    accessTokenLifetime?: number;
    /** Seconds. @default 86400 */
    refreshTokenLifetime?: number;
    /** Otherwise a refresh answers with the refresh token that it was given. @default true */
    rotateRefreshTokens?: boolean;
    /** Seconds. @default 600 */
    deviceCodeLifetime?: number;
    /** Seconds between two polls for a device code; `undefined` is not sent and counts as 5. @default 5 */
    deviceInterval?: number | undefined;
    /** Seconds that each `slow_down` adds to the interval. @default 5 */
    slowDownBy?: number;
    /** Whether a DPoP proof needs a nonce; `false` for a server without DPoP. @default 'required' */
    dpop?: 'required' | 'optional' | false;
    /** Every answer to a DPoP proof brings a new nonce, and no nonce counts twice. @default false */
    oneUseNonces?: boolean;
    /** Also listens with TLS that requires a client certificate. @default false */
    mtls?: boolean;
}

export interface OpenidProvider {
    readonly issuer: string;
    readonly endpoints: Readonly<Record<Endpoint, string>>;
    /** Over TLS that requires a client certificate, with the option `mtls`; `ca` is the certificate to trust. */
    readonly mtls?: Readonly<ReturnType<typeof mtlsEndpoints>> & { readonly ca: string };
    /** Everything that came to the token endpoint, over TLS or not, in order of arrival. */
    readonly requests: readonly TokenRequest[];
    readonly discovery: Discovery;
    /** Seconds, of the tokens issued from now on; those of a resource may have their own. */
    accessTokenLifetime: number;
    /** Milliseconds that pass before a token request is looked at. */
    delay: number;
    /** So many token requests take effect, and the connection is cut before the answer is sent. */
    dropAnswers: number;
    /** These are the answers to the next token requests, which otherwise have no effect. */
    failWith(...answers: CannedAnswer[]): void;
    /** As the user does on the page that the device shows. */
    approveDevice(userCode: string, username?: string): Promise<void>;
    denyDevice(userCode: string): Promise<void>;
    /** What is known of an access token; `undefined` when it is not valid. */
    findToken(token: string): Promise<LiveToken | undefined>;
    /** Every access token issued so far stops being valid; refresh tokens stay. */
    revokeAccessTokens(): void;
    /** From now on DPoP proofs need another nonce; the previous one may still count. */
    rotateNonce(acceptPrevious?: boolean): void;
    /** As if it crashed: the ports are closed and connections are cut, tokens are remembered. */
    stop(): Promise<void>;
    /** On the same ports again. */
    restart(): Promise<void>;
    close(): Promise<void>;
}

type Endpoint =
    | 'token'
    | 'introspection'
    | 'revocation'
    | 'deviceAuthorization'
    | 'jwks'
    | 'openidConfiguration'
    | 'oauthMetadata';
