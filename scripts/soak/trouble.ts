import { setTimeout as sleep } from 'node:timers/promises';
import { exponential } from '../../bench/fleet/random.js';
import type { Fault, TestAuthorizationServer } from '../../src/testing/index.js';
import type { Span } from './messages.js';
import { CREATION_TIMEOUT } from './settings.js';

/** What happened to one authorization server; times are milliseconds since the epoch. */
export interface Troubles {
    /** When requests for a token may have failed. */
    readonly faults: Span[];
    readonly outages: Span[];
    /** Of access tokens: made on purpose, or by the server because a refresh token came again. */
    readonly revocations: Span[];
}

const FAULTS: readonly Fault[] = [
    { type: 'delay', milliseconds: 700 },
    { type: 'hold' },
    { type: 'reset', when: 'before-request' },
    { type: 'reset', when: 'after-request' },
    { type: 'lost-answer' },
    { type: 'cut', within: 'headers' },
    { type: 'cut', within: 'body' },
    { type: 'slow-loris' },
    { type: 'endless-body' },
    { type: 'gzip-bomb' },
    { type: 'truncated-json' },
    { type: 'html' },
    { type: 'html', status: 502 },
    { type: 'content-type' },
    { type: 'redirect' },
    { type: 'status', status: 400, error: 'invalid_request' },
    { type: 'status', status: 401 },
    { type: 'status', status: 403 },
    { type: 'status', status: 429, retryAfter: 1 },
    { type: 'status', status: 500 },
    { type: 'status', status: 503, retryAfter: 1, retryAfterForm: 'date' },
    { type: 'duplicate-keys' },
    { type: 'huge-token', characters: 4_096 },
    { type: 'grant-parameters', parameters: { expires_in: undefined } },
    { type: 'grant-parameters', parameters: { expires_in: '3600' } },
    { type: 'grant-parameters', parameters: { expires_in: 0 } },
    { type: 'grant-parameters', parameters: { expires_in: -1 } },
    { type: 'grant-parameters', parameters: { expires_in: null } },
    { type: 'grant-parameters', parameters: { access_token: '' } },
];

const MEAN_PAUSE = 3_500;
const LOOK_EVERY = 50;
// Longer than a request can last that waits twice: a token that was refused is replaced once, and no more.
const BETWEEN_REVOCATIONS = 2 * CREATION_TIMEOUT + 1_000;

/** Makes trouble at random until it is stopped; then the server is well. */
export function startTrouble(server: TestAuthorizationServer, random: () => number) {
    const troubles: Troubles = { faults: [], outages: [], revocations: [] };
    const stop = new AbortController();
    const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stop.signal });
    let revokedAt = 0;
    let reuseAttempts = 0;
    let looked = Date.now();
    const looking = setInterval(() => {
        const now = Date.now();
        const { counts } = server;
        if (counts.reuseAttempts > reuseAttempts) troubles.revocations.push({ from: looked, until: now });
        ({ reuseAttempts } = counts);
        looked = now;
    }, LOOK_EVERY);

    function anyFault(): Fault {
        const fault = FAULTS[Math.floor(random() * FAULTS.length)];
        if (!fault) throw new Error('there are no faults');
        return fault;
    }

    /** Befalls the next token request. */
    async function failOnce(): Promise<void> {
        const span = { from: Date.now(), until: Infinity };
        troubles.faults.push(span);
        const before = server.counts.faults;
        server.inject(anyFault());
        while (server.counts.faults === before) await pause(LOOK_EVERY);
        // The creation that it befell ends within that time.
        span.until = Date.now() + CREATION_TIMEOUT;
    }

    /** Befalls all of them for a while. */
    async function failForAWhile(): Promise<void> {
        const span = { from: Date.now(), until: Infinity };
        troubles.faults.push(span);
        const end = server.inject(anyFault(), { times: Infinity });
        await pause(1_000 + random() * 3_000);
        end();
        span.until = Date.now() + CREATION_TIMEOUT;
        troubles.outages.push({ from: span.from, until: Date.now() });
    }

    function revoke(): void {
        revokedAt = Date.now();
        troubles.revocations.push({ from: revokedAt, until: revokedAt });
        server.revoke();
        if (random() < 0.5) server.revokeRefreshTokens();
    }

    async function makeTrouble(): Promise<void> {
        for (;;) {
            await pause(exponential(random, MEAN_PAUSE));
            const kind = random();
            if (kind < 0.25 && Date.now() - revokedAt > BETWEEN_REVOCATIONS) revoke();
            else if (kind < 0.95) await failOnce();
            else await failForAWhile();
        }
    }

    const making = makeTrouble().catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
    });
    return {
        troubles,
        async stop(): Promise<void> {
            stop.abort();
            clearInterval(looking);
            server.heal();
            await making;
        },
    };
}
