import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { checkFields, hasMethods, optional, URL_LIKE, URL_OR_PATH } from './options.js';
import { createRedact } from './redaction.js';
import { answerOf, readAnswer } from './token-answer.js';
import type { TokenGrantResponse } from './token.js';

/** Options of the creators that ask a token endpoint. */
export interface TokenEndpointOptions {
    /**
     * Sends the token requests: an axios request config (`{ baseURL }`) or an instance of your own, whose proxy, agent,
     * interceptors and mock adapter then apply. Its `timeout` in milliseconds, 30 s if it has none, is the time for the
     * whole answer.
     */
    client?: AxiosRequestConfig | AxiosInstance;
    /**
     * The URL of the token endpoint; a path is appended to the client's `baseURL`.
     *
     * @default '/token', so that the base `https://h/auth` gives `https://h/auth/token`
     */
    tokenEndpoint?: string | URL;
}

/** The form of a token request, by the names on the wire; what is empty is left out. */
type TokenRequestParameters = Readonly<Record<string, string | undefined>>;

/**
 * Posts to a token endpoint (RFC 6749 section 3.2).
 *
 * @throws TokenError, TokenEndpointError, TokenResponseError, or the reason of the signal
 */
export type TokenEndpoint = (parameters: TokenRequestParameters, signal?: AbortSignal) => Promise<TokenGrantResponse>;

const SECRETS = ['password', 'secret', 'client_secret', 'refresh_token'];
const DEFAULT_TIMEOUT = 30_000;
const LARGEST_ANSWER = 1_048_576;

const isInstance: (client: unknown) => client is AxiosInstance = hasMethods('request') as never;
const asItIs = (data: unknown): unknown => data;

/** The request of a token, whatever the client that sends it would do of itself. */
function tokenRequest(url: string, form: URLSearchParams, signal: AbortSignal): AxiosRequestConfig {
    const config = {
        method: 'post',
        url,
        data: String(form),
        // The credentials are in the body; an inherited Authorization would contradict them.
        headers: {
            Accept: 'application/json',
            'Content-Type': 'application/x-www-form-urlencoded',
            Authorization: null,
        },
        auth: null,
        tokenCreator: false,
        signal,
        allowAbsoluteUrls: true,
        // A redirect would send the credentials on to wherever it says.
        maxRedirects: 0,
        fetchOptions: { redirect: 'manual' },
        maxContentLength: LARGEST_ANSWER,
        responseType: 'text',
        transformRequest: [asItIs],
        transformResponse: [asItIs],
    };
    return config as unknown as AxiosRequestConfig; // axios's types know no null, which alone overrides a default
}

/** @throws TypeError that names the option and what was given */
export function createTokenEndpoint(caller: string, options: TokenEndpointOptions = {}): TokenEndpoint {
    const { client, tokenEndpoint } = Object(options) as TokenEndpointOptions;
    const baseURL = isInstance(client) ? client.defaults.baseURL : client?.baseURL;
    const mayLackBase = Boolean(tokenEndpoint) || isInstance(client);
    checkFields(caller, 'options', options && { ...options, 'client.baseURL': baseURL }, {
        client: optional(['an axios request config or instance', (value) => Object(value) === value]),
        tokenEndpoint: optional(URL_LIKE),
        'client.baseURL': mayLackBase ? optional(URL_OR_PATH) : URL_OR_PATH,
    });
    const instance = isInstance(client) ? client : axios.create(client);
    const url = String(tokenEndpoint ?? '/token');

    return async (parameters, signal) => {
        signal?.throwIfAborted();
        const form = new URLSearchParams();
        for (const [name, value] of Object.entries(parameters)) if (value) form.set(name, value);
        const redact = createRedact(SECRETS.map((name) => form.get(name) ?? ''));
        const timeout = Number(instance.defaults.timeout) || DEFAULT_TIMEOUT;
        const abort = new AbortController();
        const send = async (): Promise<unknown> => instance.request(tokenRequest(url, form, abort.signal));
        const sent = send().catch((failure: unknown) => answerOf(failure, redact));
        const departure = {
            signal,
            aborted: () => signal?.reason as unknown,
            timeout,
            expired: () => new TokenError('timeout', `the token endpoint gave no whole answer within ${timeout} ms`),
        };
        const answer = await untilDeparture(sent, departure).finally(() => abort.abort());
        return readAnswer(answer, redact);
    };
}
