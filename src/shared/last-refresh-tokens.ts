import { createBoundedMap } from '../bounded-map.js';
import type { SharedRefreshToken } from './family-record.js';

/** The refresh tokens of entries as this process knew them last, for a store that lost them. */
export interface LastRefreshTokens {
    of(entry: string): SharedRefreshToken | undefined;
    remember(entry: string, refreshToken: SharedRefreshToken | undefined): void;
    forget(): void;
}

const MOST = 1_000;

export function createLastRefreshTokens(): LastRefreshTokens {
    const known = createBoundedMap<{ refreshToken?: SharedRefreshToken | undefined }>(MOST, () => false);
    return {
        of: (entry) => known.peek(entry)?.refreshToken,
        remember(entry, refreshToken) {
            known.open(entry, () => ({})).refreshToken = refreshToken;
        },
        forget: () => void known.clear(),
    };
}
