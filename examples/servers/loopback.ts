import { IncomingMessage, type Server } from 'node:http';
import { finished } from 'node:stream/promises';

export interface LoopbackAddress {
    host?: string;
    /** 0 lets the system choose. */
    port?: number;
}

/** listenOnLoopback resolves to the port that the server listens on. */
export function listenOnLoopback(server: Server, { host = '127.0.0.1', port = 0 }: LoopbackAddress = {}) {
    // The default of 5 s lets a client send on a connection that is being closed, a rare ECONNRESET.
    server.keepAliveTimeout = 60_000;
    return new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
            server.off('error', reject);
            const address = server.address();
            resolve(typeof address === 'object' && address ? address.port : port);
        });
    });
}

/** closeAtOnce cuts every connection, so that nothing keeps the process alive. */
export function closeAtOnce(server: Server) {
    return new Promise<void>((resolve) => {
        if (!server.listening) {
            resolve();
            return;
        }
        server.close(() => resolve());
        server.closeAllConnections();
    });
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await finished(request, { writable: false });
    return Buffer.concat(chunks);
}

/** withBody is the same request with another URL and another form body, not read yet. */
export function withBody(request: IncomingMessage, url: string, body: string): IncomingMessage {
    const copy = new IncomingMessage(request.socket);
    copy.method = request.method;
    copy.url = url;
    copy.httpVersion = request.httpVersion;
    copy.headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    delete copy.headers['transfer-encoding'];
    copy.push(body);
    copy.push(null);
    // Otherwise the end of the body looks like a lost connection, and the socket is destroyed.
    copy.complete = true;
    return copy;
}
