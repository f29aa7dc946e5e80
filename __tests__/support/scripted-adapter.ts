import { AxiosError, AxiosHeaders, CanceledError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';

/** A request as the adapter got it. */
interface SentRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: AxiosHeaders;
    readonly form: URLSearchParams;
    /** By the wall clock, which a test may have replaced. */
    readonly at: number;
}

/** What becomes of a request; `undefined`: no answer comes, until its signal fires. */
export type ScriptedAnswer = { status?: number; body: unknown; headers?: Record<string, string> } | Error | undefined;

export interface ScriptedAdapter {
    readonly adapter: AxiosAdapter;
    readonly sent: readonly SentRequest[];
    /** How many requests were called off. */
    readonly aborted: number;
    /** Sets the answers to the requests to come, in order; the last one also goes to all that follow. */
    answer(...answers: (ScriptedAnswer | ((request: SentRequest) => ScriptedAnswer))[]): void;
}

/** An adapter that opens no socket, so that it works under jest's fake timers, and for any URL. */
export function createScriptedAdapter(): ScriptedAdapter {
    const sent: SentRequest[] = [];
    let answers: Parameters<ScriptedAdapter['answer']> = [];
    let aborted = 0;
    const adapter: AxiosAdapter = (config) => {
        const request = requestOf(config);
        sent.push(request);
        const next = answers.length > 1 ? answers.shift() : answers[0];
        const answer = typeof next === 'function' ? next(request) : next;
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer) {
            const { status = 200, body, headers = {} } = answer;
            const data = typeof body === 'string' ? body : JSON.stringify(body);
            return Promise.resolve({ status, statusText: '', headers: new AxiosHeaders(headers), config, data });
        }
        return new Promise((_, reject) => {
            config.signal?.addEventListener?.('abort', () => {
                aborted += 1;
                reject(new CanceledError(undefined, config));
            });
        });
    };
    return {
        adapter,
        sent,
        get aborted() {
            return aborted;
        },
        answer(...next) {
            answers = next;
        },
    };
}

function requestOf({ method = '', url = '', baseURL = '', headers, data }: InternalAxiosRequestConfig): SentRequest {
    return {
        method: method.toUpperCase(),
        url: /^https?:/i.test(url) ? url : baseURL.replace(/\/$/, '') + url,
        headers,
        form: new URLSearchParams(data as string | undefined),
        at: Date.now(),
    };
}

/** As axios says it when there is no connection. */
export function noConnection(): Error {
    return new AxiosError('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED');
}
