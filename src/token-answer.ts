import { TokenEndpointError, TokenError, TokenResponseError } from './errors.js';
import type { Redaction } from './redaction.js';
import { parseRetryAfter } from './retry-after.js';
import { readGrant, type TokenGrantResponse } from './token.js';

/** What the client of a token endpoint gave back; its interceptors may have unwrapped it down to the body. */
export interface Answer {
    status: number;
    data: unknown;
    headers?: Record<string, unknown>;
}

type Body = Record<string, unknown>;

function isAnswer(value: unknown): value is Answer {
    return typeof value === 'object' && value !== null && 'status' in value && 'data' in value;
}

function parseBody(data: unknown): Body | undefined {
    let body = data;
    try {
        body = typeof data === 'string' ? JSON.parse(data) : data;
    } catch {}
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : undefined;
}

/** Some servers send errors with status 200, and their own status in the body (seen on Authup 0.17). */
function statusOf(status: number, body: Body): number {
    const { statusCode } = body;
    return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : status;
}

function endpointError(status: number, body: Body, headers: Answer['headers'], redaction: Redaction): TokenEndpointError {
    const error = redaction.code(body['error']);
    const vendorCode = redaction.code(body['code']);
    const errorDescription = redaction.text(body['error_description'] ?? body['message']);
    const reason = [error ?? vendorCode, errorDescription].filter(Boolean).join(': ');
    return new TokenEndpointError(`the token endpoint answered with status ${status}${reason && `, ${reason}`}`, {
        status,
        error,
        errorDescription,
        errorUri: redaction.text(body['error_uri']),
        vendorCode,
        retryAfter: parseRetryAfter(headers?.['retry-after'], Date.now()),
    });
}

/**
 * Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2).
 *
 * @throws TokenEndpointError, TokenResponseError
 */
export function readAnswer(answer: unknown, redaction: Redaction): TokenGrantResponse {
    const { status, data, headers }: Answer = isAnswer(answer) ? answer : { status: 200, data: answer };
    const body = parseBody(data);
    const isSuccess = status >= 200 && status < 300;
    if (!isSuccess || (body && !body['access_token'] && ('error' in body || statusOf(status, body) !== status))) {
        throw endpointError(isSuccess && body ? statusOf(status, body) : status, body ?? {}, headers, redaction);
    }
    if (!body) {
        const type = redaction.text(headers?.['content-type']) ?? 'no content type';
        throw new TokenResponseError(`the token endpoint answered with status ${status}, but with no JSON object (${type})`);
    }
    return readGrant(body);
}

interface HttpFailure {
    response?: unknown;
    code?: unknown;
    message?: unknown;
}

/**
 * Turns the failure of a token request into its answer, or into an error of our own: an axios error holds the
 * credentials in `config.data`.
 */
export function toTokenError(failure: unknown, redaction: Redaction): Answer {
    const { response, code, message } = (failure ?? {}) as HttpFailure;
    if (isAnswer(response)) return response;
    const text = redaction.text(message) ?? '';
    if (/^maxContentLength/.test(text)) throw new TokenResponseError(`the answer of the token endpoint is too long: ${text}`);
    const cause = [redaction.code(code), text].filter(Boolean).join(': ');
    if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') throw new TokenError('timeout', `the token request took too long (${cause})`);
    throw new TokenError('network', `the token endpoint could not be reached (${cause})`);
}
