import { loadNodeModule, type NodeHttp, type NodeRequest, type NodeResponse, type NodeSocket } from './node-modules.js';

interface Address {
    readonly host: string;
    readonly port: number;
}

/** An HTTP server that listens, and knows its connections. */
export interface HttpServer {
    /** Host and port, as they stand in a URL. */
    readonly authority: string;
    readonly connections: number;
    /** Cuts all connections; settles when nothing of it is left. */
    readonly close: () => Promise<void>;
}

// What listens everywhere is asked here.
const REACHABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * @param serve - answers; a request whose answer fails is cut off
 * @throws the error of Node.js when it cannot listen there
 */
export async function startHttpServer(
    serve: (request: NodeRequest, response: NodeResponse) => Promise<void>,
    { host, port }: Address,
): Promise<HttpServer> {
    const http = await loadNodeModule<NodeHttp>('node:http');
    const connections = new Set<NodeSocket>();
    // Large enough for a request with the largest token.
    const server = http.createServer({ maxHeaderSize: 2 ** 25 }, (request, response) => {
        response.on('error', () => {}); // the client has left
        serve(request, response).catch(() => response.destroy());
    });
    // The default of 5 s lets a client send on a connection that is being closed.
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket) => {
        connections.add(socket);
        socket.once('close', () => connections.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
            server.off('error', reject);
            resolve();
        });
    });
    const name = REACHABLE[host] ?? host;
    return {
        authority: `${name.includes(':') ? `[${name}]` : name}:${server.address().port}`,
        get connections() {
            return connections.size;
        },
        async close() {
            const closed = [...connections].map(
                (socket) => new Promise<void>((resolve) => socket.once('close', resolve)),
            );
            const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
            for (const socket of connections) socket.destroy();
            await Promise.all([stopped, ...closed]);
        },
    };
}

/** A form that was sent; whatever else was sent is a form without a field of that name. */
export async function readForm(request: NodeRequest): Promise<URLSearchParams> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of request) text += decoder.decode(chunk, { stream: true });
    return new URLSearchParams(text);
}
