import { headerOf } from './headers.js';

/** Reads `Retry-After` (RFC 9110 section 10.2.3: seconds or a date) as milliseconds from `now`. */
export function parseRetryAfter(value: unknown, now: number): number | undefined {
    if (typeof value !== 'string') return undefined;
    const milliseconds = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
    return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

interface MaybeRetryAfter {
    retryAfter?: unknown;
    response?: { headers?: object };
}

/** How long the server asked to wait: by our own errors, or by the HTTP error that a custom creator let through. */
export function retryAfterOf(error: unknown, now: number): number | undefined {
    try {
        const { retryAfter, response } = Object(error) as MaybeRetryAfter;
        if (typeof retryAfter === 'number') return retryAfter >= 0 ? retryAfter : undefined;
        return parseRetryAfter(headerOf(response?.headers, 'retry-after'), now);
    } catch {
        return undefined; // whatever a custom creator threw, reading it must not hide it
    }
}
