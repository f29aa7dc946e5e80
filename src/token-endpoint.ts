import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import type { TokenCreatorContext } from './creator.js';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { checkOptions, checkUrl } from './options.js';
import { createRedaction } from './redaction.js';
import { readAnswer, toTokenError } from './token-answer.js';
import type { TokenGrantResponse } from './token.js';

/** Options of the creators that ask a token endpoint. */
export interface TokenEndpointOptions {
    /**
     * Sends the token requests: an axios request config (`{ baseURL }`) or an instance of your own, whose proxy, agent,
     * interceptors and mock adapter then apply. Its `timeout`, 30 s if it has none, is the time for the whole answer.
     */
    client?: AxiosRequestConfig | AxiosInstance;
    /**
     * The URL of the token endpoint; a path is appended to the client's `baseURL`.
     *
     * @default 'token', so that the base `https://h/auth` gives `https://h/auth/token`
     */
    tokenEndpoint?: string | URL;
}

/** The form of a token request, by the names on the wire; what is empty is left out. */
export type TokenRequestParameters = Readonly<Record<string, string | undefined>>;

/**
 * Posts to a token endpoint (RFC 6749 section 3.2).
 *
 * @throws TokenError, TokenEndpointError, TokenResponseError
 */
export type TokenEndpoint = (
    parameters: TokenRequestParameters,
    signal?: TokenCreatorContext['signal'],
) => Promise<TokenGrantResponse>;

const SECRETS = ['password', 'secret', 'client_secret', 'refresh_token'];
const DEFAULT_TIMEOUT = 30_000;
const LARGEST_ANSWER = 1_048_576;

const isInstance = (client: object): client is AxiosInstance => 'interceptors' in client;
const asItIs = (data: unknown): unknown => data;

function checkEndpoint(caller: string, { client, tokenEndpoint }: TokenEndpointOptions): void {
    if (tokenEndpoint !== undefined) checkUrl(`${caller}: options.tokenEndpoint`, `${tokenEndpoint}`);
    if (client === undefined || isInstance(client)) {
        if (client?.defaults.baseURL) checkUrl(`${caller}: options.client.defaults.baseURL`, client.defaults.baseURL);
        if (client ?? tokenEndpoint) return;
        throw new TypeError(`${caller}: options.client is missing, { baseURL: 'https://…' } say`);
    }
    if (client.baseURL !== undefined || tokenEndpoint === undefined) {
        checkUrl(`${caller}: options.client.baseURL`, client.baseURL);
    }
}

/** @throws TypeError that names the option and what was given */
export function createTokenEndpoint(caller: string, options: TokenEndpointOptions = {}): TokenEndpoint {
    checkOptions(caller, options, {
        client: (value) => (Object(value) === value ? undefined : 'an axios request config or instance'),
        tokenEndpoint: () => undefined,
    });
    checkEndpoint(caller, options);
    const { client = {}, tokenEndpoint = 'token' } = options;
    const instance = isInstance(client) ? client : axios.create(client);

    return async (parameters, signal) => {
        signal?.throwIfAborted();
        const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
        const redaction = createRedaction(given.flatMap(([name, value]) => (SECRETS.includes(name) ? value : [])));
        const timeout = Number(instance.defaults.timeout) || DEFAULT_TIMEOUT;
        const abort = new AbortController();
        const config = {
            method: 'post',
            url: String(tokenEndpoint),
            data: new URLSearchParams(given).toString(),
            // Credentials are in the body; an inherited Authorization would be a second, contradicting authentication.
            headers: {
                Accept: 'application/json',
                'Content-Type': 'application/x-www-form-urlencoded',
                Authorization: null,
            },
            auth: null,
            tokenCreator: false,
            signal: abort.signal,
            allowAbsoluteUrls: true,
            // A redirect would send the credentials on to wherever it says.
            maxRedirects: 0,
            fetchOptions: { redirect: 'manual' },
            maxContentLength: LARGEST_ANSWER,
            responseType: 'text',
            transformRequest: [asItIs],
            transformResponse: [asItIs],
        } as unknown as AxiosRequestConfig;

        const send = async (): Promise<unknown> => instance.request(config);
        const sent = send().catch((error: unknown) => toTokenError(error, redaction));
        const answer = await untilDeparture(sent, (leave) => {
            const stop = (error: unknown): void => {
                leave(error);
                abort.abort();
            };
            const onAbort = (): void => stop(signal?.reason);
            const onTimeout = (): void => stop(new TokenError('timeout', `the token endpoint gave no whole answer within ${timeout} ms`));
            const timer = setTimeout(onTimeout, timeout);
            signal?.addEventListener('abort', onAbort);
            return () => {
                clearTimeout(timer);
                signal?.removeEventListener('abort', onAbort);
            };
        });
        return readAnswer(answer, redaction);
    };
}
