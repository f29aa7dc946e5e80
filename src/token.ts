import { TokenResponseError } from './errors.js';
import { INSPECT } from './redaction.js';

/** The successful answer of a token endpoint (RFC 6749 section 5.1), as it is on the wire. */
export interface TokenGrantResponse {
    access_token: string;
    /** How to send it; compared without case. */
    token_type: string;
    /** Lifetime in seconds from the moment of the request; absent when the server did not tell. */
    expires_in?: number;
    refresh_token?: string;
    /** Lifetime of the refresh token in seconds. */
    refresh_token_expires_in?: number;
    scope?: string;
    id_token?: string;
    [parameter: string]: unknown;
}

/** An access token that a source gives out. It hides its value when it is logged or serialised. */
export interface AccessToken {
    /** The token itself. */
    readonly value: string;
    /** The scheme in the `Authorization` header. */
    readonly type: string;
    /** Milliseconds since the epoch; absent for a token whose lifetime is not known. */
    readonly expiresAt?: number;
    /** The whole answer that the token came with; not enumerable. */
    readonly grant: TokenGrantResponse;
}

const PRINTABLE = /^[\x21-\x7E]+$/;
const DECIMAL = /^\s*-?\d+(\.\d+)?\s*$/;

function readSeconds(value: unknown): number | undefined {
    const seconds = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
    return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds : undefined;
}

/**
 * Checks what a token endpoint or a creator answered, and returns it whole with its lifetimes as numbers.
 *
 * @throws TokenResponseError that tells what is wrong without repeating any of it
 */
export function readGrant(answer: unknown): TokenGrantResponse {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
        throw new TokenResponseError(`the token response is not an object but ${nameOf(answer)}`);
    }
    const grant: Record<string, unknown> = { ...answer };
    const { access_token, token_type } = answer as Record<string, unknown>;
    if (typeof access_token !== 'string' || access_token === '') {
        throw new TokenResponseError('the token response holds no access_token');
    }
    if (!PRINTABLE.test(access_token)) {
        throw new TokenResponseError('the access_token holds characters that no HTTP header can carry');
    }
    if (token_type !== undefined && token_type !== null && typeof token_type !== 'string') {
        throw new TokenResponseError('the token_type is not a string');
    }
    for (const lifetime of ['expires_in', 'refresh_token_expires_in']) {
        const seconds = readSeconds(grant[lifetime]);
        if (seconds === undefined) delete grant[lifetime];
        else grant[lifetime] = seconds;
    }
    return { ...grant, access_token, token_type: token_type || 'Bearer' };
}

function nameOf(value: unknown): string {
    return value === null ? 'null' : Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

class GrantedToken implements AccessToken {
    readonly type = 'Bearer';
    declare readonly expiresAt?: number;
    readonly #grant: TokenGrantResponse;

    constructor(grant: TokenGrantResponse, expiresAt: number | undefined) {
        this.#grant = grant;
        if (expiresAt !== undefined) this.expiresAt = expiresAt;
    }

    get value(): string {
        return this.#grant.access_token;
    }

    get grant(): TokenGrantResponse {
        return this.#grant;
    }

    toJSON(): object {
        return { ...this, value: '[redacted]' };
    }

    toString(): string {
        return `${this.type} [redacted]`;
    }

    [INSPECT](): string {
        return `AccessToken ${JSON.stringify(this)}`;
    }
}

/**
 * Makes the token of a grant.
 *
 * @param expiresAt - milliseconds since the epoch
 * @throws TokenResponseError for a token_type other than Bearer, which must not be sent as one (RFC 6749 section 7.1)
 */
export function createAccessToken(grant: TokenGrantResponse, expiresAt: number | undefined): AccessToken {
    if (grant.token_type.toLowerCase() !== 'bearer') {
        throw new TokenResponseError('the token_type is not Bearer: this token cannot be sent as one');
    }
    return new GrantedToken(grant, expiresAt);
}
