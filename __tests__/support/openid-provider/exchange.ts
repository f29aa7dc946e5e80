import { type IncomingMessage } from 'node:http';
import type Provider from 'oidc-provider';
import { readBody, withBody } from '../../../examples/servers/loopback.js';

export type Context = Parameters<Parameters<Provider['use']>[0]>[0];

export type Next = () => Promise<unknown>;

/** An answer that is sent as it stands. */
export interface CannedAnswer {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** What is no string is sent as JSON. */
    readonly body?: unknown;
}

export async function readForm({ req }: Context): Promise<URLSearchParams> {
    return new URLSearchParams((await readBody(req)).toString());
}

/**
 * Hands oidc-provider another URL and another body. It takes the base path, which its endpoints begin with in what it
 * sends, from the difference between `url` and `originalUrl`.
 */
export function replaceRequest(context: Context, basePath: string, url: string, body: string): void {
    const request: IncomingMessage & { originalUrl?: string } = withBody(context.req, url, body);
    request.originalUrl = basePath + url;
    context.req = request;
    context.request.req = request;
}

export function setAnswer(context: Context, { status, headers = {}, body }: CannedAnswer): void {
    context.status = status;
    context.set(headers);
    context.body = body;
}

/** Past Koa, which would add a type to it, or another status to one without a body. */
export function sendCanned(context: Context, { status, headers = {}, body }: CannedAnswer): void {
    const isJson = body !== undefined && typeof body !== 'string';
    context.respond = false;
    context.res.writeHead(status, {
        ...(isJson && { 'content-type': 'application/json' }),
        'access-control-allow-origin': context.get('origin') || '*',
        'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate, Retry-After',
        ...headers,
    });
    context.res.end(isJson ? JSON.stringify(body) : body);
}

/** The connection ends before a byte of the answer was sent. */
export function cutConnection(context: Context): void {
    context.respond = false;
    context.req.socket.destroy();
}
