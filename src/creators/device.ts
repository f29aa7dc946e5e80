import { throwIfAborted } from '../abort.js';
import { startTimer, stopwatch, systemClock } from '../clock.js';
import type { TokenCreator, TokenCreatorContext } from '../creator.js';
import { untilDeparture } from '../departure.js';
import { CLIENT_CHECKS, type ClientOptions, type Endpoint, type Read } from '../endpoint.js';
import { TokenEndpointError, TokenError, TokenResponseError } from '../errors.js';
import { checkFields, FILLED_STRING, FUNCTION, REQUIRED_FUNCTION } from '../options.js';
import { ownOf } from '../own.js';
import { refreshAt } from '../refresh-at-endpoint.js';
import type { RefreshTokenOptions } from '../refresh-settings.js';
import { createRefreshingCreator } from '../refresh-token.js';
import { readBody } from '../token-answer.js';
import { createTokenEndpoint, type TokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';
import type { TokenGrantResponse } from '../token.js';

/** What to tell the user (RFC 8628 section 3.2), as it is on the wire. */
export interface DeviceAuthorization {
    /** The code that the user enters. */
    readonly user_code: string;
    /** The page on which that is done. */
    readonly verification_uri: string;
    /** The same page with the code in it, for a link or a QR code, where the server gives one. */
    readonly verification_uri_complete?: string;
    /** Seconds until the code is of no use any more. */
    readonly expires_in: number;
}

/** How the user gets to know of a device authorization. */
export interface DeviceCredentials {
    /**
     * Shows the code to the user. It is called for each new authorization, and nobody waits for what it returns: it may
     * show the code until the signal fires, which says that the code is of no use any more, because it was used,
     * refused, given up, or is too old. What it throws ends the authorization.
     */
    onUserCode: (authorization: DeviceAuthorization, signal: AbortSignal) => unknown;
}

/** Options of {@link createDeviceTokenCreator}. */
export type DeviceTokenCreatorOptions = TokenEndpointOptions &
    ClientOptions &
    RefreshTokenOptions & {
        /** The OAuth 2.0 client, which this grant always needs. */
        clientId: string;
        /**
         * The URL of the device authorization endpoint; a path is appended to the client's `baseURL`.
         *
         * @default what discovery tells
         */
        deviceAuthorizationEndpoint?: string | URL;
    };

interface StartedAuthorization {
    readonly shown: DeviceAuthorization;
    readonly deviceCode: string;
    /** Milliseconds between two questions. */
    readonly interval: number;
    /** Milliseconds since the answer. */
    readonly age: () => number;
}

const ENDPOINT: Endpoint = { option: 'deviceAuthorizationEndpoint', metadata: 'device_authorization_endpoint' };
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const DEFAULT_INTERVAL = 5_000;
const SLOWER_BY = 5_000;
const LONGEST_INTERVAL = 60_000;

const readAuthorization: Read<StartedAuthorization> = (...answer) => {
    const body = readBody(...answer);
    const { device_code, user_code, verification_uri_complete, expires_in, interval } = body;
    const verification_uri = body['verification_uri'] ?? body['verification_url']; // Google's, from before the RFC
    const seconds = Number(expires_in);
    if (![device_code, user_code, verification_uri].every(FILLED_STRING[1]) || !(seconds > 0)) {
        const needed = 'device_code, user_code, verification_uri and expires_in';
        throw new TokenResponseError(`the answer of the device authorization endpoint lacks one of ${needed}`);
    }
    return {
        shown: {
            user_code: String(user_code),
            verification_uri: String(verification_uri),
            ...(FILLED_STRING[1](verification_uri_complete) && {
                verification_uri_complete: String(verification_uri_complete),
            }),
            expires_in: seconds,
        },
        deviceCode: String(device_code),
        interval: Number(interval) > 0 ? Number(interval) * 1_000 : DEFAULT_INTERVAL,
        age: stopwatch(systemClock),
    };
};

/**
 * Creates tokens with the device authorization grant (RFC 8628): the user confirms a code in a browser on some other
 * device, and the creator asks until that is done, refused or too late. Where an answer brought a refresh token, that is
 * used first from then on, and the user is asked again only when the server refuses it.
 *
 * A source ends this after its `creationTimeout`, 30 s unless it is set: `Infinity` leaves the time to the server. The
 * signal of the context cancels it.
 *
 * @example
 * ```ts
 * const creator = createDeviceTokenCreator(
 *     { onUserCode: ({ user_code, verification_uri }) => console.log(`Enter ${user_code} at ${verification_uri}`) },
 *     { issuer: discover('https://login.example.com'), clientId: 'my-cli' },
 * );
 * attachTokenCreator(api, creator, { creationTimeout: Infinity });
 * ```
 * @throws TypeError that names the credential or option, at once; when called {@link TokenEndpointError} with the error
 * `access_denied` or `expired_token`, and {@link TokenError} `timeout` when the code is too old
 */
export function createDeviceTokenCreator(
    credentials: DeviceCredentials,
    options: DeviceTokenCreatorOptions,
): TokenCreator {
    const caller = 'createDeviceTokenCreator';
    const { onUserCode } = checkFields(caller, 'credentials', credentials, { onUserCode: REQUIRED_FUNCTION });
    const request = createTokenEndpoint(options, {
        caller,
        endpoints: [ENDPOINT],
        checks: { ...CLIENT_CHECKS, clientId: FILLED_STRING, onRefreshToken: FUNCTION },
    });
    const { onRefreshToken, scope } = ownOf(options);
    return createRefreshingCreator({
        create: async (context) => {
            const started = await request({}, context, ENDPOINT, readAuthorization);
            const over = new AbortController();
            const polled = poll(request, started, { ...context, signal: over.signal });
            return untilDeparture(polled, { signal: context?.signal }, (leave) => {
                (async () => onUserCode(started.shown, over.signal))().catch(leave);
                return () => over.abort();
            });
        },
        ...refreshAt(request),
        onRefreshToken,
        scope,
    });
}

/** Asks for the token until there is an answer that is one (RFC 8628 section 3.5). */
async function poll(
    request: TokenEndpoint,
    { deviceCode, shown, age, ...started }: StartedAuthorization,
    context: Partial<TokenCreatorContext> & { signal: AbortSignal },
): Promise<TokenGrantResponse> {
    const { signal } = context;
    let { interval } = started;
    let wait = interval;
    for (;;) {
        const left = shown.expires_in * 1_000 - age();
        if (wait > left) throw new TokenError('timeout', 'the user code has expired');
        await pause(wait, signal);
        try {
            return await request({ grant_type: GRANT_TYPE, device_code: deviceCode, scope: undefined }, context);
        } catch (error) {
            throwIfAborted(signal);
            interval = slowedDown(interval, error);
            wait = Math.max(interval, askedToWait(error));
        }
    }
}

/** @throws the error itself, if it is the end */
function slowedDown(interval: number, error: unknown): number {
    if (!(error instanceof TokenError) || error.code === 'response') throw error;
    if (error instanceof TokenEndpointError) {
        if (error.error === 'authorization_pending') return interval;
        if (error.error === 'slow_down') return interval + SLOWER_BY;
        if (error.status < 500 && error.status !== 429) throw error;
    }
    return Math.max(interval, Math.min(interval * 2, LONGEST_INTERVAL));
}

function askedToWait(error: unknown): number {
    return (error instanceof TokenEndpointError && error.retryAfter) || 0;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    let stop!: () => void;
    const over = new Promise<void>((resolve) => {
        stop = startTimer(milliseconds, resolve);
    });
    return untilDeparture(over, { signal }).finally(() => stop());
}
