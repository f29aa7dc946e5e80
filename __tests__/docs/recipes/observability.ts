import type { AxiosInstance } from 'axios';
import { pino, type Logger } from 'pino';
import { Counter, Gauge, Histogram, register, type Registry } from 'prom-client';
import {
    attachTokenCreator,
    TokenError,
    type TokenAttachment,
    type TokenCreator,
    type TokenEvent,
    type TokenEventListener,
} from '../../../src/index.js';

/** For the option `onEvent` of a source. */
export function logTo(logger: Logger): TokenEventListener {
    return (event) => {
        const { type, ...fields } = event;
        if (event.type === 'failed') logger[levelOf(event)]({ ...fields, error: printable(event.error) }, type);
        else logger[levelOf(event)](fields, type);
    };
}

function levelOf(event: TokenEvent): 'debug' | 'info' | 'warn' | 'error' {
    if (event.type === 'creating') return 'debug';
    // The token before is still good when a renewal in the background fails.
    if (event.type === 'failed') return event.reason === 'ahead' ? 'warn' : 'error';
    return event.type === 'replayed' && !event.recovered ? 'warn' : 'info';
}

/** Errors of this package hold no secret; what a creator of your own throws may hold anything. */
function printable(error: unknown): unknown {
    if (error instanceof TokenError) return { name: error.name, code: error.code, message: error.message };
    return { name: error instanceof Error ? error.name : typeof error };
}

/** For the option `onEvent` of any number of sources, each by its name. */
export function createTokenMetrics(registry: Registry): (source: string) => TokenEventListener {
    const registers = [registry];
    const creations = new Counter({
        name: 'token_creations_total',
        help: 'Calls of a token creator that ended',
        labelNames: ['source', 'reason', 'outcome'],
        registers,
    });
    const durations = new Histogram({
        name: 'token_creation_seconds',
        help: 'How long a token creator took',
        labelNames: ['source', 'reason'],
        registers,
    });
    const rejections = new Counter({
        name: 'token_rejections_total',
        help: 'Tokens that a resource server refused',
        labelNames: ['source', 'status'],
        registers,
    });
    const replays = new Counter({
        name: 'token_replays_total',
        help: 'Requests that were sent again with another token',
        labelNames: ['source', 'recovered'],
        registers,
    });
    const expiry = new Gauge({
        name: 'token_expires_at_seconds',
        help: 'When the newest token expires, in seconds since the epoch',
        labelNames: ['source'],
        registers,
    });
    return (source) => (event) => {
        switch (event.type) {
            case 'creating':
                break;
            case 'created':
                creations.inc({ source, reason: event.reason, outcome: 'created' });
                durations.observe({ source, reason: event.reason }, event.durationMs / 1_000);
                if (event.expiresAt !== undefined) expiry.set({ source }, event.expiresAt / 1_000);
                break;
            case 'failed':
                creations.inc({ source, reason: event.reason, outcome: 'failed' });
                break;
            case 'rejected':
                rejections.inc({ source, status: event.status });
                break;
            case 'replayed':
                replays.inc({ source, recovered: String(event.recovered) });
                break;
            case 'cleared':
                expiry.remove({ source });
        }
    };
}

const metricsOf = createTokenMetrics(register);

export function attachObserved(
    name: string,
    api: AxiosInstance,
    creator: TokenCreator,
    logger: Logger = pino(),
): TokenAttachment {
    const attachment = attachTokenCreator(api, creator, { onEvent: logTo(logger) });
    attachment.source.subscribe(metricsOf(name));
    return attachment;
}
