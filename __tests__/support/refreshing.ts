import {
    withRefreshToken,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenGrantResponse,
    type TokenParameters,
} from '../../src/index.js';
import { settled } from './deferred.js';

/** The context in which a source would call for these parameters. */
export function contextFor(
    parameters?: TokenParameters,
    more: Partial<TokenCreatorContext> = {},
): TokenCreatorContext & { signal: AbortSignal } {
    return {
        reason: 'expired',
        signal: new AbortController().signal,
        ...(parameters && { parameters }),
        ...more,
    };
}

/** A grant with that refresh token, and an access token named after it. */
export function grantWith(refresh_token?: string, more: Partial<TokenGrantResponse> = {}): TokenGrantResponse {
    return {
        access_token: `access-of-${refresh_token}`,
        token_type: 'Bearer',
        ...(refresh_token !== undefined && { refresh_token }),
        ...more,
    };
}

/** A call that ends when the test says so. */
interface Call {
    readonly refreshToken: string;
    readonly context: TokenCreatorContext | undefined;
    readonly answer: (grant: TokenGrantResponse) => Promise<void>;
    readonly fail: (error: unknown) => Promise<void>;
}

export interface RefreshingCreator {
    readonly creator: TokenCreator;
    readonly refreshes: Call[];
    /** Its refresh token is empty. */
    readonly logIns: Call[];
}

/** `withRefreshToken`, where each log-in and each refresh ends when the test says so. */
export function createRefreshing(
    onRefreshToken?: (grant: TokenGrantResponse, parameters?: TokenParameters) => unknown,
): RefreshingCreator {
    const refreshes: Call[] = [];
    const logIns: Call[] = [];
    const record = (calls: Call[]) => (refreshToken: string, context: TokenCreatorContext | undefined) =>
        new Promise<TokenGrantResponse>((resolve, reject) => {
            const answer = (grant: TokenGrantResponse) => {
                resolve(grant);
                return settled();
            };
            const fail = (error: unknown) => {
                reject(error);
                return settled();
            };
            calls.push({ refreshToken, context, answer, fail });
        });
    const logIn = record(logIns);
    const creator = withRefreshToken((context) => logIn('', context), {
        refresh: record(refreshes),
        ...(onRefreshToken && { onRefreshToken }),
    });
    return { creator, refreshes, logIns };
}

/** The same, logged in for nothing in particular, with the refresh token `r1`. */
export async function createLoggedIn(
    onRefreshToken?: (grant: TokenGrantResponse, parameters?: TokenParameters) => unknown,
    more: Partial<TokenGrantResponse> = {},
): Promise<RefreshingCreator> {
    const refreshing = createRefreshing(onRefreshToken);
    const first = refreshing.creator(contextFor());
    await settled();
    await refreshing.logIns[0]?.answer(grantWith('r1', more));
    await first;
    return refreshing;
}

export const sentBy = ({ refreshes }: RefreshingCreator): string[] => refreshes.map(({ refreshToken }) => refreshToken);

/** The server says no. */
export function refused(status = 400, error = 'invalid_grant'): Error {
    return Object.assign(new Error(`refused with ${status}`), { status, error });
}
