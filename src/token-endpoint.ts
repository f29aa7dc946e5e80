import { andThen } from './and-then.js';
import type { TokenCreatorContext } from './creator.js';
import {
    createPost,
    type Endpoint,
    type EndpointOptions,
    type PostParameters,
    type PostSettings,
    type Read,
} from './endpoint.js';
import { FILLED_STRING, optional, SCHEME, STRINGS, type FieldCheck } from './options.js';
import type { AuthorizationScheme } from './scheme.js';
import { ownOf } from './own.js';
import { readBody } from './token-answer.js';
import { checkTokenType, readGrant, type TokenGrantResponse } from './token.js';

/** Options of the creators that ask a token endpoint. */
export interface TokenEndpointOptions extends EndpointOptions {
    /**
     * The URL of the token endpoint; a path is appended to the client's `baseURL`.
     *
     * @default what discovery tells, or '/token', so that the base `https://h/auth` gives `https://h/auth/token`
     */
    tokenEndpoint?: string | URL;
    /** Names separated by spaces (RFC 6749 section 3.3). A request that asks for a scope of its own gets that instead. */
    scope?: string;
    /** The URIs of the protected resources (RFC 8707 section 2); a request's own replace them. */
    resource?: string | readonly string[];
    /** Whom the token is for (RFC 8693 section 2.1; Auth0 and others take it for every grant); a request's own replaces it. */
    audience?: string | readonly string[];
    /** More form parameters, sent with each token request. */
    extraParameters?: Readonly<Record<string, string | readonly string[]>>;
    /**
     * Binds the tokens to a key, `dpop()` for example; the same is to be given to the source.
     *
     * @default none: `Bearer`
     */
    scheme?: AuthorizationScheme;
}

/**
 * Asks a token endpoint for a grant, or another endpoint for what leads to one.
 *
 * @throws TokenError, TokenEndpointError, TokenResponseError, or the reason of the signal
 */
export interface TokenEndpoint {
    (parameters: PostParameters, context?: RequestContext): Promise<TokenGrantResponse>;
    <T>(parameters: PostParameters, context: RequestContext, endpoint: Endpoint, read: Read<T>): Promise<T>;
}

type RequestContext = Partial<Pick<TokenCreatorContext, 'parameters' | 'signal'>> | undefined;

const EXTRA: FieldCheck = [
    'an object of strings, or of arrays of strings',
    (value) => Object(value) === value && Object.values(value as object).every(STRINGS[1]),
];

const TOKEN_ENDPOINT: Endpoint = { option: 'tokenEndpoint', metadata: 'token_endpoint', path: '/token' };

/** @throws TypeError that names the option and what was given */
export function createTokenEndpoint(
    given: TokenEndpointOptions = {},
    { endpoints = [], checks, ...settings }: Partial<PostSettings> & Pick<PostSettings, 'caller'>,
): TokenEndpoint {
    const options = ownOf(given);
    const post = createPost(given, {
        ...settings,
        endpoints: [TOKEN_ENDPOINT, ...endpoints],
        checks: {
            scope: optional(FILLED_STRING),
            resource: optional(STRINGS),
            audience: optional(STRINGS),
            extraParameters: optional(EXTRA),
            scheme: SCHEME,
            ...checks,
        },
    });
    const readGrantOf: Read<TokenGrantResponse> = (...answer) => {
        const grant = readGrant(readBody(...answer));
        if (options.scheme) checkTokenType(grant, options.scheme.type);
        return grant;
    };
    return (
        parameters: PostParameters,
        context?: RequestContext,
        endpoint: Endpoint = TOKEN_ENDPOINT,
        read: Read<TokenGrantResponse> = readGrantOf,
    ) => {
        const { scope, resource, audience } = ownOf({ ...options, ...definedOf(context?.parameters) });
        const common = { ...options.extraParameters, ...definedOf({ scope, resource, audience }) };
        const all = () =>
            andThen(typeof parameters === 'function' ? parameters() : parameters, (own) => ({ ...common, ...own }));
        return post(endpoint, all, read, context?.signal);
    };
}

function definedOf<T extends object>(values: T | undefined): Partial<T> {
    return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
