import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';
import { testCertificates } from './openid-provider/certificates.js';
import { sendJson, type Issuer, type ReceivedRequest, type Route } from './servers.js';

/**
 * What a page of another origin may use, as browsers check it: it asks before it sends an `Authorization`.
 *
 * @param refused - a header that is not allowed
 */
export function forOtherOrigins(route: Route, refused?: string): Route {
    return (exchange) => {
        const { received, response } = exchange;
        for (const [name, value] of Object.entries(permissions(received.headers, refused)))
            response.setHeader(name, value);
        if (received.method !== 'OPTIONS') return route(exchange);
        response.writeHead(204).end();
    };
}

function permissions(headers: ReceivedRequest['headers'], refused?: string): Record<string, string> {
    const asked = (headers['access-control-request-headers'] ?? '').split(',');
    return {
        'access-control-allow-origin': headers.origin ?? '*',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST, PUT',
        'access-control-allow-headers': asked.filter((name) => name !== refused).join(', '),
    };
}

/** A token endpoint that says what the creator of an issuer gives. */
export function tokenEndpoint({ creator }: Issuer): Route {
    return forOtherOrigins(async (exchange) => sendJson(exchange, 200, await creator()));
}

const types: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html; charset=utf-8' };

/** A page at `/app/index.html`, the files of its bundle beside it, and an API below `/api`. */
export interface Site {
    readonly url: string;
    /** What the API gets, in each test anew. */
    readonly received: readonly { readonly url: string; readonly authorization: string | undefined }[];
    /** Whose tokens the API accepts from now on. */
    protectBy(issuer: Issuer): void;
    close(): Promise<void>;
}

export async function startSite(directory: string, entry: string): Promise<Site> {
    let protector: Issuer | undefined;
    const received: { url: string; authorization: string | undefined }[] = [];
    const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${entry}"></script>`;
    const server = createServer(({ url = '', headers: { authorization } }, response) => {
        const file = /^\/app\/([\w./-]+)$/.exec(url)?.[1];
        if (file === undefined) {
            received.push({ url, authorization });
            response.writeHead(protector?.isValid(authorization) ? 200 : 401).end();
        } else {
            response.setHeader('content-type', types[extname(file)] ?? 'text/plain');
            response.end(file === 'index.html' ? html : readFileSync(join(directory, file)));
        }
    });
    const port = await listenOnLoopback(server);
    return {
        url: `http://127.0.0.1:${port}`,
        received,
        protectBy(issuer) {
            received.splice(0);
            protector = issuer;
        },
        close: () => closeAtOnce(server),
    };
}

/** A server that speaks HTTP/2, without which Chromium sends no body that is a stream. */
export interface Http2Api {
    readonly url: string;
    /** The `Authorization` and the length of each body that arrived. */
    readonly received: readonly { readonly authorization: string | undefined; readonly length: number }[];
    close(): Promise<void>;
}

export async function startHttp2Api(issuer: Issuer): Promise<Http2Api> {
    const received: { authorization: string | undefined; length: number }[] = [];
    const sessions = new Set<{ destroy(): void }>();
    const server = createSecureServer(testCertificates().server);
    server.on('session', (session) => sessions.add(session));
    server.on('stream', (stream, headers) => {
        stream.on('error', () => undefined);
        const { authorization, ':method': method } = headers;
        const answer = (status: number, body = ''): void => {
            stream.respond({ ...permissions(headers), ':status': status });
            stream.end(body);
        };
        if (method === 'OPTIONS') return answer(204);
        buffer(stream).then(
            ({ length }) => {
                received.push({ authorization, length });
                answer(issuer.isValid(authorization) ? 200 : 401, JSON.stringify({ length }));
            },
            () => undefined, // the client left
        );
    });
    const port = await listening(server);
    return {
        url: `https://127.0.0.1:${port}`,
        received,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const session of sessions) session.destroy();
            }),
    };
}

function listening(server: Http2SecureServer): Promise<number> {
    return new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
}
