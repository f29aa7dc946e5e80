import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { cutConnection, sendCanned, type CannedAnswer, type Context, type Next } from './exchange.js';

/** A request to the token endpoint as it came, and what became of it. */
export interface TokenRequest {
    readonly method: string;
    /** Path and query. */
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    /** The body, read as a form. */
    readonly fields: URLSearchParams;
    /** Whether it came over mutual TLS. */
    readonly isSecure: boolean;
    /** 0 while it is under way. */
    status: number;
    /** The JSON of the answer. */
    answer: Readonly<Record<string, unknown>>;
    /** Whether the client was left without the answer. */
    isLost: boolean;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    endedAt: number;
}

/** Records token requests and spoils the answers. */
export class TokenRequests {
    readonly all: TokenRequest[] = [];
    delay = 0;
    dropAnswers = 0;
    private readonly canned: CannedAnswer[] = [];

    failWith(...answers: CannedAnswer[]): void {
        this.canned.push(...answers);
    }

    async answer(context: Context, fields: URLSearchParams, next: Next): Promise<void> {
        const record = start(context, fields);
        this.all.push(record);
        await delay(this.delay, undefined, { ref: false });
        const canned = this.canned.shift();
        if (canned) {
            // The record is finished before the answer leaves, so that whoever has the answer finds it.
            finish(record, canned.status, canned.body);
            sendCanned(context, canned);
            return;
        }
        await next();
        finish(record, context.status, context.body);
        if (this.dropAnswers > 0) {
            this.dropAnswers -= 1;
            record.isLost = true;
            cutConnection(context);
        }
    }
}

function start(context: Context, fields: URLSearchParams): TokenRequest {
    const { method, originalUrl: url, headers } = context;
    const startedAt = Date.now();
    const isSecure = 'encrypted' in context.req.socket;
    return {
        method,
        url,
        headers,
        fields: new URLSearchParams(fields),
        isSecure,
        status: 0,
        answer: {},
        isLost: false,
        startedAt,
        endedAt: startedAt,
    };
}

function finish(record: TokenRequest, status: number, body: unknown): void {
    record.status = status;
    record.endedAt = Date.now();
    if (typeof body === 'object' && body !== null) record.answer = { ...body };
}
