import { hideRequest } from './authorization.js';
import { parseChallenges, type Challenge } from './challenge.js';
import { headerOf } from './headers.js';
import type { AxiosResponse } from 'axios';

/**
 * Whether an answer says that the resource server refused the token. It is asked below axios's `transformResponse`:
 * `data` is what the server sent, but for JSON of at most 65,536 characters, which is parsed when it is read.
 */
export type RejectionPredicate = (response: AxiosResponse<unknown>) => boolean;

const LONGEST_PARSED_BODY = 65_536;

/** The challenges of an answer (RFC 9110 section 11.6.1). */
export function challengesOf(response: AxiosResponse): Challenge[] {
    return parseChallenges(challengeHeader(response));
}

function challengeHeader({ headers }: AxiosResponse): string {
    return headerOf(headers, 'www-authenticate') ?? '';
}

/**
 * The default of `isRejected`, to build others on: status 401, unless a Bearer challenge says `insufficient_scope`
 * (RFC 6750 section 3.1), which no other token of the same creator would mend.
 */
export function isUnauthorized(response: AxiosResponse<unknown>): boolean {
    return response.status === 401 && tellOfToken(challengesOf(response));
}

function tellOfToken(challenges: readonly Challenge[]): boolean {
    const saying = (error: string): Challenge[] => challenges.filter(({ parameters }) => parameters['error'] === error);
    const lacksScope = saying('insufficient_scope').some(({ scheme }) => scheme === 'bearer');
    // A server that knows several schemes may say more than one thing.
    return !lacksScope || saying('invalid_token').length > 0;
}

const AUTHUP_TOKEN_CODES: readonly unknown[] = ['invalid_token', 'inactive_token', 'expired_token'];

/**
 * An `isRejected` for APIs protected by Authup, which answers a bad token with status 400 and a code of its own
 * (seen on Authup 0.17 and 1.0.0-beta.30). It is not the default: on other APIs a 400 `invalid_token` may speak of
 * something else, an e-mail verification say.
 *
 * @example
 * ```ts
 * attachTokenCreator(api, creator, { isRejected: isAuthupRejection });
 * ```
 */
export function isAuthupRejection(response: AxiosResponse<unknown>): boolean {
    if (isUnauthorized(response)) return true;
    if (response.status !== 400) return false;
    const { code } = (response.data ?? {}) as { code?: unknown };
    return AUTHUP_TOKEN_CODES.includes(code);
}

function parsed(response: AxiosResponse<unknown>): unknown {
    const { data } = response;
    if (typeof data !== 'string' || data.length > LONGEST_PARSED_BODY) return data;
    if (!/[/+]json\b/i.test(headerOf(response.headers, 'content-type') ?? '')) return data;
    try {
        return JSON.parse(data);
    } catch {
        return data;
    }
}

/** A view of an answer whose body reads as it will after axios's own parsing, which comes later. */
function withParsedData(response: AxiosResponse): AxiosResponse<unknown> {
    return Object.create(response, {
        data: { get: () => parsed(response), enumerable: true },
    }) as AxiosResponse<unknown>;
}

/** Finds the promise of an async predicate, which nobody waits for: neither may its rejection end the process. */
export function isPromise(answer: unknown): boolean {
    if (answer instanceof Promise) answer.catch(() => {});
    return answer instanceof Promise;
}

/** The challenges of an answer that says that the token was refused. */
export type ReadRefusal = (response: AxiosResponse<unknown>) => readonly Challenge[] | undefined;

/** Asks a predicate without letting it lose the answer: the default answers for one that throws or is async. */
export function refusalReader(predicate: RejectionPredicate | undefined): ReadRefusal {
    const read = createChallengeReader();
    const byDefault: ReadRefusal = (response) => {
        if (response.status !== 401) return undefined;
        const { challenges, areOfToken } = read(challengeHeader(response));
        return areOfToken ? challenges : undefined;
    };
    if (!predicate) return byDefault;
    return (response) => {
        hideRequest(response);
        try {
            const answer: unknown = predicate(withParsedData(response));
            if (!isPromise(answer)) return answer ? read(challengeHeader(response)).challenges : undefined;
        } catch {
            // as if it had not been asked
        }
        return byDefault(response);
    };
}

/** Remembers the last header: those of requests that are refused at the same time are mostly the same. */
function createChallengeReader() {
    let last: { readonly header: string; readonly challenges: readonly Challenge[]; readonly areOfToken: boolean };
    return (header: string): typeof last => {
        if (last?.header === header) return last;
        const challenges = parseChallenges(header);
        for (const challenge of challenges) Object.freeze(Object.freeze(challenge).parameters); // creators get them
        return (last = { header, challenges, areOfToken: tellOfToken(challenges) });
    };
}
