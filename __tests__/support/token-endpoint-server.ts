import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { closeAtOnce, listenOnLoopback, readBody } from '../../examples/servers/loopback.js';

/** A request as it came over the wire. */
interface ReceivedRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
    /** The fields of the body, read as a form. */
    readonly form: Readonly<Record<string, string>>;
    /** Resolves once the exchange is over: answered whole, or cut by either side. */
    readonly closed: Promise<void>;
}

export type Reply = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

export interface TokenEndpointServer {
    /** `http://127.0.0.1:PORT` */
    readonly url: string;
    /** In order of arrival. */
    readonly requests: readonly ReceivedRequest[];
    /** Sets the replies to the requests to come, in order; the last one also goes to all that follow. */
    reply(...replies: Reply[]): void;
    close(): Promise<void>;
}

/** startTokenEndpointServer answers every request with `grant()` until it is told otherwise. */
export async function startTokenEndpointServer(): Promise<TokenEndpointServer> {
    const requests: ReceivedRequest[] = [];
    let replies: Reply[] = [grant()];
    const http = createServer((request, response) => {
        const closed = new Promise<void>((resolve) => {
            response.once('close', resolve);
        });
        readBody(request)
            .then((buffer) => {
                const body = buffer.toString();
                const { method = '', url = '', headers } = request;
                const form = Object.fromEntries(new URLSearchParams(body));
                const received = { method, url, headers, body, form, closed };
                requests.push(received);
                const reply = replies.length > 1 ? replies.shift() : replies[0];
                return reply?.(response, received);
            })
            .catch(() => response.destroy());
    });
    const port = await listenOnLoopback(http);
    return {
        url: `http://127.0.0.1:${port}`,
        requests,
        reply(...next) {
            replies = next;
        },
        close: () => closeAtOnce(http),
    };
}

export interface AnswerOptions {
    status?: number;
    headers?: OutgoingHttpHeaders;
    /** Milliseconds before the answer begins. */
    wait?: number;
}

/** Any body as it is; `undefined` for none. */
export function answer(body: string | Buffer | undefined, options: AnswerOptions = {}): Reply {
    const { status = 200, headers = {}, wait = 0 } = options;
    return async (response) => {
        if (wait > 0) await delay(wait, undefined, { ref: false });
        response.writeHead(status, headers).end(body);
    };
}

export function json(body: unknown, { headers, ...options }: AnswerOptions = {}): Reply {
    return answer(JSON.stringify(body), { ...options, headers: { 'content-type': 'application/json', ...headers } });
}

/** A good answer, with these parameters beside or instead of the usual ones. */
export function grant(parameters: Record<string, unknown> = {}): Reply {
    return json({ access_token: 'an-access-token', token_type: 'Bearer', expires_in: 3600, ...parameters });
}

/** A page, as a proxy or a wrong address would send. */
export function html(status: number, headers: OutgoingHttpHeaders = {}): Reply {
    return answer('<!doctype html><title>A page</title><h1>No token here</h1>', {
        status,
        headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    });
}

export function redirect(location: string, status = 302): Reply {
    return answer(undefined, { status, headers: { location } });
}

/** A body that begins well and then stalls for ever. */
export function stall(): Reply {
    return (response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":"an-acc');
    };
}

/** A body that comes a byte at a time, far too often for a time limit on silence, and never ends. */
export function drip(every: number): Reply {
    return (response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":"');
        const timer = setInterval(() => response.write('a'), every);
        response.once('close', () => clearInterval(timer));
    };
}

/** A body that comes as fast as it is read, and never ends. */
export function flood(): Reply {
    const chunk = Buffer.alloc(65_536, 'a');
    return (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const pour = () => {
            while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', pour);
        pour();
    };
}

/** 256 MiB of white space in 256 KiB. */
export function gzipBomb(): Reply {
    const member = gzipSync(Buffer.alloc(16 * 1_048_576, ' '));
    return answer(Buffer.concat(Array.from({ length: 16 }, () => member)), {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
}

/** The connection is reset instead of an answer. */
export function reset(): Reply {
    return (response) => {
        response.socket?.resetAndDestroy();
    };
}
