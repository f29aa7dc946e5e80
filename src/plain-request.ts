import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { hasMethods } from './options.js';
import type { Redact } from './redaction.js';
import { answerOf } from './token-answer.js';

const DEFAULT_TIMEOUT = 30_000;
const LARGEST_ANSWER = 1_048_576;

const asItIs = (data: unknown): unknown => data;

export const isInstance: (client: unknown) => client is AxiosInstance = hasMethods('request') as never;

export function instanceOf(client: AxiosRequestConfig | AxiosInstance | undefined): AxiosInstance {
    return isInstance(client) ? client : axios.create(client);
}

type PlainRequest = Omit<AxiosRequestConfig, 'headers'> & { headers?: Readonly<Record<string, string>> };

/**
 * Sends a request to an authorization server, whatever the client would do of itself, and gives what it answers, errors
 * included.
 *
 * @param who - names what is asked in errors
 * @throws TokenError when there is no answer
 */
export async function sendPlain(
    instance: AxiosInstance,
    config: PlainRequest,
    redact: Redact,
    who: string,
): Promise<unknown> {
    const plain = {
        auth: null,
        tokenCreator: false,
        allowAbsoluteUrls: true,
        // A redirect would send the credentials on to wherever it says.
        maxRedirects: 0,
        fetchOptions: { redirect: 'manual' },
        maxContentLength: LARGEST_ANSWER,
        responseType: 'text',
        transformRequest: [asItIs],
        transformResponse: [asItIs],
        ...config,
        // An inherited Authorization would contradict the credentials of the request.
        headers: { Accept: 'application/json', Authorization: null, ...config.headers },
    };
    try {
        return await instance.request(plain as unknown as AxiosRequestConfig); // axios's types know no null
    } catch (failure) {
        return answerOf(failure, redact, who);
    }
}

/**
 * Works with an authorization server for as long as the client's `timeout` allows, and until the caller leaves.
 *
 * @param work - its signal fires when nobody waits for it any more
 */
export function inTime<T>(
    { defaults }: AxiosInstance,
    who: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
): Promise<T> {
    const timeout = Number(defaults.timeout) || DEFAULT_TIMEOUT;
    const abort = new AbortController();
    return untilDeparture(work(abort.signal), {
        signal,
        timeout,
        expired: () => new TokenError('timeout', `the ${who} gave no whole answer within ${timeout} ms`),
    }).finally(() => abort.abort());
}
