const LENGTH = 800; // that of the usual JWT

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token that looks like a signed JWT, since some clients read the expiry out of it. */
export function createToken(jti: string, expiresAt: number): string {
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ sub: 'bench', jti, exp: expiresAt })}.`;
    return signed.padEnd(LENGTH, 'x');
}

/** How all tokens begin, and nothing that is sent for want of one: `Bearer null`, say. */
export const FIRST_LETTERS = 'ey';

/** Is always valid. */
export const STATIC_TOKEN = createToken('static', 4_000_000_000);

/** Never was valid. */
export const REVOKED_TOKEN = createToken('revoked', 4_000_000_000);
