import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { type AxiosError } from 'axios';
import { closeAtOnce, listenOnLoopback, readBody } from '../../examples/servers/loopback.js';
import { type TokenCreator, type TokenCreatorContext } from '../../src/index.js';
import { createGate } from './gate.js';

/** For `describe.each`: the adapters that Node has. */
export const adapters = ['http', 'fetch'] as const;

/** Creates `token-1`, `token-2` and so on, and knows which of them count. */
export interface Issuer {
    readonly creator: TokenCreator;
    /** How often the creator was called. */
    readonly created: number;
    readonly contexts: readonly (TokenCreatorContext | undefined)[];
    /** Milliseconds that a creation takes. */
    delay: number;
    /** Every token issued so far stops being valid. */
    revoke(): void;
    isValid(authorization: string | undefined): boolean;
    /** Creations wait from now on, until the function it returns is called. */
    hold(): () => void;
}

export function createIssuer(expiresIn?: number): Issuer {
    const contexts: (TokenCreatorContext | undefined)[] = [];
    const valid = new Set<string>();
    let held: Promise<void> | undefined;
    const issuer = {
        contexts,
        delay: 0,
        get created() {
            return contexts.length;
        },
        creator: async (context?: TokenCreatorContext) => {
            contexts.push(context);
            const token = `token-${contexts.length}`;
            if (issuer.delay) await wait(issuer.delay);
            await held;
            valid.add(`Bearer ${token}`);
            return { access_token: token, token_type: 'Bearer', expires_in: expiresIn };
        },
        revoke: () => valid.clear(),
        isValid: (authorization: string | undefined) => authorization !== undefined && valid.has(authorization),
        hold() {
            const { opened, open } = createGate();
            held = opened;
            return open;
        },
    };
    return issuer;
}

export interface ReceivedRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    /** Whole once the request was read. */
    body: Buffer;
    /** Resolves to whether the client cut the connection before it had the whole answer. */
    readonly isCut: Promise<boolean>;
}

export interface Exchange {
    readonly received: ReceivedRequest;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
}

export type Route = (exchange: Exchange) => void | Promise<void>;

/** The fields of a form that was sent, each once. */
export type Form = Readonly<Record<string, string>>;

export function formOf({ received }: Exchange): Form {
    return Object.fromEntries(new URLSearchParams(received.body.toString()));
}

export interface TestServer {
    /** `http://127.0.0.1:PORT` */
    readonly url: string;
    readonly port: number;
    /** In order of arrival. */
    readonly received: readonly ReceivedRequest[];
    /** The `Authorization` of each request. */
    readonly authorizations: readonly (string | undefined)[];
    /** How many connections were opened. */
    readonly connections: number;
}

export type Serve = (route: Route, options?: { answersEarly?: boolean }) => Promise<TestServer>;

/** Starts servers for a suite and closes them after each test; fails tests that leave a rejection unhandled. */
export function useServers(): Serve {
    const closing: (() => Promise<void>)[] = [];
    failOnUnhandledRejections();
    afterEach(async () => {
        await Promise.all(closing.splice(0).map((close) => close()));
    });

    return async (route, { answersEarly = false } = {}) => {
        const received: ReceivedRequest[] = [];
        let connections = 0;
        const server = createServer((request, response) => {
            const { method = '', url = '', headers } = request;
            const isCut = new Promise<boolean>((resolve) => {
                response.on('close', () => resolve(!response.writableFinished));
            });
            const entry: ReceivedRequest = { method, url, headers, body: Buffer.alloc(0), isCut };
            received.push(entry);
            response.on('error', () => undefined);
            const reading = readBody(request).then((body) => (entry.body = body));
            Promise.resolve(answersEarly ? undefined : reading)
                .then(() => route({ received: entry, request, response }))
                .catch(() => response.destroy());
            reading.catch(() => undefined);
        });
        server.on('connection', () => (connections += 1));
        const port = await listenOnLoopback(server);
        closing.push(() => closeAtOnce(server));
        return {
            url: `http://127.0.0.1:${port}`,
            port,
            received,
            get authorizations() {
                return received.map(({ headers }) => headers.authorization);
            },
            get connections() {
                return connections;
            },
        };
    };
}

export function failOnUnhandledRejections(): void {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
        unhandled.push(reason);
    };
    beforeAll(() => {
        process.on('unhandledRejection', note);
    });
    afterEach(async () => {
        await turn();
        if (unhandled.length > 0) throw new Error('a rejection was not handled', { cause: unhandled.splice(0) });
    });
    afterAll(() => {
        process.off('unhandledRejection', note);
    });
}

/** Lets requests with a valid token through to the route, and answers others as RFC 6750 section 3 says. */
export function protectedBy(issuer: Issuer, route: Route = ok): Route {
    return (exchange) => (issuer.isValid(exchange.received.headers.authorization) ? route : refuse)(exchange);
}

export const ok: Route = (exchange) => sendJson(exchange, 200, { ok: true });

export const refuse: Route = (exchange) => {
    exchange.response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    sendJson(exchange, 401, { error: 'invalid_token' });
};

export function sendJson({ response }: Exchange, status: number, value: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
}

export function wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
    });
}

/** What a promise rejects with; of an axios request it is mostly an axios error. */
export async function failureOf(promise: Promise<unknown>): Promise<AxiosError> {
    const outcome = await promise.then(
        () => undefined,
        (error: unknown) => ({ error: error as AxiosError }),
    );
    if (!outcome) throw new Error('it was expected to fail');
    return outcome.error;
}

/** Waits until something has become true. */
export async function until(isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!isTrue()) {
        if (Date.now() > deadline) throw new Error(`never became true: ${String(isTrue)}`);
        await wait(2);
    }
}
