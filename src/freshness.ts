/** `fresh`: serve it. `aging`: serve it, and renew it in the background. `stale`: wait for another. */
export type Freshness = 'fresh' | 'aging' | 'stale';

/** The ages, in milliseconds since its request, at which a token becomes aging and stale. */
export interface FreshnessWindows {
    readonly agingFrom: number;
    readonly staleFrom: number;
}

const JITTER = 0.1;

/**
 * Fractions of the lifetime bound both windows: a fixed lead longer than the lifetime would make every request create
 * a token. The jitter keeps the nodes of a fleet from renewing in lock-step.
 *
 * @param lifetime - milliseconds; `undefined` when the server did not tell: such a token lives until it is rejected
 * @param jitter - from 0 to 1, drawn once per token
 */
export function freshnessWindows(
    lifetime: number | undefined,
    refreshAhead: number,
    expiryLeeway: number,
    jitter: number,
): FreshnessWindows {
    if (lifetime === undefined) return { agingFrom: Infinity, staleFrom: Infinity };
    const lead = Math.min(refreshAhead, lifetime / 5);
    return {
        agingFrom: lifetime - lead * (1 + JITTER * jitter),
        staleFrom: lifetime - Math.min(expiryLeeway, lifetime / 10),
    };
}

/** @param age - milliseconds since the token was requested */
export function freshnessAt({ agingFrom, staleFrom }: FreshnessWindows, age: number): Freshness {
    return age >= staleFrom ? 'stale' : age >= agingFrom ? 'aging' : 'fresh';
}
