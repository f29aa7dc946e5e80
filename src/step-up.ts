import type { Challenge } from './challenge.js';

const STEP_UPS = ['insufficient_user_authentication', 'insufficient_claims'];

/** The challenge of a resource server that wants more than a good token gives: RFC 9470 section 3, or Azure's form of it. */
export function stepUpOf(challenges: readonly Challenge[] = []): Challenge | undefined {
    return challenges.find(({ parameters }) => STEP_UPS.includes(parameters['error'] ?? ''));
}

// The scope does not suffice (RFC 6750 section 3.1), or it is the proof that is refused (RFC 9449 section 7.1).
const NOT_THE_TOKEN = ['insufficient_scope', 'invalid_dpop_proof', 'use_dpop_nonce'];

/** Whether something else than the token is at fault: another one of its kind would change nothing. */
export function isTokenGood(challenges: readonly Challenge[] = [], type: string): boolean {
    return challenges.some(
        ({ scheme, parameters }) => scheme === type.toLowerCase() && NOT_THE_TOKEN.includes(parameters['error'] ?? ''),
    );
}
