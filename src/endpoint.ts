import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { throwIfAborted } from './abort.js';
import { andThen } from './and-then.js';
import { resolveAdapter } from './adapter.js';
import type {
    Client,
    ClientAuthentication,
    RequestParameters,
    TokenRequest,
} from './client-authentication/client-authentication.js';
import { clientSecretPost } from './client-authentication/client-secret-post.js';
import { none } from './client-authentication/public-client.js';
import { untilDeparture } from './departure.js';
import { TokenEndpointError } from './errors.js';
import type { Issuer } from './discovery.js';
import {
    checkFields,
    FILLED_STRING,
    FUNCTION,
    hasMethods,
    isAbsoluteUrl,
    optional,
    URL_LIKE,
    URL_OR_PATH,
    type FieldChecks,
} from './options.js';
import { instanceOf, isInstance, sendPlain, inTime } from './plain-request.js';
import { ownOf } from './own.js';
import { createRedact, formEncode, type Redact } from './redaction.js';
import { finalUrl } from './request-url.js';
import type { AuthorizationScheme } from './scheme.js';

/** How an authorization server is reached, and how the client authenticates there. */
export interface EndpointOptions {
    /**
     * Sends the requests: an axios request config (`{ baseURL }`) or an instance of your own, whose proxy, agent,
     * interceptors and mock adapter then apply. Its `timeout` in milliseconds, 30 s if it has none, is the time for the
     * whole answer.
     */
    client?: AxiosRequestConfig | AxiosInstance;
    /** Finds the endpoints by discovery, instead of a base URL: `discover('https://login.example.com')`. */
    issuer?: Issuer;
    /**
     * How the client proves who it is.
     *
     * @default `clientSecretPost` for a client with a secret, or else `none`
     */
    clientAuthentication?: ClientAuthentication;
}

/** The OAuth 2.0 client that asks. Authup wants none for most grants, other servers do. */
export interface ClientOptions {
    /** Its `client_id`. */
    clientId?: string;
    /** Its secret; only along with `clientId`. */
    clientSecret?: string;
}

/** Where an endpoint is found: by which option, by which name in the server's metadata, by which path after all. */
export interface Endpoint {
    readonly option: string;
    readonly metadata: string;
    readonly path?: string;
}

/** Reads an answer; `who` names the endpoint in errors. */
export type Read<T> = (answer: unknown, redact: Redact, who: string) => T;

/** A function is called for each request that is sent: what it gives may be for one use. */
export type PostParameters = RequestParameters | (() => RequestParameters | PromiseLike<RequestParameters>);

/** Posts to the endpoints of an authorization server (RFC 6749 section 3.2). */
export type Post = <T>(
    endpoint: Endpoint,
    parameters: PostParameters,
    read: Read<T>,
    signal: AbortSignal | undefined,
) => Promise<T>;

export interface PostSettings {
    /** Names the function in errors. */
    readonly caller: string;
    readonly endpoints: readonly Endpoint[];
    /** The options of that function besides those of every endpoint. */
    readonly checks?: FieldChecks;
    /** Where it is not among the options. */
    readonly client?: Client;
}

// What of a request may be repeated in an error; whatever else is sent may be a secret.
const PUBLIC = /^(grant_type|scope|resource|audience|client_id|username|id|realm_.*|.*_type|.*_hint)$/;
// The endpoint is no longer where discovery found it.
const GONE = [404, 405, 410];

export const CLIENT_CHECKS: FieldChecks = {
    clientId: /* @__PURE__ */ optional(FILLED_STRING),
    clientSecret: /* @__PURE__ */ optional(FILLED_STRING),
};

function formOf(parameters: RequestParameters): string {
    const form = new URLSearchParams();
    for (const [name, values = []] of Object.entries(parameters)) {
        for (const value of [values].flat()) if (value) form.append(name, value);
    }
    return String(form);
}

function redactionOf({ headers, parameters }: TokenRequest, client: Client | undefined): Redact {
    const hidden = Object.entries(parameters).flatMap(([name, values]) => (PUBLIC.test(name) ? [] : values));
    const credentials = Object.values(headers).map((value) => value.split(' ').pop());
    const { secret = '' } = client ?? {};
    const sent = [...hidden, ...credentials, secret, formEncode(secret)];
    return createRedact(sent.filter((value) => value !== undefined));
}

