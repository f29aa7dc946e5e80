import { stopwatch, systemClock } from '../clock.js';
import type { TokenGrantResponse } from '../token.js';
import { base64url } from './base64url.js';

const MOST = 1_000;

/** An identity that nobody else draws. Not `crypto.randomUUID`, which insecure contexts of browsers lack. */
export function randomGeneration(): string {
    return base64url(crypto.getRandomValues(new Uint8Array(12)));
}

/** What a process knows of the generations of its tokens. */
export interface Generations {
    /** Notes which one a token is of; one that a server gives out again is of the latest. */
    remember(grant: TokenGrantResponse, generation: string): void;
    of(accessToken: string): string | undefined;
    /** How many milliseconds a token is good for, as far as is known. */
    timeLeft(accessToken: string): number | undefined;
    refuse(generation: string): void;
    readonly isRefused: (generation: string) => boolean;
    /** Refuses all that are known (log out). */
    refuseAll(): void;
}

export function createGenerations(): Generations {
    const byToken = new Map<string, { generation: string; timeLeft: () => number | undefined }>();
    const refused = new Map<string, true>();

    const refuse = (generation: string): void => put(refused, generation, true);
    return {
        remember({ access_token, expires_in }, generation) {
            const age = stopwatch(systemClock);
            const timeLeft = () => (expires_in === undefined ? undefined : expires_in * 1_000 - age());
            put(byToken, access_token, { generation, timeLeft });
        },
        of: (accessToken) => byToken.get(accessToken)?.generation,
        timeLeft: (accessToken) => byToken.get(accessToken)?.timeLeft(),
        refuse,
        isRefused: (generation) => refused.has(generation),
        refuseAll() {
            for (const { generation } of byToken.values()) refuse(generation);
            byToken.clear();
        },
    };
}

function put<T>(map: Map<string, T>, name: string, value: T): void {
    map.delete(name);
    map.set(name, value);
    for (const oldest of map.keys()) {
        if (map.size <= MOST) return;
        map.delete(oldest);
    }
}
