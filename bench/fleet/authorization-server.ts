import { TokenEndpointError, type TokenCreator } from '../../src/index.js';

/** Seconds. */
const LIFETIME = 3_600;

const UNAVAILABLE = {
    endpoint: 'token endpoint',
    status: 503,
    error: undefined,
    errorDescription: undefined,
    errorUri: undefined,
    vendorCode: undefined,
    retryAfter: undefined,
};

/** A token endpoint, and what a resource server knows of its tokens. */
export interface AuthorizationServer {
    readonly create: TokenCreator;
    isGood(accessToken: string): boolean;
    /** Ends all tokens issued so far. */
    revoke(): void;
    /** When it was called, in milliseconds of virtual time. */
    readonly calls: readonly number[];
    /** While it is down it answers 503. */
    isDown: boolean;
}

/** @param latency - draws the milliseconds that an answer takes */
export function createAuthorizationServer(now: () => number, latency: () => number): AuthorizationServer {
    const calls: number[] = [];
    const expiries = new Map<string, number>();

    const server: AuthorizationServer = {
        calls,
        isDown: false,
        async create() {
            calls.push(now());
            const token = `token-${calls.length}`;
            await new Promise((resolve) => setTimeout(resolve, latency()));
            if (server.isDown) throw new TokenEndpointError('down', UNAVAILABLE);
            expiries.set(token, now() + LIFETIME * 1_000);
            return { access_token: token, token_type: 'Bearer', expires_in: LIFETIME };
        },
        isGood: (accessToken) => now() < (expiries.get(accessToken) ?? 0),
        revoke: () => expiries.clear(),
    };
    return server;
}
