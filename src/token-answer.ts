import { isAxiosError } from 'axios';
import { TokenEndpointError, TokenError, TokenResponseError } from './errors.js';
import { chainOf } from './error-chain.js';
import { headerOf } from './headers.js';
import { fieldOf, ownOf } from './own.js';
import type { Redact } from './redaction.js';
import { parseRetryAfter } from './retry-after.js';

/** What the client of a token endpoint gave back; its interceptors may have unwrapped it down to the body. */
interface Answer {
    status: number;
    data: unknown;
    headers?: object;
}

type Body = Record<string, unknown>;

const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

// Programs compare error codes: `invalid_grant` stays whole for a client whose secret is `grant`.
const SHORTEST_IN_CODE = 8;

/** A success that broke off has a status, but no data. */
function isAnswer(value: unknown): value is Answer {
    const answer = Object(value) as Partial<Answer & Body>;
    const { status, data } = answer;
    return (
        Number.isInteger(status) &&
        !fieldOf(answer, 'access_token') &&
        (data !== undefined || !isSuccess(Number(status)))
    );
}

function isSuccess(status: number): boolean {
    return status >= 200 && status < 300;
}

function parseBody(data: unknown): Body | undefined {
    let body = data;
    try {
        if (typeof data === 'string') body = JSON.parse(data);
    } catch {}
    return Object(body) === body && !Array.isArray(body) ? ownOf(body as Body) : undefined;
}

/** Some servers send errors with status 200, and their own status in the body (seen on Authup 0.17). */
function statusOf(status: number, body: Body): number {
    const { statusCode } = body;
    return status === 200 && typeof statusCode === 'number' && statusCode >= 400 ? statusCode : status;
}

function endpointError(
    who: string,
    status: number,
    body: Body,
    headers: Answer['headers'],
    redact: Redact,
): TokenEndpointError {
    const error = redact(body['error'], SHORTEST_IN_CODE);
    const vendorCode = redact(body['code'], SHORTEST_IN_CODE);
    const errorDescription = redact(body['error_description'] ?? body['message']);
    const said = [status, error ?? vendorCode, errorDescription].filter(Boolean).join(', ');
    return new TokenEndpointError(`the ${who} answered ${said}`, {
        endpoint: who,
        status,
        error,
        errorDescription,
        errorUri: redact(body['error_uri']),
        vendorCode,
        retryAfter: parseRetryAfter(headerOf(headers, 'retry-after'), Date.now()),
    });
}

/**
 * Reads what an endpoint answered where only success counts.
 *
 * @param who - names the endpoint in errors
 * @returns the status and the body, if that is a JSON object
 * @throws TokenEndpointError (RFC 6749 section 5.2)
 */
export function readSuccess(answer: unknown, redact: Redact, who: string): { status: number; body: Body | undefined } {
    const { status, data, headers }: Answer = isAnswer(answer) ? answer : { status: 200, data: answer };
    const body = parseBody(data);
    const claimed = body?.['access_token'] ? status : statusOf(status, body ?? {});
    if (!isSuccess(claimed) || (body && 'error' in body && !body['access_token'])) {
        throw endpointError(who, claimed, body ?? {}, headers, redact);
    }
    return { status, body };
}

/**
 * Reads what an endpoint answered: a JSON object.
 *
 * @param who - names the endpoint in errors
 * @throws TokenEndpointError, TokenResponseError
 */
export function readBody(answer: unknown, redact: Redact, who: string): Body {
    const { status, body } = readSuccess(answer, redact, who);
    if (body) return body;
    const type = redact(headerOf((Object(answer) as Partial<Answer>).headers, 'content-type')) ?? 'no content type';
    throw new TokenResponseError(`the ${who} answered ${status} with no JSON object (${type})`);
}

interface HttpFailure {
    code?: unknown;
    message?: unknown;
}

/**
 * Turns the failure of a token request into its answer, or into an error of our own: an axios error holds the
 * credentials in `config.data`.
 */
export function answerOf(failure: unknown, redact: Redact, who: string): Answer {
    const responses = chainOf(failure).map(({ response }) => response);
    // An interceptor may reject with the answer itself; an AxiosError may have the status of an error beneath it.
    const answer = (isAxiosError(failure) ? responses : [...responses, failure]).find(isAnswer);
    if (answer) return answer;
    const { code, message } = Object(failure) as HttpFailure;
    const cause = [redact(code), redact(message)].filter(Boolean).join(': ');
    if (/^maxContentLength size of \d/.test(String(message))) {
        throw new TokenResponseError(`the answer of the ${who} is too long (${cause})`);
    }
    const isLate = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
    // Only then is it sure that the request, and the refresh token in it, has not arrived.
    const said = NEVER_SENT.test(String(code)) ? 'could not be reached' : 'gave no answer';
    throw new TokenError(isLate ? 'timeout' : 'network', `the ${who} ${said} (${cause})`);
}
