import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Counts, ServerOptions } from './loopback.js';

// An API and its token endpoint on one loopback port, in a thread of its own, so that serving takes nothing from the
// client that is measured. A token is good for exactly its lifetime, from the moment it was issued.

const { lifetime, creationTime } = workerData as ServerOptions;
const BODY = '{"ok":true}';

const expiries = new Map<string, number>();
let counts: Counts = { issued: 0, refused: 0, withoutToken: 0 };

async function issue(response: ServerResponse): Promise<void> {
    await delay(creationTime);
    const token = `token-${counts.issued}`;
    counts = { ...counts, issued: counts.issued + 1 };
    expiries.set(token, performance.now() + lifetime * 1_000);
    const grant = { access_token: token, token_type: 'Bearer', expires_in: lifetime };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(grant));
}

function serve(request: IncomingMessage, response: ServerResponse): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const isForever = token === 'static';
    if (isForever || (token !== undefined && (expiries.get(token) ?? 0) > performance.now())) {
        response
            .writeHead(200, { 'content-type': 'application/json', 'content-length': String(BODY.length) })
            .end(BODY);
        return;
    }
    if (token === undefined) counts = { ...counts, withoutToken: counts.withoutToken + 1 };
    else counts = { ...counts, refused: counts.refused + 1 };
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"', 'content-length': '0' }).end();
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    if (request.url === '/token') void issue(response);
    else serve(request, response);
});

server.listen(0, '127.0.0.1', 1_024, () => {
    parentPort?.postMessage({ port: (server.address() as AddressInfo).port }, []);
});

parentPort?.on('message', (order: 'counts' | 'revoke') => {
    if (order === 'revoke') expiries.clear();
    parentPort?.postMessage(counts, []);
});
