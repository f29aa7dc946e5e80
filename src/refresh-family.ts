import { stopwatch, systemClock } from './clock.js';
import type { TokenGrantResponse } from './token.js';

/** A refresh token and those that came of it, of which only the newest counts. */
export interface RefreshFamily {
    /** Does something with the newest refresh token when everybody who asked before is done with it. */
    inTurn<T>(work: (refreshToken: string | undefined) => Promise<T>): Promise<T>;
    isBusy(): boolean;
    /** Whether there is a refresh token whose lifetime is not known to be over. */
    isAlive(): boolean;
    /** Changes with every refresh token that is taken; 0: there was none so far. */
    generation(): number;
    /** Takes a refresh token from elsewhere, unless there is one already, or it is the one that was refused. */
    seed(refreshToken: string | undefined, lifetime?: number): void;
    /** Takes the refresh token of a grant; keeps its own where the grant has none. Returns the grant with the one that counts. */
    take(grant: TokenGrantResponse): TokenGrantResponse;
    /** Tells the application of the refresh token of a grant, unless it knows it. */
    announce(grant: TokenGrantResponse, tell: (() => unknown) | undefined): Promise<void>;
    /** Forgets the refresh token: the server refused it, or another grant replaces it. */
    drop(): void;
}

export function createRefreshFamily(): RefreshFamily {
    let refreshToken: string | undefined;
    let refused: string | undefined;
    let known: string | undefined;
    let secondsLeft: (() => number) | undefined;
    let generation = 0;
    let waiting = 0;
    let last: Promise<unknown> = Promise.resolve();

    function isAlive(): boolean {
        return refreshToken !== undefined && (secondsLeft?.() ?? 1) > 0;
    }

    function hold(newest: string | undefined, lifetime: number | undefined): void {
        const elapsed = stopwatch(systemClock);
        refreshToken = newest;
        secondsLeft = lifetime === undefined ? undefined : () => lifetime - Math.round(elapsed() / 1_000);
        generation += 1;
    }

    return {
        inTurn(work) {
            waiting += 1;
            const mine = last.then(() => work(refreshToken)).finally(() => (waiting -= 1));
            last = mine.catch(() => {});
            return mine;
        },
        isBusy: () => waiting > 0,
        isAlive,
        generation: () => generation,
        seed(first, lifetime) {
            if (!first || isAlive() || first === refreshToken || first === refused) return;
            hold(first, lifetime);
            known = first;
        },
        take({ refresh_token: issued, refresh_token_expires_in: lifetime, ...grant }) {
            if (issued || lifetime !== undefined) hold(issued || refreshToken, lifetime);
            return {
                ...grant,
                ...(refreshToken && { refresh_token: refreshToken }),
                ...(secondsLeft && { refresh_token_expires_in: secondsLeft() }),
            };
        },
        async announce({ refresh_token }, tell) {
            if (!refresh_token || refresh_token === known) return;
            await tell?.();
            known = refresh_token;
        },
        drop() {
            refused = refreshToken ?? refused;
            refreshToken = undefined;
        },
    };
}
