/** Everything that can be seen of a source and a transport from outside, and what is done to them: one line of a story. */

export type SourceName = 'A' | 'B';
export type Reason = 'missing' | 'expired' | 'rejected' | 'ahead';

/** Readings of the two clocks, in milliseconds. */
export interface Moment {
    readonly wall: number;
    readonly monotonic: number;
}

/** How a creation ends. `lifetime` is milliseconds; without it, the server did not tell. */
export type Ending =
    | { readonly with: 'grant'; readonly lifetime?: number }
    | { readonly with: 'failure'; readonly retryAfter?: number }
    | { readonly with: 'garbage' | 'nobody logged in' };

/** What becomes of a sending: an HTTP status, 401 for the want of a scope, or a connection that is cut. */
export type Answer = 200 | 401 | 404 | 429 | 503 | 'insufficient scope' | 'cut';

export type ToldEvent =
    | { readonly type: 'creating'; readonly reason: Reason }
    | {
          readonly type: 'created';
          readonly reason: Reason;
          readonly durationMs: number;
          readonly expiresAt: number | undefined;
      }
    | { readonly type: 'failed'; readonly reason: Reason; readonly error: string; readonly nextAttemptAt?: number }
    | { readonly type: 'rejected'; readonly status: number | undefined }
    | { readonly type: 'replayed'; readonly status: number | undefined; readonly recovered: boolean }
    | { readonly type: 'cleared' };

/** What a source or a transport does. Creations are numbered, and their tokens named after them. */
export type Effect =
    | { readonly what: 'told'; readonly source: SourceName; readonly parameters: string; readonly event: ToldEvent }
    | {
          readonly what: 'creator called';
          readonly source: SourceName;
          readonly parameters: string;
          readonly creation: number;
          readonly reason: Reason;
          readonly previous: string | undefined;
      }
    | { readonly what: 'sent'; readonly request: number; readonly token: string | undefined }
    | { readonly what: 'settled'; readonly request: number; readonly by: string };

/** What is done to them, and what they answer to it. */
export type Deed =
    | {
          readonly what: 'asked';
          readonly request: number;
          readonly source: SourceName | undefined;
          readonly parameters: string;
          readonly canBeRepeated: boolean;
      }
    | { readonly what: 'answered'; readonly request: number; readonly answer: Answer }
    | { readonly what: 'creation ended'; readonly creation: number; readonly ending: Ending }
    | { readonly what: 'creation given up'; readonly creation: number }
    | { readonly what: 'refused'; readonly source: SourceName; readonly token: string; readonly isPermitted: boolean }
    | { readonly what: 'cleared'; readonly source: SourceName };

export type Fact = Moment & (Effect | Deed);

export const tokenOf = (creation: number): string => `token-${creation}`;

/** Milliseconds between two moments: either clock may have stood still or been set back, so that the larger one counts. */
export function elapsed(from: Moment, to: Moment): number {
    return Math.max(to.wall - from.wall, to.monotonic - from.monotonic);
}

/** One line of a story. */
export function lineOf(fact: Effect | Deed): string {
    switch (fact.what) {
        case 'told':
            return `${fact.source} ${fact.parameters} tells: ${Object.entries(fact.event).map(String).sort().join(' ')}`;
        case 'creator called':
            return `${fact.source} ${fact.parameters} calls for token ${fact.creation} (${fact.reason}), after ${fact.previous}`;
        case 'creation ended':
            return `    creation ${fact.creation} ends: ${Object.values(fact.ending).join(' ')}`;
        case 'creation given up':
            return `    creation ${fact.creation} is given up`;
        case 'asked':
            return `    request ${fact.request} wants a token of ${fact.source} ${fact.parameters}`;
        case 'sent':
            return `request ${fact.request} is sent with ${fact.token}`;
        case 'answered':
            return `    request ${fact.request} is answered: ${fact.answer}`;
        case 'settled':
            return `request ${fact.request} ends: ${fact.by}`;
        case 'refused':
            return `    ${fact.token} is refused to ${fact.source}: ${fact.isPermitted ? 'try again' : 'that is the answer'}`;
        case 'cleared':
            return `    ${fact.source} is cleared`;
        default:
            return fact;
    }
}
