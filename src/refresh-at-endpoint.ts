import { TokenEndpointError } from './errors.js';
import type { Refresh } from './refresh-settings.js';
import type { TokenEndpoint } from './token-endpoint.js';

const REFUSALS = [400, 401, 403];
// What passes, or is about the proof (RFC 9449 section 7.1), which the next request makes anew.
const NOT_REFUSED = ['use_dpop_nonce', 'invalid_dpop_proof', 'temporarily_unavailable', 'server_error'];

/** A refresh token counts as refused on these, whatever the body says: some servers say nothing. */
export function isRefusingStatus(status: unknown): boolean {
    return REFUSALS.includes(status as number);
}

/** Refreshes at a token endpoint. */
export function refreshAt(request: TokenEndpoint): Refresh {
    return {
        // Without a scope of its own: the server may have granted less than the creator asks for, and would refuse the rest.
        refresh: (refreshToken, context) =>
            request(
                { grant_type: 'refresh_token', refresh_token: refreshToken, scope: context?.parameters?.scope },
                { parameters: context?.parameters },
            ),
        isRefusal,
    };
}

/** Neither what discovery met nor what a client authentication threw: then nothing was sent that could be refused. */
export function isRefusal(error: unknown): error is TokenEndpointError {
    return (
        error instanceof TokenEndpointError &&
        error.endpoint === 'token endpoint' &&
        // Some servers send their errors with status 200, or an interceptor leaves nothing but the body.
        (isRefusingStatus(error.status) || (error.status < 300 && error.error !== undefined)) &&
        !NOT_REFUSED.includes(error.error ?? '')
    );
}
