import type { AxiosInstance } from 'axios';
import { TokenEndpointError, TokenResponseError } from './errors.js';
import { describe } from './options.js';
import { inTime, sendPlain } from './plain-request.js';
import { createRedact } from './redaction.js';
import { isAbsolute, originOf } from './request-url.js';
import { readBody } from './token-answer.js';

/** An authorization server whose endpoints are found by discovery; what {@link discover} makes. */
export interface Issuer {
    /** Its identifier, as it was given. */
    readonly issuer: string;
    /**
     * Where an endpoint is, by its name in the metadata, for example `token_endpoint`.
     *
     * @param instance - fetches the metadata if they are not there yet
     * @throws TokenError, TokenEndpointError, TokenResponseError
     */
    endpoint(name: string, instance: AxiosInstance): Promise<{ url: string; mtlsUrl?: string | undefined }>;
    /** Makes the next use fetch the metadata again. */
    forget(): void;
}

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
    if (typeof issuer !== 'string' || !isAbsolute(issuer) || originOf(issuer) === undefined || /[?#]/.test(issuer)) {
        const expected = 'an http(s) URL without credentials, query and fragment';
        throw new TypeError(`discover: issuer must be ${expected}, not ${describe(issuer)}`);
    }
    let found: Promise<Metadata> | undefined;

    function metadata(instance: AxiosInstance): Promise<Metadata> {
        if (found) return found;
        const mine = inTime(instance, (signal) => fetchMetadata(issuer, instance, signal));
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
            if (url === undefined) throw new TokenResponseError(`the metadata of ${issuer} tell of no ${name}`);
            const aliases = Object(known['mtls_endpoint_aliases']) as Metadata;
            return { url, mtlsUrl: endpointOf(aliases, name, issuer) };
        },
        forget() {
            found = undefined;
        },
    };
}

function endpointOf(metadata: Metadata, name: string, issuer: string): string | undefined {
    const url = metadata[name];
    if (url === undefined) return undefined;
    // Credentials that would be sent encrypted to the issuer must not travel in the clear.
    const permitted = /^https:/i.test(issuer) ? /^https:\/\//i : /^https?:\/\//i;
    if (typeof url === 'string' && permitted.test(url) && originOf(url) !== undefined) return url;
    throw new TokenResponseError(`the metadata of ${issuer} hold no usable URL for its ${name}`);
}

async function fetchMetadata(issuer: string, instance: AxiosInstance, signal: AbortSignal): Promise<Metadata> {
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, '');
    const redact = createRedact([]);
    const read = async (url: string): Promise<Metadata> => {
        const answer = await sendPlain(instance, { method: 'get', url, signal }, redact);
        return readBody(answer, redact, `metadata document ${url}`);
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
    return error instanceof TokenResponseError || (error instanceof TokenEndpointError && error.status < 500);
}
