import { headerOf } from '../headers.js';

const MOST_ORIGINS = 100;

/** The nonces that servers gave, the last one of each origin (RFC 9449 section 8.2). */
export interface Nonces {
    of(origin: string): string | undefined;
    /** @returns whether the answer brought another nonce than the one that was sent */
    learn(origin: string, headers: object | undefined, sent: string | undefined): boolean;
}

export function createNonces(): Nonces {
    const nonces = new Map<string, string>();
    return {
        of: (origin) => nonces.get(origin),
        learn(origin, headers, sent) {
            const nonce = headerOf(headers, 'dpop-nonce');
            if (!nonce) return false;
            if (nonces.size >= MOST_ORIGINS && !nonces.has(origin)) nonces.clear();
            nonces.set(origin, nonce);
            return nonce !== sent;
        },
    };
}
