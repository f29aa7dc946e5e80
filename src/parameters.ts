import type { Challenge } from './challenge.js';
import { checkFields, FILLED_STRING, optional, STRINGS, type FieldChecks } from './options.js';

/**
 * What a token is wanted for. Each combination is a token of its own: it is created, renewed and refused by itself, and
 * never serves a request that asked for another one. The order of several scopes, resources or audiences says nothing.
 */
export interface TokenParameters {
    /** Names separated by spaces (RFC 6749 section 3.3). */
    scope?: string;
    /** The URIs of the protected resources (RFC 8707 section 2). */
    resource?: string | readonly string[];
    /** The names of the services that the token is for (RFC 8693 section 2.1). */
    audience?: string | readonly string[];
    /** Whatever else tells tokens apart, a tenant or a user say. It is never sent; creators read it. */
    key?: string;
    /**
     * What the token must give beyond an ordinary one: a challenge as RFC 9470 describes it. It is set when a resource
     * server answers with one; set it yourself to ask for such a token at once.
     */
    challenge?: Challenge;
}

const PARAMETERS: FieldChecks = {
    scope: optional(FILLED_STRING),
    resource: optional(STRINGS),
    audience: optional(STRINGS),
    key: optional(FILLED_STRING),
    challenge: optional(['a challenge', isChallenge]),
};

function isChallenge(value: unknown): boolean {
    const { parameters } = Object(value) as Partial<Challenge>;
    return typeof parameters === 'object';
}

// What of a challenge tells one token from another (RFC 9470 section 3; `claims` is Azure's).
const REQUIREMENTS = ['error', 'acr_values', 'max_age', 'claims', 'scope'];

const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();

/**
 * Names the token that parameters ask for; an empty string for the one without any.
 *
 * @throws TypeError that names the parameter
 */
export function nameOf(parameters: TokenParameters | undefined): string {
    if (parameters === undefined) return '';
    checkFields('token source', 'parameters', parameters, PARAMETERS);
    const { scope = '', resource = [], audience = [], key = '', challenge } = parameters;
    const name = JSON.stringify([
        sorted(scope.match(/\S+/g) ?? []),
        sorted([resource].flat()),
        sorted([audience].flat()),
        key,
        challenge && REQUIREMENTS.map((requirement) => challenge.parameters[requirement]),
    ]);
    return name === NONE ? '' : name;
}

const NONE = JSON.stringify([[], [], [], '', undefined]);
