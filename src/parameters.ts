import type { Challenge } from './challenge.js';
import { checkedFields, FILLED_STRING, optional, STRINGS, type FieldChecks } from './options.js';

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
    return typeof parameters === 'object' && parameters !== null;
}

// What of a challenge tells one token from another (RFC 9470 section 3; `claims` is Azure's).
const REQUIREMENTS = ['error', 'acr_values', 'max_age', 'claims', 'scope'];

const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** Under which parameters that were read bear the name of the token that they ask for; a copy of them does not. */
const NAME: unique symbol = Symbol('name');

/** Parameters as a source keeps them. */
export type NamedParameters = TokenParameters & { readonly [NAME]: string };

function isNamed(parameters: TokenParameters): parameters is NamedParameters {
    return Object.hasOwn(Object(parameters) as object, NAME);
}

/**
 * Reads parameters, each once: what the token is kept by is what its creator gets, whatever becomes of the object.
 *
 * @throws TypeError that names the parameter
 */
export function readParameters(given: TokenParameters): NamedParameters {
    if (isNamed(given)) return given;
    const {
        scope = '',
        resource = [],
        audience = [],
        key,
        challenge,
    } = checkedFields('token source', 'parameters', given, PARAMETERS);
    const scopes = scope.match(/\S+/g);
    const parameters: TokenParameters = {
        ...(scopes && { scope }),
        ...(resource.length > 0 && { resource: copyOf(resource) }),
        ...(audience.length > 0 && { audience: copyOf(audience) }),
        ...(key && { key }),
        ...(challenge && {
            challenge: Object.freeze({ ...challenge, parameters: Object.freeze({ ...challenge.parameters }) }),
        }),
    };
    const name = JSON.stringify([
        sorted(scopes ?? []),
        sorted([resource].flat()),
        sorted([audience].flat()),
        key,
        challenge && REQUIREMENTS.map((requirement) => challenge.parameters[requirement]),
    ]);
    const isEmpty = Object.keys(parameters).length === 0;
    Object.defineProperty(parameters, NAME, { value: isEmpty ? '' : name });
    return Object.freeze(parameters) as NamedParameters;
}

function copyOf(values: string | readonly string[]): string | readonly string[] {
    return typeof values === 'string' ? values : Object.freeze([...values]);
}

/**
 * Names the token that parameters ask for; an empty string for the one without any.
 *
 * @throws TypeError that names the parameter
 */
export function nameOf(parameters: TokenParameters | undefined): string {
    return parameters === undefined ? '' : readParameters(parameters)[NAME];
}