/** @throws TypeError that names the option and what was given */
export function createPost(options: EndpointOptions, settings: PostSettings): Post {
    const { caller, endpoints, checks, client } = ownOf(settings);
    const given = ownOf(Object(options)) as EndpointOptions & ClientOptions & { scheme?: AuthorizationScheme };
    const { client: sender, issuer, scheme } = given;
    const urls = given as Readonly<Record<string, string | URL | undefined>>;
    const baseURL = isInstance(sender) ? sender.defaults.baseURL : sender?.baseURL;
    const mayLackBase = issuer || isInstance(sender) || endpoints.every(({ option }) => isAbsoluteUrl(urls[option]));
    const known = client ?? (given.clientId ? { id: given.clientId, secret: given.clientSecret } : undefined);
    const authenticate = given.clientAuthentication ?? (known?.secret ? clientSecretPost : none);
    checkFields(caller, 'options', options && { ...options, 'client.baseURL': baseURL }, {
        client: optional(['an axios request config or instance', (value) => Object(value) === value]),
        issuer: optional(["the result of discover('https://…')", hasMethods('endpoint', 'forget')]),
        clientAuthentication: FUNCTION,
        'client.baseURL': mayLackBase ? optional(URL_OR_PATH) : URL_OR_PATH,
        ...Object.fromEntries(
            endpoints.map(({ option, path }) => [option, path || issuer ? optional(URL_LIKE) : URL_LIKE]),
        ),
        ...checks,
    });
    const needing = given.clientAuthentication ? 'clientAuthentication' : given.clientSecret && 'clientSecret';
    const needed = given.clientAuthentication?.needsSecret ? 'secret' : 'id';
    if (needing && !known?.[needed]) {
        const missing = { id: 'options.clientId', secret: client ? 'credentials.secret' : 'options.clientSecret' };
        throw new TypeError(`${caller}: options.${needing} needs ${missing[needed]}`);
    }
    const instance = instanceOf(sender);

    function locate(
        { option, metadata, path = '' }: Endpoint,
        signal: AbortSignal | undefined,
    ): Located | Promise<Located> {
        const named = urls[option];
        if (named || !issuer) return { url: String(named ?? path) };
        return untilDeparture(Promise.resolve(issuer.endpoint(metadata, instance)), { signal });
    }

    function prepare({ url, mtlsUrl }: Located, wanted: PostParameters): TokenRequest | PromiseLike<TokenRequest> {
        const whole = finalUrl({ url, baseURL: instance.defaults.baseURL });
        const audience = issuer?.issuer ?? whole;
        return andThen(typeof wanted === 'function' ? wanted() : wanted, (parameters) => {
            const request: TokenRequest = { url: whole, mtlsUrl, audience, headers: {}, parameters };
            return andThen(known ? authenticate(request, known) : request, (authenticated) => {
                if (!isRequest(authenticated))
                    throw new TypeError(`${caller}: options.clientAuthentication gave no request`);
                // A path stays one: whoever looks at the client's requests, a mock say, may wait for that.
                return authenticated.url === whole ? { ...authenticated, url } : authenticated;
            });
        });
    }

    async function exchange<T>(who: string, request: TokenRequest, read: Read<T>, signal: AbortSignal): Promise<T> {
        const redact = redactionOf(request, known);
        const answer = await sendPlain(
            instance,
            {
                method: 'post',
                url: request.url,
                data: formOf(request.parameters),
                headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...request.headers },
                signal,
                ...(scheme && {
                    adapter: (sent) => scheme.adapter(resolveAdapter(instance.defaults.adapter, sent))(sent),
                }),
            },
            redact,
            who,
        );
        return read(answer, redact, who);
    }

    return async (endpoint, parameters, read, signal) => {
        throwIfAborted(signal);
        const who = wordsFor(endpoint);
        return andThen(locate(endpoint, signal), (located) => {
            const attempt = async (wanted: AbortSignal) =>
                andThen(prepare(located, parameters), (request) => exchange(who, request, read, wanted));
            const work = (wanted: AbortSignal) =>
                attempt(wanted).catch((error: unknown) => {
                    if (!(error instanceof TokenEndpointError)) throw error;
                    if (scheme && error.error === 'use_dpop_nonce') return attempt(wanted);
                    if (GONE.includes(error.status)) issuer?.forget();
                    throw error;
                });
            return inTime(instance, who, work, signal);
        });
    };
}

type Located = Awaited<ReturnType<Issuer['endpoint']>>;

function isRequest(value: unknown): boolean {
    const { url, headers, parameters } = Object(value) as Partial<TokenRequest>;
    return typeof url === 'string' && typeof headers === 'object' && typeof parameters === 'object';
}

function wordsFor({ metadata }: Endpoint): string {
    return metadata.replaceAll('_', ' ');
}
