import type { UnknownRecord } from './records.js';

export interface Answer {
    status: number;
    body: UnknownRecord;
}

export interface Lifetimes {
    accessToken: number;
    refreshToken: number;
}

const missingField = /^missing required parameter|^no client authentication/;

const messages: Record<string, string | undefined> = {
    invalid_credentials: 'The credentials are invalid.',
    inactive_token: 'The token is not active.',
    invalid_grant: 'The grant is not supported.',
};

/** toAuthupGrant words a grant of oidc-provider as Authup does. */
export function toAuthupGrant(body: UnknownRecord, scope: string, lifetimes: Lifetimes): Answer {
    return {
        status: 200,
        body: {
            access_token: body.access_token,
            expires_in: lifetimes.accessToken,
            token_type: 'Bearer',
            scope,
            ...(body.refresh_token !== undefined && {
                refresh_token: body.refresh_token,
                refresh_token_expires_in: lifetimes.refreshToken,
            }),
        },
    };
}

/** toAuthupError words an error of oidc-provider as Authup (1.0.0-beta.26) does. */
export function toAuthupError(status: number, body: UnknownRecord, grantType: string): Answer {
    const error = typeof body.error === 'string' ? body.error : 'server_error';
    const description = typeof body.error_description === 'string' ? body.error_description : error;
    if (status >= 500 || missingField.test(description)) {
        return errorAnswer(500, 'INTERNAL_SERVER_ERROR', 'server_error', 'The server could not process the request.');
    }
    const code = codeOf(error, grantType);
    return errorAnswer(400, code, error, messages[code] ?? description);
}

function errorAnswer(status: number, code: string, error: string, message: string): Answer {
    return { status, body: { statusCode: status, code, message, error, error_description: message } };
}

function codeOf(error: string, grantType: string): string {
    switch (error) {
        case 'invalid_client':
            return 'invalid_credentials';
        case 'invalid_grant':
            return grantType === 'refresh_token' ? 'inactive_token' : 'invalid_credentials';
        case 'unsupported_grant_type':
            return 'invalid_grant';
        default:
            return error;
    }
}
