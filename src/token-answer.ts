import { TokenEndpointError, TokenError, TokenResponseError } from './errors.js';
import { chainOf } from './error-chain.js';
import { headerOf } from './headers.js';
import type { Redact } from './redaction.js';
import { parseRetryAfter } from './retry-after.js';
import { readGrant, type TokenGrantResponse } from './token.js';

/** What the client of a token endpoint gave back; its interceptors may have unwrapped it down to the body. */
interface Answer {
    status: number;
    data: unknown;
    headers?: object;
}

type Body = Record<string, unknown>;

// Programs compare error codes: `invalid_grant` stays whole for a client whose secret is `grant`.
const SHORTEST_IN_CODE = 8;

/** A success that broke off has a status, but no data. */
function isAnswer(value: unknown): value is Answer {
    const { status, data, access_token } = Object(value) as Partial<Answer & Body>;
    return Number.isInteger(status) && !access_token && (data !== undefined || !isSuccess(Number(status)));
}

function isSuccess(status: number): boolean {
    return status >= 200 && status < 300;
}

function parseBody(data: unknown): Body | undefined {
    let body = data;
    try {
        if (typeof data === 'string') body = JSON.parse(data);
    } catch {}
    return Object(body) === body && !Array.isArray(body) ? (body as Body) : undefined;
}

/** Some servers send errors with status 200, and their own status in the body (seen on Authup 0.17). */
function statusOf(status: number, body: Body): number {
    const { statusCode } = body;
    return status === 200 && typeof statusCode === 'number' && statusCode >= 400 ? statusCode : status;
}

function endpointError(status: number, body: Body, headers: Answer['headers'], redact: Redact): TokenEndpointError {
    const error = redact(body['error'], SHORTEST_IN_CODE);
    const vendorCode = redact(body['code'], SHORTEST_IN_CODE);
    const errorDescription = redact(body['error_description'] ?? body['message']);
    const said = [status, error ?? vendorCode, errorDescription].filter(Boolean).join(', ');
    return new TokenEndpointError(`the token endpoint answered ${said}`, {
        status,
        error,
        errorDescription,
        errorUri: redact(body['error_uri']),
        vendorCode,
        retryAfter: parseRetryAfter(headerOf(headers, 'retry-after'), Date.now()),
    });
}

/**
 * Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2).
 *
 * @throws TokenEndpointError, TokenResponseError
 */
export function readAnswer(answer: unknown, redact: Redact): TokenGrantResponse {
    const { status, data, headers }: Answer = isAnswer(answer) ? answer : { status: 200, data: answer };
    const body = parseBody(data);
    const claimed = body?.['access_token'] ? status : statusOf(status, body ?? {});
    if (!isSuccess(claimed) || (body && 'error' in body && !body['access_token'])) {
        throw endpointError(claimed, body ?? {}, headers, redact);
    }
    if (body) return readGrant(body);
    const type = redact(headerOf(headers, 'content-type')) ?? 'no content type';
    throw new TokenResponseError(`the token endpoint answered ${status} with no JSON object (${type})`);
}

interface HttpFailure {
    code?: unknown;
    message?: unknown;
}

/**
 * Turns the failure of a token request into its answer, or into an error of our own: an axios error holds the
 * credentials in `config.data`.
 */
export function answerOf(failure: unknown, redact: Redact): Answer {
    const responses = chainOf(failure).map(({ response }) => response);
    // An interceptor may reject with the answer itself.
    const answer = [...responses, failure].find(isAnswer);
    if (answer) return answer;
    const { code, message } = Object(failure) as HttpFailure;
    const cause = [redact(code), redact(message)].filter(Boolean).join(': ');
    if (/^maxContentLength size of \d/.test(String(message))) {
        throw new TokenResponseError(`the answer of the token endpoint is too long (${cause})`);
    }
    const isLate = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
    throw new TokenError(isLate ? 'timeout' : 'network', `the token endpoint could not be reached (${cause})`);
}
