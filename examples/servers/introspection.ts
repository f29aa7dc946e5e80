import { asRecord } from './records.js';

/** Whether a resource server may accept an access token. */
export type TokenCheck = (token: string) => Promise<boolean>;

interface Introspection {
    active: boolean;
    exp?: number;
}

/**
 * introspectOver asks `{url}/token/introspect` about every token (RFC 7662). While that cannot be reached, the last
 * answer counts until the token's `exp`, as section 4 of the RFC allows; without one it throws.
 */
export function introspectOver(url: string): TokenCheck {
    const last = new Map<string, Introspection>();
    return async (token) => {
        const answer = await introspect(url, token);
        if (answer) {
            last.set(token, answer);
            return answer.active;
        }
        const remembered = last.get(token);
        if (!remembered) {
            throw new Error('The introspection endpoint cannot be reached.');
        }
        return remembered.active && !isOver(remembered);
    };
}

/** introspect resolves to undefined when the endpoint cannot be reached or does not say. */
export async function introspect(url: string, token: string): Promise<Introspection | undefined> {
    try {
        const response = await fetch(`${url.replace(/\/+$/, '')}/token/introspect`, {
            method: 'POST',
            headers: { accept: 'application/json' },
            body: new URLSearchParams({ token }),
            redirect: 'error',
            signal: AbortSignal.timeout(10_000),
        });
        const { active, exp } = asRecord(await response.json());
        return typeof active === 'boolean' ? { active, exp: typeof exp === 'number' ? exp : undefined } : undefined;
    } catch {
        return undefined;
    }
}

function isOver({ exp }: Introspection): boolean {
    return exp !== undefined && exp * 1000 <= Date.now();
}
