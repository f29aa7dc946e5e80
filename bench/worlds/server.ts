import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Authorization } from './authorization.js';
import type { Order } from './socket-world.js';
import { BODY, CHALLENGE, type AuthorizationOptions } from './world.js';

// An API and its token endpoint on one loopback port, in a thread of its own, so that serving takes nothing from the
// client that is measured. A token is good for exactly its lifetime, from the moment it was issued.

const authorization = new Authorization(workerData as AuthorizationOptions);
const SERVED = { 'content-type': 'application/json', 'content-length': String(BODY.length) };
const REFUSED = { 'www-authenticate': CHALLENGE, 'content-length': '0' };

async function issue(response: ServerResponse): Promise<void> {
    const { status, body } = await authorization.issue();
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(body.length) }).end(body);
}

function serve(request: IncomingMessage, response: ServerResponse): void {
    if (authorization.judge(request.headers.authorization) === 200) response.writeHead(200, SERVED).end(BODY);
    else response.writeHead(401, REFUSED).end();
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    if (request.url === '/token') void issue(response);
    else serve(request, response);
});

server.listen(0, '127.0.0.1', 4_096, () => {
    parentPort?.postMessage({ port: (server.address() as AddressInfo).port }, []);
});

parentPort?.on('message', (order: Order) => {
    if (order === 'revoke') authorization.revoke();
    if (order === 'fail' || order === 'work') authorization.fails = order === 'fail';
    parentPort?.postMessage(authorization.counts, []);
});
