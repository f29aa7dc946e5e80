import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type TokenCheck } from './introspection.js';
import { closeAtOnce, listenOnLoopback, readBody } from './loopback.js';

export { introspectOver } from './introspection.js';

export interface ApiServerOptions {
    isActive: TokenCheck;
    /** A loopback address. @default '127.0.0.1' */
    host?: string;
    /** 0 lets the system choose. @default 0 */
    port?: number;
}

export interface RecordedRequest {
    method: string;
    url: string;
    authorization?: string;
    /** 0 while the request is under way. */
    status: number;
    /** Milliseconds since the epoch. */
    startedAt: number;
    endedAt: number;
}

export interface ApiServer {
    readonly url: string;
    /** In order of arrival. */
    readonly requests: readonly RecordedRequest[];
    /** Forgets the requests. */
    reset(): void;
    close(): Promise<void>;
}

interface Exchange {
    request: IncomingMessage;
    response: ServerResponse;
    record: RecordedRequest;
    url: URL;
}

type Route = (exchange: Exchange) => void | Promise<void>;

const megabyte = Buffer.alloc(1024 * 1024, 'x');

const routes: Record<string, Route | undefined> = {
    'GET /public': (exchange) => sendJson(exchange, 200, { public: true }),
    'GET /me': (exchange) => sendJson(exchange, 200, { name: 'admin', authenticated: true }),
    'POST /echo': echo,
    'GET /forbidden': (exchange) => refuse(exchange, 'insufficient_scope', statusParameter(exchange)),
    'GET /always-401': (exchange) => refuse(exchange, 'invalid_token'),
    'GET /redirect': redirect,
    'GET /stream': (exchange) => send(exchange, 200, { 'content-type': 'application/octet-stream' }, megabyte),
    'GET /slow': slow,
};

/** startApiServer starts a JSON API that wants a bearer token (RFC 6750) on every route but `/public`. */
export async function startApiServer({ isActive, host, port }: ApiServerOptions): Promise<ApiServer> {
    const requests: RecordedRequest[] = [];
    const server = createServer((request, response) => {
        const record = startRecord(request);
        requests.push(record);
        const url = new URL(record.url, 'http://api.invalid');
        response.on('error', () => undefined);
        answer({ request, response, record, url }, isActive).catch(() => response.destroy());
    });
    const boundPort = await listenOnLoopback(server, { host, port });
    return {
        url: `http://${host ?? '127.0.0.1'}:${boundPort}`,
        requests,
        reset: () => {
            requests.length = 0;
        },
        close: () => closeAtOnce(server),
    };
}

async function answer(exchange: Exchange, isActive: TokenCheck): Promise<void> {
    const { request, url } = exchange;
    if (url.pathname === '/public') {
        return answerAuthorized(exchange);
    }
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const active = token === undefined ? false : await isActive(token).catch(() => undefined);
    if (active) {
        return answerAuthorized(exchange);
    }
    await discardBody(request);
    if (active === undefined) {
        sendJson(exchange, 503, { error: 'temporarily_unavailable' });
    } else if (token === undefined) {
        refuse(exchange);
    } else {
        refuse(exchange, 'invalid_token', 401, url.pathname === '/stream' ? megabyte : undefined);
    }
}

async function answerAuthorized(exchange: Exchange): Promise<void> {
    const route = routes[`${exchange.request.method} ${exchange.url.pathname}`];
    await (route ?? notFound)(exchange);
}

function startRecord({ method = '', url = '', headers }: IncomingMessage): RecordedRequest {
    const startedAt = Date.now();
    const { authorization } = headers;
    return {
        method,
        url,
        ...(authorization !== undefined && { authorization }),
        status: 0,
        startedAt,
        endedAt: startedAt,
    };
}

async function echo(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const body = await readBody(request);
    sendJson(exchange, 200, {
        contentType: request.headers['content-type'],
        bodyBase64: body.toString('base64'),
        method: request.method,
    });
}

async function slow(exchange: Exchange): Promise<void> {
    const milliseconds = Number(exchange.url.searchParams.get('ms') ?? 0);
    await delay(milliseconds, undefined, { ref: false });
    sendJson(exchange, 200, { slow: milliseconds });
}

function redirect(exchange: Exchange) {
    const location = exchange.url.searchParams.get('to') ?? '/me';
    send(exchange, 302, { location });
}

function notFound(exchange: Exchange) {
    sendJson(exchange, 404, { error: 'not_found' });
}

/** A 401 (or 403) with the challenge of RFC 6750 section 3: without an error when the request held no token. */
function refuse(exchange: Exchange, error?: string, status = 401, body?: Buffer) {
    const challenge = error === undefined ? 'Bearer' : `Bearer error="${error}"`;
    if (body) {
        send(exchange, status, { 'www-authenticate': challenge, 'content-type': 'application/octet-stream' }, body);
    } else {
        exchange.response.setHeader('www-authenticate', challenge);
        sendJson(exchange, status, { error: error ?? 'missing_token' });
    }
}

/** `/forbidden?status=403` answers as the RFC says; without it 401, as some servers do. */
function statusParameter({ url }: Exchange): number {
    return Number(url.searchParams.get('status') ?? 401);
}

function sendJson(exchange: Exchange, status: number, value: unknown) {
    send(exchange, status, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(value)));
}

/** The record is written before the answer leaves, so that whoever has the answer finds its status. */
function send({ response, record }: Exchange, status: number, headers: Record<string, string>, body?: Buffer) {
    record.status = status;
    record.endedAt = Date.now();
    response.writeHead(status, { ...headers, 'content-length': body?.length ?? 0 });
    response.end(body);
}

/** A connection is kept alive only when the body of its request was read. */
async function discardBody(request: IncomingMessage): Promise<void> {
    request.resume();
    await finished(request, { writable: false });
}
