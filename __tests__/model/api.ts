import axios, {
    AxiosError,
    AxiosHeaders,
    CanceledError,
    type AxiosResponse,
    type InternalAxiosRequestConfig,
} from 'axios';
import type { Answer } from './facts.js';
import type { Stage } from './stage.js';

interface RequestUnderTest {
    readonly abort: AbortController;
    readonly answers: readonly Answer[];
    sendings: number;
    isSettled: boolean;
}

/** An API, which answers each sending of a request as it is planned, and the requests to it. */
export class ApiUnderTest {
    readonly requests: RequestUnderTest[] = [];
    readonly #stage: Stage;

    constructor(stage: Stage) {
        this.#stage = stage;
    }

    /** An axios adapter. */
    send(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
        const id = Number(config.url);
        const request = this.requests[id];
        if (!request) throw new Error(`no request ${id}`);
        const authorization = config.headers.get('Authorization') as string | undefined;
        this.#stage.record({ what: 'sent', request: id, token: authorization?.replace(/^Bearer /, '') });
        const answer = request.answers[request.sendings++] ?? 200;
        return new Promise((resolve, reject) => {
            config.signal?.addEventListener?.('abort', () => reject(new CanceledError(undefined, config as never)));
            this.#stage.later(`answer to request ${id}: ${answer}`, () => {
                if (!request.isSettled) this.#stage.record({ what: 'answered', request: id, answer });
                this.#stage.model?.answer(id, answer);
                if (answer === 'cut') reject(new AxiosError('cut', 'ECONNRESET', config));
                else settle(id, answer, config, resolve, reject);
            });
        });
    }

    /** How a request ended, where it was not the creator's fault. */
    static nameOf(error: unknown): string {
        if (axios.isCancel(error)) return 'aborted';
        const { response, message } = error as AxiosError;
        return response ? `status ${response.status}` : message;
    }
}

/** As adapters do: some of them throw the answers that axios does not take for successes. */
function settle(
    id: number,
    answer: Exclude<Answer, 'cut'>,
    config: InternalAxiosRequestConfig,
    resolve: (response: AxiosResponse) => void,
    reject: (error: AxiosError) => void,
): void {
    const isForScope = answer === 'insufficient scope';
    const status = isForScope ? 401 : answer;
    const headers = new AxiosHeaders(isForScope ? { 'www-authenticate': 'Bearer error="insufficient_scope"' } : {});
    const response = { status, statusText: '', headers, config, data: '' };
    if (status < 300 || id % 2 === 0) resolve(response);
    else reject(new AxiosError('refused', undefined, config, undefined, response));
}
