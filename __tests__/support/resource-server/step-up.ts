import type { LiveToken } from '../openid-provider/live-tokens.js';

/** How and when the user logged in. */
export interface Authentication {
    readonly acr?: string;
    /** Seconds since the epoch. */
    readonly authTime?: number;
    /** The parameter `claims` that the token was asked for with. */
    readonly claims?: string;
}

type Parameters = Record<string, string | undefined>;

/** What the claims challenge asks for unless the request says otherwise. */
export const defaultClaims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

/** RFC 9470: `/step-up?acr=gold&max_age=60` needs one of the `acr` (separated by spaces), and a recent login. */
export function lackingAuthentication(url: URL, known: Authentication): Parameters | undefined {
    const acr = url.searchParams.get('acr') ?? undefined;
    const maxAge = url.searchParams.get('max_age') ?? undefined;
    const hasAcr = acr === undefined || acr.split(' ').includes(known.acr ?? '');
    const age = Date.now() / 1000 - (known.authTime ?? 0);
    if (hasAcr && (maxAge === undefined || age <= Number(maxAge))) return undefined;
    return {
        error: 'insufficient_user_authentication',
        error_description: 'A different authentication level is required',
        acr_values: acr,
        max_age: maxAge,
    };
}

/** As Microsoft Entra does: `/claims?claims={…}` needs a token that was asked for with these claims. */
export function lackingClaims(url: URL, known: Authentication, issuer: string): Parameters | undefined {
    const claims = url.searchParams.get('claims') ?? defaultClaims;
    if (isSameJson(known.claims, claims)) return undefined;
    return {
        realm: '',
        authorization_uri: `${issuer}/authorize`,
        error: 'insufficient_claims',
        claims: Buffer.from(claims).toString('base64'),
    };
}

function isSameJson(one: string | undefined, other: string): boolean {
    try {
        return JSON.stringify(JSON.parse(one ?? '')) === JSON.stringify(JSON.parse(other));
    } catch {
        return false;
    }
}

export function authenticationOf(token: LiveToken, known?: ReadonlyMap<string, Authentication>): Authentication {
    return { ...token, ...known?.get(token.token) };
}
