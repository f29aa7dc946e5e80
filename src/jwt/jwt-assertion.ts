import { checkFields, FILLED_STRING, optional } from '../options.js';
import { ASSERTION_CHECKS, signAssertion } from './assertion.js';
import { createSigner, SIGNING_CHECKS, type SigningOptions } from './signing-key.js';

/** Options of {@link jwtAssertion}. */
export interface JwtAssertionOptions extends SigningOptions {
    /** Who signs: `iss`. */
    issuer: string;
    /** On whose behalf: `sub`. @default the issuer */
    subject?: string;
    /** The authorization server: `aud`, its issuer or the URL of its token endpoint. */
    audience: string;
    /** More claims, `{ scope }` for Google. */
    claims?: Readonly<Record<string, unknown>>;
    /**
     * Milliseconds until the assertion expires.
     *
     * @default 60_000
     */
    lifetime?: number;
}

/**
 * Signs assertions for the JWT bearer grant (RFC 7523 sections 2.1 and 3), a new one for each request.
 *
 * @example
 * ```ts
 * const assertion = jwtAssertion({ key: pem, algorithm: 'RS256', issuer: account, audience: tokenEndpoint, claims: { scope } });
 * const creator = createJwtBearerTokenCreator({ assertion }, { tokenEndpoint });
 * ```
 * @throws TypeError that names the option, at once; when called, for a key that is not what it seems
 */
export function jwtAssertion(options: JwtAssertionOptions): () => Promise<string> {
    const caller = 'jwtAssertion';
    const own = checkFields(caller, 'options', options, {
        ...ASSERTION_CHECKS,
        ...SIGNING_CHECKS,
        issuer: FILLED_STRING,
        subject: optional(FILLED_STRING),
        audience: FILLED_STRING,
        claims: optional(['an object', (value) => Object(value) === value]),
    });
    const { issuer, subject = issuer, audience, claims, lifetime = 60_000 } = own;
    const signer = createSigner(caller, own);
    return () => signAssertion(signer, { issuer, subject, audience }, lifetime, claims);
}
