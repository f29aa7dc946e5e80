import { stopwatch, systemClock } from './clock.js';
import type { TokenGrantResponse } from './token.js';

/** A refresh token and those that came of it, of which only the newest counts. */
export interface RefreshFamily {
    /** Does something with the newest refresh token when everybody who asked before is done with it. */
    inTurn<T>(work: (refreshToken: string | undefined) => Promise<T>): Promise<T>;
    /** Keeps the family from being forgotten meanwhile. */
    during<T>(work: () => Promise<T>): Promise<T>;
    isBusy(): boolean;
    /** Whether there is a refresh token whose lifetime is not known to be over. */
    isAlive(): boolean;
    /** Whether that scope is within what was granted, as far as that is known (RFC 6749 section 6). */
    covers(scope: string | undefined): boolean;
    /** Changes with every refresh token that is taken; 0: there was none so far. */
    generation(): number;
    /**
     * Takes a refresh token from elsewhere, unless it is the one that was refused.
     *
     * @returns whether it was another one
     */
    seed(refreshToken: string | undefined, lifetime?: number): boolean;
    /**
     * Takes the refresh token of a grant; keeps its own where the grant has none.
     *
     * @param scope - what was granted, when this is the grant of a new family
     * @returns the grant with the refresh token that counts
     */
    take(grant: TokenGrantResponse, scope?: string): TokenGrantResponse;
    /** Tells the application of the refresh token of a grant, unless it knows it. */
    announce(grant: TokenGrantResponse, tell: () => Promise<unknown>): Promise<void>;
    /** Forgets the refresh token: the server refused it, or another grant replaces it. */
    drop(): void;
}

export function isWithin(wanted: string | undefined, granted: string | undefined): boolean {
    const scopes = granted?.split(' ') ?? [];
    return (wanted?.split(' ') ?? []).every((scope) => scopes.includes(scope));
}

export function createRefreshFamily(): RefreshFamily {
    let refreshToken: string | undefined;
    let refused: string | undefined;
    let known: string | undefined;
    let granted: string | undefined;
    let secondsLeft: (() => number) | undefined;
    let generation = 0;
    let atWork = 0;
    let last: Promise<unknown> = Promise.resolve();

    function hold(newest: string | undefined, lifetime: number | undefined): void {
        const elapsed = stopwatch(systemClock);
        refreshToken = newest;
        secondsLeft = lifetime === undefined ? undefined : () => lifetime - Math.round(elapsed() / 1_000);
        generation += 1;
    }

    async function during<T>(work: () => Promise<T>): Promise<T> {
        atWork += 1;
        try {
            return await work();
        } finally {
            atWork -= 1;
        }
    }

    return {
        inTurn(work) {
            const mine = during(() => last.then(() => work(refreshToken)));
            last = mine.catch(() => {});
            return mine;
        },
        during,
        isBusy: () => atWork > 0,
        isAlive: () => refreshToken !== undefined && (secondsLeft?.() ?? 1) > 0,
        covers: (scope) => granted === undefined || isWithin(scope, granted),
        generation: () => generation,
        seed(first, lifetime) {
            if (!first || first === refreshToken || first === refused) return false;
            hold(first, lifetime);
            known = first;
            return true;
        },
        take({ refresh_token: issued, refresh_token_expires_in: lifetime, ...grant }, scope = granted) {
            granted = scope;
            if (issued || lifetime !== undefined) hold(issued || refreshToken, lifetime);
            return {
                ...grant,
                ...(refreshToken && { refresh_token: refreshToken }),
                ...(secondsLeft && { refresh_token_expires_in: secondsLeft() }),
            };
        },
        async announce({ refresh_token }, tell) {
            if (!refresh_token || refresh_token === known) return;
            await tell();
            known = refresh_token;
        },
        drop() {
            refused = refreshToken ?? refused;
            refreshToken = secondsLeft = undefined;
        },
    };
}
