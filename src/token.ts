import { TokenResponseError } from './errors.js';
import { fieldOf } from './own.js';
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
    return Number.isFinite(seconds) ? (seconds as number) : undefined;
}

function isList(value: unknown): value is string[] {
    return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/**
 * Checks what a token endpoint or a creator answered, and returns it whole with its lifetimes as numbers.
 *
 * @throws TokenResponseError that tells what is wrong without repeating any of it
 */
export function readGrant(answer: unknown): TokenGrantResponse {
    const given = Object(answer) as Record<string, unknown>;
    const access_token = fieldOf(given, 'access_token');
    const token_type = fieldOf(given, 'token_type');
    if (given !== answer || Array.isArray(answer)) throw new TokenResponseError('the token response is no object');
    if (typeof access_token !== 'string' || !PRINTABLE.test(access_token)) {
        throw new TokenResponseError('the token response has no access_token that a header can carry');
    }
    const type = token_type ?? '';
    if (typeof type !== 'string') throw new TokenResponseError('the token_type is not a string');
    const grant: TokenGrantResponse = { ...given, access_token, token_type: type || 'Bearer' };
    // By name as well, for grants that are instances of a class with getters.
    for (const name of ['refresh_token', 'scope', 'id_token']) {
        const value = fieldOf(given, name);
        if (typeof value === 'string') grant[name] = value;
        // Some servers list the scopes.
        else if (name === 'scope' && isList(value)) grant[name] = value.join(' ');
        else delete grant[name];
    }
    for (const lifetime of ['expires_in', 'refresh_token_expires_in']) {
        const seconds = readSeconds(fieldOf(given, lifetime));
        if (seconds === undefined) delete grant[lifetime];
        else grant[lifetime] = seconds;
    }
    return grant;
}

/** @throws TokenResponseError for a grant of a token that is to be sent in another way (RFC 6749 section 7.1) */
export function checkTokenType({ token_type }: TokenGrantResponse, type: string): void {
    if (token_type.toLowerCase() !== type.toLowerCase()) throw new TokenResponseError(`the token_type is not ${type}`);
}

class GrantedToken implements AccessToken {
    readonly type: string;
    declare readonly expiresAt?: number;
    readonly #value: string;
    readonly #grant: TokenGrantResponse;

    constructor(grant: TokenGrantResponse, expiresAt: number | undefined, type: string) {
        this.type = type;
        this.#value = grant.access_token;
        this.#grant = grant;
        if (expiresAt !== undefined) this.expiresAt = expiresAt;
    }

    get value(): string {
        return this.#value;
    }

    get grant(): TokenGrantResponse {
        return this.#grant;
    }

    toJSON(): object {
        return { type: this.type, value: '[redacted]', expiresAt: this.expiresAt };
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
 * @param type - the scheme in which it will be sent
 * @throws TokenResponseError for a token_type other than that, which must not be sent so (RFC 6749 section 7.1)
 */
export function createAccessToken(grant: TokenGrantResponse, expiresAt: number | undefined, type: string): AccessToken {
    checkTokenType(grant, type);
    return new GrantedToken(grant, expiresAt, type);
}
