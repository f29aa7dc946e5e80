import { Agent, type AgentOptions } from 'node:http';
import { Duplex } from 'node:stream';
import type { Authorization } from './authorization.js';
import { FIRST_LETTERS } from './tokens.js';
import { BODY, CHALLENGE } from './world.js';

const HEADERS = 'Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n';

function answer(status: string, body: string, headers = ''): string {
    const typeAndLength = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    return `HTTP/1.1 ${status}\r\n${typeAndLength}${headers}${HEADERS}\r\n${body}`;
}

const SERVED = answer('200 OK', BODY);
const REFUSED = answer('401 Unauthorized', BODY, `WWW-Authenticate: ${CHALLENGE}\r\n`);

const WITH_TOKEN = `Authorization: Bearer ${FIRST_LETTERS}`;

/** How much of a body follows the part of a request that begins it; a chunked body has no known end. */
function bodyLeft(head: string): number {
    const end = head.indexOf('\r\n\r\n') + 4;
    const length = Number(/^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1] ?? 0);
    return length - Buffer.byteLength(head.slice(end));
}

/** A connection whose other end answers each request of the API (without a body) at once. */
class InMemoryConnection extends Duplex {
    readonly #world: InMemoryAgent;
    /** Of the body of a token request, in bytes; undefined between requests. */
    #left: number | undefined;

    constructor(world: InMemoryAgent) {
        super({ decodeStrings: false });
        this.#world = world;
    }

    override _read(): void {}

    override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
        if (this.#left === undefined && this.#world.isTrusting && chunk.includes(WITH_TOKEN)) {
            this.push(SERVED);
        } else this.#take(chunk);
        done();
    }

    #take(chunk: string | Buffer): void {
        if (chunk.length === 0) return; // follow-redirects ends a request with one
        const text = chunk.toString();
        const isToken = this.#left !== undefined || text.startsWith('POST');
        if (!isToken) {
            const authorization = /^authorization: *(.*)$/im.exec(text)?.[1]?.trim();
            this.push(this.#world.authorization.judge(authorization) === 200 ? SERVED : REFUSED);
            return;
        }
        this.#left = this.#left === undefined ? bodyLeft(text) : this.#left - Buffer.byteLength(text);
        if (this.#left > 0) return;
        this.#left = undefined;
        void this.#issue();
    }

    async #issue(): Promise<void> {
        const { status, body } = await this.#world.authorization.issue();
        this.push(answer(`${status} -`, body));
    }

    // What Node's client expects of a socket beyond a stream.
    setTimeout = (): this => this;
    setNoDelay = (): this => this;
    setKeepAlive = (): this => this;
    ref = (): this => this;
    unref = (): this => this;
}

/**
 * An agent that connects to nothing: axios's http adapter, follow-redirects and Node's HTTP client with its parser all
 * run as they do in production; only the operating system's sockets, which are noise here, are left out.
 */
export class InMemoryAgent extends Agent {
    readonly authorization: Authorization;
    /** Until a token is revoked it is enough to have one. */
    isTrusting = true;

    constructor(authorization: Authorization, options: AgentOptions = {}) {
        super({ ...options, keepAlive: true });
        this.authorization = authorization;
    }

    override createConnection(): Duplex {
        return new InMemoryConnection(this);
    }
}
