import type { SourceName } from './settings.js';

/** Times are milliseconds since the epoch, where nothing else is said. */
export interface Span {
    readonly from: number;
    readonly until: number;
}

/** Of a process that is at rest, after garbage collection. */
export interface Sample {
    /** Milliseconds for which the process was let run. */
    readonly at: number;
    /** Requests that were sent so far. */
    readonly requests: number;
    /** Bytes, without the code that the engine made. */
    readonly heap: number;
    /** Sockets, timers and whatever else keeps a process alive or belongs to its event loop. */
    readonly handles: number;
}

/** What became of the requests, and of the tokens. */
export interface Totals {
    sent: number;
    served: number;
    failed: number;
    /** Requests that met a 401 and were sent again with success. */
    healed: number;
    created: number;
    failedCreations: number;
    reattached: number;
}

/** A request that failed, and what the client knew when it began. */
export interface Failure {
    readonly source: SourceName | 'plain';
    readonly begun: number;
    readonly ended: number;
    /** When the creator of the newest token was called, and until when that token is good for sure. */
    readonly token: Span;
    /** Until when the source was held back after failures: what its events said. */
    readonly heldBackUntil: number;
    readonly error: string;
}

/** What an application tells the process that watches it. */
export type Message =
    | { readonly type: 'sample'; readonly sample: Sample }
    | { readonly type: 'failure'; readonly failure: Failure }
    | { readonly type: 'stall'; readonly stall: Span }
    | { readonly type: 'done'; readonly totals: Totals };

/** What an application is told: which API it asks, with which token where it is one without this package. */
export interface Assignment {
    readonly minutes: number;
    readonly urls: Readonly<Partial<Record<SourceName, string>>>;
    readonly plain?: { readonly url: string; readonly authorization: string };
}
