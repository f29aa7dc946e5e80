import type { Challenge } from './challenge.js';

const STEP_UPS = ['insufficient_user_authentication', 'insufficient_claims'];

/** The challenge of a resource server that wants more than a good token gives: RFC 9470 section 3, or Azure's form of it. */
export function stepUpOf(challenges: readonly Challenge[] = []): Challenge | undefined {
    return challenges.find(({ parameters }) => STEP_UPS.includes(parameters['error'] ?? ''));
}

/** Whether the token is good, but not for this (RFC 6750 section 3.1): another one of its kind would change nothing. */
export function lacksScope(challenges: readonly Challenge[] = [], type: string): boolean {
    return challenges.some(
        ({ scheme, parameters }) => scheme === type.toLowerCase() && parameters['error'] === 'insufficient_scope',
    );
}
