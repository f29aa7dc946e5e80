import type { AxiosInstance } from 'axios';
import { TokenEndpointError, TokenResponseError } from './errors.js';
import { describe } from './options.js';
import { inTime, sendPlain } from './plain-request.js';
import { createRedact } from './redaction.js';
import { originOf } from './request-url.js';
import { readBody } from './token-answer.js';

/** An authorization server whose endpoints are found by discovery; what {@link discover} makes. */
export interface Issuer {
    /** Its identifier, as it was given. */
    readonly issuer: string;
    /**
     * Where an endpoint is, by its name in the metadata, for example `token_endpoint`; `mtlsUrl` is an empty string where
     * the server tells of one that is of no use.
     *
     * @param instance - fetches the metadata if they are not there yet
     * @throws TokenError, TokenEndpointError, TokenResponseError
     */
    endpoint(name: string, instance: AxiosInstance): Promise<{ url: string; mtlsUrl?: string | undefined }>;
    /** Makes the next use fetch the metadata again. */
    forget(): void;
}

const ISSUER = /^https?:\/\/[^\s?#]+$/i;

type Metadata = Readonly<Record<string, unknown>>;

/**
 * Finds the endpoints of an authorization server by its issuer: OpenID Connect Discovery 1.0, or else RFC 8414. The
 * metadata are fetched when they are first needed, with the client of whoever needs them, and kept; again only after a
 * failure. Give one result to all that use that server.
 *
 * @param issuer - exactly as the server spells it in its metadata, with or without a slash at the end
 * @example
 * ```ts
 * const issuer = discover('https://login.example.com');
 * const creator = createClientTokenCreator({ id: 'my-client', secret: 'xxx' }, { issuer });
 * ```
 * @throws TypeError for anything but an http(s) URL without credentials, query and fragment
 */
export function discover(issuer: string): Issuer {
    if (typeof issuer !== 'string' || !ISSUER.test(issuer) || originOf(issuer) === undefined) {
        const expected = 'an http(s) URL without credentials, query and fragment';
        throw new TypeError(`discover: issuer must be ${expected}, not ${describe(issuer)}`);
    }
    let found: Promise<Metadata> | undefined;

    function metadata(instance: AxiosInstance): Promise<Metadata> {
        if (found) return found;
        const who = `metadata of ${issuer}`;
        const mine = inTime(instance, who, (signal) => fetchMetadata(issuer, instance, signal));
        found = mine;
        mine.catch(() => {
            if (found === mine) found = undefined;
        });
        return mine;
    }

    return {
        issuer,
        async endpoint(name, instance) {
            const known = await metadata(instance);
            const url = endpointOf(known, name, issuer);
            const mtlsUrl = endpointOf(known['mtls_endpoint_aliases'], name, issuer);
            if (url) return { url, mtlsUrl };
            found = undefined;
            throw new TokenResponseError(`the metadata of ${issuer} tell of no usable URL for the ${name}`);
        },
        forget() {
            found = undefined;
        },
    };
}

/**
 * Credentials that would be sent encrypted to the issuer must not travel in the clear.
 *
 * @returns an empty string for a URL that is of no use
 */
function endpointOf(metadata: unknown, name: string, issuer: string): string | undefined {
    const url = (Object(metadata) as Metadata)[name];
    if (url === undefined) return undefined;
    const permitted = /^https:/i.test(issuer) ? /^https:\/\//i : /^https?:\/\//i;
    return typeof url === 'string' && permitted.test(url) && originOf(url) !== undefined ? url : '';
}

async function fetchMetadata(issuer: string, instance: AxiosInstance, signal: AbortSignal): Promise<Metadata> {
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, '');
    const redact = createRedact([]);
    const read = async (url: string): Promise<Metadata> => {
        const who = `metadata document ${url}`;
        return readBody(await sendPlain(instance, { method: 'get', url, signal }, redact, who), redact, who);
    };
    let metadata: Metadata;
    try {
        metadata = await read(`${origin}${path}/.well-known/openid-configuration`);
    } catch (error) {
        if (!isNotThere(error)) throw error;
        metadata = await read(`${origin}/.well-known/oauth-authorization-server${path}`);
    }
    // Metadata of another issuer may be an attacker's (RFC 8414 section 3.3).
    if (metadata['issuer'] === issuer) return metadata;
    const named = redact(metadata['issuer']) ?? 'none';
    throw new TokenResponseError(`the metadata of ${issuer} name another issuer: ${named}`);
}

/** Some sites answer any path with a page. */
function isNotThere(error: unknown): boolean {
    if (!(error instanceof TokenEndpointError)) return error instanceof TokenResponseError;
    return error.status < 500 && error.status !== 408 && error.status !== 429;
}
