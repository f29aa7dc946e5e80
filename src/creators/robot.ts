import type { TokenCreator } from '../creator.js';
import { CLIENT_CHECKS, type ClientOptions } from '../endpoint.js';
import { checkFields, FILLED_STRING } from '../options.js';
import { createTokenEndpoint, type TokenEndpointOptions } from '../token-endpoint.js';

/** The credentials of an Authup robot. */
export interface RobotCredentials {
    /** A UUID. */
    id: string;
    secret: string;
}

/**
 * Creates tokens with the robot credentials of Authup, a grant of its own. Authup removed it in 1.0.0-beta.54; older
 * servers keep it.
 *
 * @example
 * ```ts
 * const creator = createRobotTokenCreator({ id, secret }, { client: { baseURL: 'http://localhost:3010' } });
 * ```
 * @throws TypeError that names the credential or option, at once
 */
export function createRobotTokenCreator(
    credentials: RobotCredentials,
    options?: TokenEndpointOptions & ClientOptions,
): TokenCreator {
    const caller = 'createRobotTokenCreator';
    const checks = { id: FILLED_STRING, secret: FILLED_STRING };
    const { id, secret } = checkFields(caller, 'credentials', credentials, checks);
    const request = createTokenEndpoint(options, { caller, checks: CLIENT_CHECKS });
    return (context) => request({ grant_type: 'robot_credentials', id, secret }, context);
}
