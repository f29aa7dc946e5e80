import {
    bySecret,
    withParameters,
    type ClientAuthentication,
    type TokenRequest,
} from '../client-authentication/client-authentication.js';
import { checkFields, optional, STRING_OR_FUNCTION } from '../options.js';
import { isAbsolute } from '../request-url.js';
import { ASSERTION_CHECKS, signAssertion } from './assertion.js';
import { createSigner, SIGNING_CHECKS, type Signer, type SigningOptions } from './signing-key.js';

/** Options of both kinds of client assertion. */
export interface ClientAssertionOptions {
    /**
     * Whom the assertion is for, its `aud`. Some servers insist on the URL of the endpoint that is asked:
     * `audience: ({ url }) => url`.
     *
     * @default the server's issuer where it is known by discovery, or else the URL of the endpoint
     */
    audience?: string | ((request: TokenRequest) => string);
    /**
     * Milliseconds until the assertion expires.
     *
     * @default 60_000
     */
    lifetime?: number;
}

/** Options of {@link clientSecretJwt}. */
export interface ClientSecretJwtOptions extends ClientAssertionOptions {
    /** @default 'HS256' */
    algorithm?: 'HS256' | 'HS384' | 'HS512';
}

/** Options of {@link privateKeyJwt}. */
export interface PrivateKeyJwtOptions extends ClientAssertionOptions, SigningOptions {}

const AUDIENCE = optional(STRING_OR_FUNCTION);

function audienceOf(caller: string, request: TokenRequest, wanted: ClientAssertionOptions['audience']): string {
    const audience: unknown = typeof wanted === 'function' ? wanted(request) : (wanted ?? request.audience);
    if (typeof audience !== 'string' || !audience) throw new TypeError(`${caller}: options.audience gave no string`);
    if (wanted || isAbsolute(audience)) return audience;
    throw new TypeError(`${caller}: options.audience is needed, because the URL of the endpoint is not absolute`);
}

async function assert(
    caller: string,
    request: TokenRequest,
    id: string,
    signer: Signer,
    { audience, lifetime = 60_000 }: ClientAssertionOptions,
): Promise<TokenRequest> {
    const parties = { issuer: id, subject: id, audience: audienceOf(caller, request, audience) };
    return withParameters(request, {
        client_id: id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signAssertion(signer, parties, lifetime),
    });
}

/**
 * Authenticates a client by a JWT that is signed with its secret (RFC 7523 section 2.2, `client_secret_jwt`). The secret
 * itself is not sent. Servers mostly want one of 32 bytes or more.
 *
 * @example
 * ```ts
 * const options = { client: { baseURL }, clientAuthentication: clientSecretJwt() };
 * const creator = createClientTokenCreator({ id: 'my-client', secret }, options);
 * ```
 * @throws TypeError that names the option, at once
 */
export function clientSecretJwt(options: ClientSecretJwtOptions = {}): ClientAuthentication {
    const caller = 'clientSecretJwt';
    const own = checkFields(caller, 'options', options, {
        ...ASSERTION_CHECKS,
        audience: AUDIENCE,
        algorithm: optional(['HS256, HS384 or HS512', (value) => /^HS(256|384|512)$/.test(String(value))]),
    });
    const { algorithm = 'HS256' } = own;
    return bySecret((request, id, secret) => {
        const key = new TextEncoder().encode(secret);
        const signer: Signer = { sign: async (jwt) => jwt.setProtectedHeader({ alg: algorithm }).sign(key) };
        return assert(caller, request, id, signer, own);
    });
}

/**
 * Authenticates a client by a JWT that is signed with its private key (RFC 7523 section 2.2, `private_key_jwt`).
 *
 * @example
 * ```ts
 * const options = { client: { baseURL }, clientAuthentication: privateKeyJwt({ key: jwk }) };
 * const creator = createClientTokenCreator({ id: 'my-client' }, options);
 * ```
 * @throws TypeError that names the option, at once; when called, for a key that is not what it seems
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
    const caller = 'privateKeyJwt';
    const own = checkFields(caller, 'options', options, {
        ...ASSERTION_CHECKS,
        audience: AUDIENCE,
        ...SIGNING_CHECKS,
    });
    const signer = createSigner(caller, own);
    return (request, { id }) => assert(caller, request, id, signer, own);
}
