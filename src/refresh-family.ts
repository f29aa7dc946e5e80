import { stopwatch, systemClock } from './clock.js';
import { fieldOf, ownOf } from './own.js';
import type { TokenParameters } from './parameters.js';
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
    /** Whether the application knows the newest refresh token, so that nothing is lost if this is forgotten. */
    isKnown(): boolean;
    /** What it got, and the application was not told of yet, because that failed. */
    untold(): Untold | undefined;
    /**
     * Tells the application of a refresh token, unless it knows it; before it is told nothing is to be done with that.
     */
    announce(untold: Untold, tell: (grant: TokenGrantResponse) => Promise<unknown>): Promise<void>;
    /** Forgets the refresh token: the server refused it, or another grant replaces it. */
    drop(): void;
}

/** A grant that waits to be used until the application was told of it. */
export interface Untold {
    readonly grant: TokenGrantResponse;
    /** Of the token that it is for. */
    readonly name: string;
    /** Milliseconds since it came. */
    readonly age: () => number;
    readonly parameters: TokenParameters | undefined;
}

/** The grant as it is now; `undefined` when its access token is too old to be given to anybody. */
export function grantNow({ grant, age }: Untold): TokenGrantResponse | undefined {
    if (grant.expires_in === undefined) return grant;
    const left = grant.expires_in - Math.ceil(age() / 1_000);
    return left > 0 ? { ...grant, expires_in: left } : undefined;
}

export function isWithin(wanted: string | undefined, granted: string | undefined): boolean {
    const scopes = granted?.split(/\s+/) ?? [];
    return (wanted?.match(/\S+/g) ?? []).every((scope) => scopes.includes(scope));
}

export function createRefreshFamily(): RefreshFamily {
    let refreshToken: string | undefined;
    let refused: string | undefined;
    let known: string | undefined;
    let granted: string | undefined;
    let untold: Untold | undefined;
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
            granted = untold = undefined;
            return true;
        },
        take(answer, scope = granted) {
            const { refresh_token: issued, refresh_token_expires_in: lifetime, ...grant } = ownOf(answer);
            granted = scope;
            if (issued || lifetime !== undefined) hold(issued || refreshToken, lifetime);
            return {
                ...grant,
                ...(refreshToken && { refresh_token: refreshToken }),
                ...(secondsLeft && { refresh_token_expires_in: secondsLeft() }),
            };
        },
        isKnown: () => refreshToken === undefined || refreshToken === known,
        untold: () => untold,
        async announce(news, tell) {
            const refresh_token = fieldOf(news.grant, 'refresh_token');
            if (!refresh_token || refresh_token === known) return;
            untold = news;
            await tell(news.grant);
            untold = undefined;
            known = refresh_token;
        },
        drop() {
            refused = refreshToken ?? refused;
            refreshToken = secondsLeft = untold = undefined;
        },
    };
}
