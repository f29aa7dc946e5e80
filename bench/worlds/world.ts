import type { World } from '../subject.js';

/** What the token endpoint and the API have seen. */
export interface Counts {
    /** Calls of the token endpoint, whatever became of them. */
    readonly creations: number;
    /** Requests to the API with a token that is not, or no longer, valid. */
    readonly refused: number;
    readonly withoutToken: number;
}

/** A world that can be watched, and disturbed. */
export interface MeasuredWorld extends World {
    /** How long the API takes to answer by itself, in milliseconds. */
    readonly responseTime: number;
    counts(): Promise<Counts>;
    /** Makes all tokens issued so far invalid. {@link STATIC_TOKEN} always is valid. */
    revoke(): Promise<void>;
    /** From now on, or no longer, the token endpoint answers 503. */
    failTokens(fails: boolean): Promise<void>;
    close(): Promise<void>;
}

export interface AuthorizationOptions {
    /** Of its tokens, in seconds. */
    readonly lifetime: number;
    /** What issuing a token takes, in milliseconds. */
    readonly creationTime: number;
}

/** What issuing a token takes unless a scenario says otherwise, in milliseconds. */
export const CREATION_TIME = 50;

export const AUTHORIZATION: AuthorizationOptions = { lifetime: 3_600, creationTime: CREATION_TIME };

export const CREDENTIALS = { clientId: 'bench', clientSecret: 'secret' };

export const PATH = '/things/1';
export const BODY = '{"ok":true}';
export const CHALLENGE = 'Bearer error="invalid_token"';
