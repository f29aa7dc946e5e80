import { AxiosError, AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { Agent, type AgentOptions } from 'node:http';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const BODY = '{"ok":true}';

const ANSWER =
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n` +
    `Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n\r\n${BODY}`;

/** What has arrived at the other end of connections. */
export interface Seen {
    withoutToken: number;
}

/** A connection whose other end answers each request (without a body) at once. */
class InMemoryConnection extends Duplex {
    readonly #seen: Seen;

    constructor(seen: Seen) {
        super({ decodeStrings: false });
        this.#seen = seen;
    }

    override _read(): void {}

    override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
        if (!chunk.includes('Authorization: Bearer ')) this.#seen.withoutToken += 1;
        this.push(ANSWER);
        done();
    }

    // What Node's client expects of a socket beyond a stream.
    setTimeout = (): this => this;
    setNoDelay = (): this => this;
    setKeepAlive = (): this => this;
    ref = (): this => this;
    unref = (): this => this;
}

/**
 * An agent that connects to nothing: axios's http adapter, follow-redirects and Node's HTTP client with its parser all
 * run as they do in production; only the operating system's sockets, which are noise here, are left out.
 */
export class InMemoryAgent extends Agent {
    readonly seen: Seen = { withoutToken: 0 };

    constructor(options: AgentOptions = {}) {
        super({ ...options, keepAlive: true });
    }

    override createConnection(): Duplex {
        return new InMemoryConnection(this.seen);
    }
}

/** The cheapest function adapter there can be, which makes everything around it count most. */
export const answerAtOnce: AxiosAdapter = (config) => {
    if (!config.headers['Authorization']) throw new Error('sent without a token');
    return Promise.resolve({
        data: BODY,
        status: 200,
        statusText: 'OK',
        headers: new AxiosHeaders({ 'content-type': 'application/json' }),
        config,
    });
};

/** The Authorization header that a config carries. */
export function authorizationOf({ headers }: InternalAxiosRequestConfig): string | undefined {
    const value = headers.get('Authorization');
    return typeof value === 'string' ? value : undefined;
}

/**
 * Answers after a delay as the adapters of axios do: a status that `validateStatus` does not like rejects with an
 * AxiosError.
 *
 * @param statusOf - is called when the request is sent
 */
export function answerLater(statusOf: (config: InternalAxiosRequestConfig) => { status: number; ms: number }) {
    return async (config: InternalAxiosRequestConfig) => {
        const { status, ms } = statusOf(config);
        await delay(ms);
        const headers = new AxiosHeaders({ 'content-type': 'application/json' });
        if (status === 401) headers.set('www-authenticate', 'Bearer error="invalid_token"');
        const response = { data: BODY, status, statusText: '', headers, config, request: {} };
        if (!config.validateStatus || config.validateStatus(status)) return response;
        throw new AxiosError(
            `Request failed with status code ${status}`,
            AxiosError.ERR_BAD_REQUEST,
            config,
            {},
            response,
        );
    };
}
