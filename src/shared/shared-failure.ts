import { TokenEndpointError } from '../errors.js';
import { isRefusal } from '../refresh-at-endpoint.js';

/** What the authorization server answered to one, for all who send the same credentials. Milliseconds. */
export interface SharedFailure {
    readonly timeLeft: number;
    readonly message: string;
    readonly said: ConstructorParameters<typeof TokenEndpointError>[1];
}

const LONGEST = 3_600_000;
const PASSING = 1_000;

/**
 * Only what the authorization server said itself counts for all: that one node cannot reach it says nothing about the
 * others.
 *
 * @param duration - milliseconds for which a refusal counts; how long a `Retry-After` counts is for the server to say, and
 * what may pass counts for those who waited meanwhile, a second
 */
export function sharedFailureOf(error: unknown, duration: number): SharedFailure | undefined {
    if (!(error instanceof TokenEndpointError)) return undefined;
    const { message, endpoint, status, error: code, errorDescription, errorUri, vendorCode, retryAfter } = error;
    const timeLeft = Math.min(retryAfter ?? (isRefusal(error) ? duration : Math.min(duration, PASSING)), LONGEST);
    if (timeLeft <= 0) return undefined;
    return {
        timeLeft,
        message,
        said: { endpoint, status, error: code, errorDescription, errorUri, vendorCode, retryAfter },
    };
}

/** The error as the others get it. */
export function errorOf({ message, said, timeLeft }: SharedFailure): TokenEndpointError {
    return new TokenEndpointError(message, { ...said, retryAfter: said.retryAfter && timeLeft });
}
