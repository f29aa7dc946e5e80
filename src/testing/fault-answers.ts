import { startTimer } from '../clock.js';
import { json, REDIRECTED, type Answer } from './endpoints.js';
import type { Fault } from './faults.js';
import type { Befallen } from './injected-faults.js';
import type { Alteration } from './issued-tokens.js';
import { loadNodeModule, type NodeResponse, type NodeSocket, type NodeZlib } from './node-modules.js';

/** A request that was read and is to be answered. */
export interface Exchange {
    readonly response: NodeResponse;
    readonly socket: NodeSocket;
    /** Does what was asked, and tells what to answer. */
    readonly answer: (alter?: Alteration) => Answer;
    /** Milliseconds since the epoch, by the clock of the server. */
    readonly now: () => number;
}

type Play<Type extends Fault['type']> = (
    fault: Extract<Fault, { readonly type: Type }>,
    exchange: Exchange,
    befallen: Befallen,
) => void | Promise<void>;

const DECOY = 'a-decoy';

/** The headers, with the one that tells where the body ends. */
function headersOf({ headers, body }: Answer): Record<string, string> {
    return { ...headers, 'content-length': String(new TextEncoder().encode(body).length) };
}

export function send({ response }: Pick<Exchange, 'response'>, answer: Answer): void {
    response.writeHead(answer.status, headersOf(answer)).end(answer.body);
}

/** Until that time is over, the fault is ended, or the client has left. */
function pause(milliseconds: number, { response }: Exchange, { isEnded, onEnd }: Befallen): Promise<void> {
    if (isEnded() || response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
        const stop = startTimer(milliseconds, done);
        const forget = onEnd(done);
        response.once('close', done);
        function done(): void {
            stop();
            forget();
            response.off('close', done);
            resolve();
        }
    });
}

function textOf(answer: Answer): string {
    const fields = Object.entries({ ...headersOf(answer), connection: 'close' });
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/1.1 ${answer.status} \r\n${lines.join('')}\r\n${answer.body}`;
}

/** The characters of the whole answer that come before its connection ends. */
function cutTo(text: string, within: 'headers' | 'body'): string {
    const body = text.indexOf('\r\n\r\n') + 4;
    return text.slice(0, within === 'headers' ? body / 2 : (body + text.length) / 2);
}

function pour({ response }: Exchange): void {
    const chunk = new Uint8Array(65_536).fill(32);
    const fill = (): void => {
        while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', fill);
    fill();
}

async function bomb(): Promise<Uint8Array> {
    const { gzipSync } = await loadNodeModule<NodeZlib>('node:zlib');
    const member = gzipSync(new Uint8Array(2 ** 24).fill(32));
    const members = new Uint8Array(16 * member.length);
    for (let index = 0; index < 16; index += 1) members.set(member, index * member.length);
    return members;
}

function twice(body: string): string {
    const decoys = Object.keys(JSON.parse(body) as object).map((key) => `${JSON.stringify(key)}:"${DECOY}",`);
    return body.replace('{', `{${decoys.join('')}`);
}

/** Dates know whole seconds; it is not to be less than what was asked for. */
function dateIn(seconds: number, { now }: Exchange): string {
    return new Date(Math.ceil(now() / 1_000 + seconds) * 1_000).toUTCString();
}

const lengthen =
    (characters: number): Alteration =>
    (grant) => ({ ...grant, access_token: grant.access_token.padEnd(characters, 'a') });

const change =
    (parameters: Readonly<Record<string, unknown>>): Alteration =>
    (grant) => ({ ...grant, ...parameters });

const PLAYS: { readonly [Type in Fault['type']]: Play<Type> } = {
    async delay({ milliseconds }, exchange, befallen) {
        const answer = exchange.answer();
        await pause(milliseconds, exchange, befallen);
        send(exchange, answer);
    },
    async hold(_, exchange, befallen) {
        const answer = exchange.answer();
        await pause(Infinity, exchange, befallen);
        send(exchange, answer);
    },
    reset: (_, { socket }) => socket.resetAndDestroy(),
    'lost-answer'(_, { answer, socket }) {
        answer();
        socket.resetAndDestroy();
    },
    cut: ({ within }, { answer, socket }) => socket.end(cutTo(textOf(answer()), within)),
    async 'slow-loris'({ milliseconds = 20 }, exchange, befallen) {
        const { answer, socket } = exchange;
        for (const character of textOf(answer())) {
            if (socket.destroyed) return;
            socket.write(character);
            await pause(milliseconds, exchange, befallen);
        }
        socket.end();
    },
    'endless-body'(_, exchange) {
        exchange.response.writeHead(200, { 'content-type': 'application/json' });
        pour(exchange);
    },
    async 'gzip-bomb'(_, { response }) {
        const bytes = await bomb();
        const length = String(bytes.length);
        const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': length };
        response.writeHead(200, headers).end(bytes);
    },
    'truncated-json'(_, exchange) {
        const answer = exchange.answer();
        send(exchange, { ...answer, body: answer.body.slice(0, answer.body.length / 2) });
    },
    html({ status = 200 }, exchange) {
        const body = '<!doctype html><title>A page</title><h1>No JSON here</h1>';
        send(exchange, { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body });
    },
    'content-type'({ contentType = 'text/plain' }, exchange) {
        const answer = exchange.answer();
        send(exchange, { ...answer, headers: { ...answer.headers, 'content-type': contentType } });
    },
    redirect({ status = 307, location = REDIRECTED }, exchange) {
        send(exchange, { status, headers: { location }, body: '' });
    },
    status({ status, error, retryAfter, retryAfterForm }, exchange) {
        const wait = retryAfter !== undefined && retryAfterForm === 'date' ? dateIn(retryAfter, exchange) : retryAfter;
        const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': String(wait) };
        send(exchange, error === undefined ? { status, headers, body: '' } : json(status, { error }, headers));
    },
    'duplicate-keys'(_, exchange) {
        const answer = exchange.answer();
        send(exchange, { ...answer, body: twice(answer.body) });
    },
    'huge-token': ({ characters = 65_536 }, exchange) => send(exchange, exchange.answer(lengthen(characters))),
    'grant-parameters': ({ parameters }, exchange) => send(exchange, exchange.answer(change(parameters))),
};

/** Answers as the fault wants it. */
export async function sendFaulty(exchange: Exchange, befallen: Befallen): Promise<void> {
    const play = PLAYS[befallen.fault.type] as Play<Fault['type']>;
    await play(befallen.fault, exchange, befallen);
}
