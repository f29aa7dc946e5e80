/** The server that behaviours talk to; it runs in the process that drives them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { closeAtOnce, listenOnLoopback, readBody } from '../../examples/servers/loopback.js';
import { createServerStage, type ServerStage } from './server-stage.js';

export interface MatrixServer {
    /** The origin; a scene is a path below it, with a name of its own. */
    readonly url: string;
    /** The same stages by another origin. */
    readonly elsewhere: string;
    close(): Promise<void>;
}

/**
 * A path is `/<run>/<case>/…`: each case of each run has a stage of its own, which comes into being with its first
 * request. Behind it: `/token`, `/control/…`, `/api/…` and the others of server-stage.ts.
 */
export async function startMatrixServer(): Promise<MatrixServer> {
    const stages = new Map<string, ServerStage>();
    const listen = async (): Promise<{ server: Server; origin: string }> => {
        const server = createServer((request, response) => {
            answer(stages, request, response).catch(() => response.destroy());
        });
        return { server, origin: `http://127.0.0.1:${await listenOnLoopback(server)}` };
    };
    const [here, elsewhere] = [await listen(), await listen()];
    return {
        url: here.origin,
        elsewhere: elsewhere.origin,
        async close() {
            await Promise.all([closeAtOnce(here.server), closeAtOnce(elsewhere.server)]);
        },
    };
}

async function answer(stages: Map<string, ServerStage>, request: IncomingMessage, response: ServerResponse) {
    const [, name = '', path = '/'] = /^(\/[^/]+\/[^/]+)(\/.*)?$/.exec(request.url ?? '') ?? [];
    const stage = stages.get(name) ?? createServerStage();
    stages.set(name, stage);
    response.on('error', () => undefined);
    allowAnyOrigin(request, response);
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) {
        stage.notePreflight(request.headers['access-control-request-headers'] ?? '');
        response.writeHead(204).end();
        return;
    }
    const { method = '', headers } = request;
    const origin = `http://${headers.host}`;
    const entry = stage.receive({ method, path, origin, headers, authorization: headers.authorization ?? null });
    response.on('close', () => stage.noteEnd(entry, response.writableFinished));
    entry.text = (await readBody(request)).toString('latin1');
    await stage.answer(entry, response);
}

function allowAnyOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('access-control-allow-origin', headers.origin ?? '*');
    response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*');
    response.setHeader('access-control-expose-headers', 'WWW-Authenticate, Retry-After, X-Answer');
    response.setHeader('access-control-max-age', '60');
    response.setHeader('cache-control', 'no-store');
}
