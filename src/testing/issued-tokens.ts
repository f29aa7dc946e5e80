import type { Clock } from '../clock.js';
import type { TokenGrantResponse } from '../token.js';

/** Who logged in once, and what came of it: a family of refresh tokens, of which the newest counts. */
interface Family {
    readonly number: number;
    readonly scope: string | undefined;
    newest: number;
}

interface AccessRecord {
    readonly number: number;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
    readonly scope: string | undefined;
    readonly family: Family | undefined;
}

/** What a fault makes of a grant before it counts as issued. */
export type Alteration = (grant: TokenGrantResponse) => TokenGrantResponse;

interface Asked {
    readonly scope: string | undefined;
    readonly alter: Alteration;
}

interface IssuerSettings {
    readonly clock: Pick<Clock, 'now'>;
    /** Seconds; `Infinity` for tokens that tell no lifetime. */
    readonly expiresIn: number;
    readonly rotates: boolean;
}

/** The tokens that a test authorization server issued; it knows nothing of HTTP. */
export type IssuedTokens = ReturnType<typeof createIssuedTokens>;

const REFRESH_TOKEN = /^test-refresh-token-(\d+)\./;

export function createIssuedTokens({ clock, expiresIn, rotates }: IssuerSettings) {
    // Tokens of one server mean nothing to another one.
    const mark = crypto.randomUUID().slice(0, 8);
    const access = new Map<string, AccessRecord>();
    const families = new Map<number, Family>();
    let issued = 0;
    let begun = 0;
    let reuseAttempts = 0;

    const newestOf = ({ number, newest }: Family) => ({
        refresh_token: `test-refresh-token-${number}.${newest}-${mark}`,
    });

    /** The oldest end first, as all live equally long. */
    function forgetExpired(): void {
        for (const [token, { expiresAt }] of access) {
            if (expiresAt > clock.now()) return;
            access.delete(token);
        }
    }

    function issue({ scope, alter }: Asked, family?: Family, refreshToken?: object): TokenGrantResponse {
        forgetExpired();
        issued += 1;
        const grant = alter({
            access_token: `test-access-token-${issued}-${mark}`,
            token_type: 'Bearer',
            ...(expiresIn !== Infinity && { expires_in: expiresIn }),
            ...(scope !== undefined && { scope }),
            ...refreshToken,
        });
        const { access_token: token } = grant as { access_token: unknown };
        const record = { number: issued, expiresAt: clock.now() + expiresIn * 1_000, scope, family };
        if (typeof token === 'string') access.set(token, record);
        return grant;
    }

    function revokeFamily(family: Family): void {
        families.delete(family.number);
        for (const [token, record] of access) if (record.family === family) access.delete(token);
    }

    function familyOf(refreshToken: string): { family: Family | undefined; isNewest: boolean } {
        const family = families.get(Number(REFRESH_TOKEN.exec(refreshToken)?.[1]));
        const isOurs = refreshToken.endsWith(`-${mark}`);
        return {
            family: isOurs ? family : undefined,
            isNewest: family !== undefined && refreshToken === newestOf(family).refresh_token,
        };
    }

    function recordOf(token: string): AccessRecord | undefined {
        const record = access.get(token);
        return record && record.expiresAt > clock.now() ? record : undefined;
    }

    return {
        issue,
        recordOf,
        /** Begins a family of refresh tokens. */
        logIn(asked: Asked): TokenGrantResponse {
            begun += 1;
            const family = { number: begun, scope: asked.scope, newest: 1 };
            families.set(begun, family);
            return issue(asked, family, newestOf(family));
        },
        /** @returns `undefined` for a refresh token that does not count */
        refresh(refreshToken: string, { scope, alter }: Asked): TokenGrantResponse | undefined {
            const { family, isNewest } = familyOf(refreshToken);
            if (!family) return undefined;
            if (!isNewest) {
                // RFC 9700 section 4.14.2: one of the two who have it is a thief.
                reuseAttempts += 1;
                revokeFamily(family);
                return undefined;
            }
            if (rotates) family.newest += 1;
            // Without a new one in the answer, the old one stays (RFC 6749 section 6).
            return issue({ scope: scope ?? family.scope, alter }, family, rotates ? newestOf(family) : {});
        },
        /** RFC 7009: that there is no such token is no error. */
        revoke(token: string): void {
            access.delete(token);
            const { family } = familyOf(token);
            if (family) revokeFamily(family);
        },
        revokeAccessTokens: () => access.clear(),
        revokeRefreshTokens: () => families.clear(),
        counts: () => {
            forgetExpired();
            const liveTokens = [...access.keys()].filter((token) => recordOf(token)).length;
            return { tokensIssued: issued, liveTokens, reuseAttempts };
        },
    };
}
