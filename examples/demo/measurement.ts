import type { ApiServer, RecordedRequest } from '../servers/api-server.js';

/** Milliseconds since the epoch. */
export interface Span {
    startedAt: number;
    endedAt: number;
}

export interface Call extends Span {
    failed: boolean;
    /** Milliseconds that the caller waited. */
    duration: number;
}

export interface TokenRequest extends Span {
    issued: boolean;
}

export interface Measurement extends Span {
    /** What the application did. */
    calls: Call[];
    /** What the API saw. */
    requests: RecordedRequest[];
    /** What the token endpoint saw. */
    tokenRequests: TokenRequest[];
}

export interface Numbers {
    calls: number;
    requests: number;
    unauthorized: number;
    created: number;
    failed: number;
    /** Milliseconds. */
    slowest: number;
}

export interface Observed {
    readonly api: Pick<ApiServer, 'requests' | 'reset'>;
    /** Grows with every answer of the token endpoint. */
    readonly tokenRequests: TokenRequest[];
}

/** A call of the application: it is recorded, and does not throw. */
export type Recorder = (send: () => Promise<unknown>) => Promise<void>;

/** measure forgets what happened before, runs the calls and returns what was seen meanwhile. */
export async function measure(observed: Observed, run: (record: Recorder) => Promise<void>): Promise<Measurement> {
    const calls: Call[] = [];
    observed.api.reset();
    observed.tokenRequests.length = 0;
    const startedAt = Date.now();
    await run(async (send) => {
        calls.push(await timed(send));
    });
    return {
        startedAt,
        endedAt: Date.now(),
        calls,
        requests: [...observed.api.requests],
        tokenRequests: [...observed.tokenRequests],
    };
}

async function timed(send: () => Promise<unknown>): Promise<Call> {
    const startedAt = Date.now();
    const start = performance.now();
    const failed = await send().then(
        () => false,
        () => true,
    );
    return { startedAt, endedAt: Date.now(), failed, duration: performance.now() - start };
}

export function numbersOf({ calls, requests, tokenRequests }: Measurement): Numbers {
    return {
        calls: calls.length,
        requests: requests.length,
        unauthorized: requests.filter(({ status }) => status === 401).length,
        created: tokenRequests.filter(({ issued }) => issued).length,
        failed: calls.filter(({ failed }) => failed).length,
        slowest: Math.max(0, ...calls.map(({ duration }) => duration)),
    };
}
