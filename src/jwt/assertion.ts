import { SignJWT } from 'jose';
import { optional, type FieldChecks } from '../options.js';
import type { Signer } from './signing-key.js';

/** The claims of an assertion that name parties (RFC 7523 section 3). */
export interface Parties {
    readonly issuer: string;
    readonly subject: string;
    readonly audience: string;
}

function isLifetime(value: unknown): boolean {
    return Number.isFinite(value) && Number(value) >= 1_000;
}

export const ASSERTION_CHECKS: FieldChecks = {
    lifetime: optional(['a finite number of milliseconds, at least 1_000', isLifetime]),
};

/**
 * Signs an assertion that can be used once, from now on.
 *
 * @param lifetime - milliseconds
 */
export async function signAssertion(
    { sign }: Signer,
    { issuer, subject, audience }: Parties,
    lifetime: number,
    claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const jwt = new SignJWT(claims)
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setJti(crypto.randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(now + Math.round(lifetime / 1_000));
    return sign(jwt);
}
