import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { copyWith } from './config-copy.js';
import type { TokenCreator } from './creator.js';
import { ownOf } from './own.js';
import {
    checkFields,
    describe,
    FUNCTION,
    isAbsoluteUrl,
    optional,
    typeOf,
    URL_OR_PATH,
    type FieldChecks,
} from './options.js';
import type { TokenParameters } from './parameters.js';
import { refusalReader, type RejectionPredicate } from './rejection.js';
import { createOriginRule, isAbsolute, originOf } from './request-url.js';
import {
    isTokenSource,
    openTokenSource,
    SOURCE_OPTIONS,
    type TokenSource,
    type TokenSourceOptions,
} from './token-source.js';
import { createTransport } from './transport.js';

declare module 'axios' {
    interface AxiosRequestConfig {
        /**
         * What this request's token is wanted for, where the usual one will not do; `false` sends the request without a
         * token, and leaves a 401 to it alone.
         */
        tokenCreator?: TokenParameters | false;
    }
}

/** Which requests of an instance get a token, and which answers refuse it. */
export interface RequestRules {
    /**
     * Where the token may go; of each URL only the origin counts. `'*'` is everywhere.
     *
     * @default the origin of the instance's own `baseURL`, in a browser also of a relative one; without it, everywhere
     * that the instance goes
     */
    origins?: readonly (string | URL)[] | '*';
    /**
     * Leaves requests alone for which it returns false.
     *
     * @default all requests
     */
    appliesTo?: (config: InternalAxiosRequestConfig) => boolean;
    /**
     * Whether an answer says that the token was refused. One that throws is answered for by the default.
     *
     * @default status 401, unless a Bearer challenge says `insufficient_scope`
     */
    isRejected?: RejectionPredicate;
}

/** Options of {@link attachTokenCreator}; those of the source only where a creator is given. */
export type AttachOptions = RequestRules & TokenSourceOptions;

/** A token source at work on an axios instance. */
export interface TokenAttachment {
    readonly source: TokenSource;
    /** Leaves the instance as it was; requests under way finish. */
    detach(): void;
}

/** Marks our interceptor, for copies of this package as well: an instance may have been attached by another one. */
const ATTACHMENT: unique symbol = Symbol.for('axios-token-creator.attachment') as never;

type Interceptor = ((config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig) & {
    [ATTACHMENT]?: TokenAttachment;
};

/** The interceptors of an instance, which the types of axios before 1.13 leave out. */
function interceptorsOf(client: AxiosInstance): (Interceptor | undefined)[] {
    const { handlers } = client.interceptors.request as { handlers?: ({ fulfilled?: unknown } | null)[] };
    return (handlers ?? []).map((handler) => handler?.fulfilled as Interceptor | undefined);
}

const RULES: FieldChecks = {
    origins: optional([
        "'*' or an array of http(s) URLs without credentials",
        (value) => value === '*' || (Array.isArray(value) && value.every(isAbsoluteUrl)),
    ]),
    appliesTo: FUNCTION,
    isRejected: FUNCTION,
};

/**
 * Gives an axios instance an access token: created on the first request, attached as `Authorization: Bearer`, renewed
 * ahead of its expiry, and created anew, once for all, when requests are answered with 401; these are sent again.
 *
 * Attaching again to the same instance replaces the first attachment.
 *
 * @param creator - a creator, or a source to share one token among several instances
 * @example
 * ```ts
 * const api = axios.create({ baseURL: 'https://api.example.com' });
 * attachTokenCreator(api, createClientTokenCreator({ id, secret }, { client: { baseURL: 'https://auth.example.com' } }));
 * await api.get('/me');
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function attachTokenCreator(
    client: AxiosInstance,
    creator: TokenCreator | TokenSource,
    options: AttachOptions = {},
): TokenAttachment {
    checkClient(client);
    const source = sourceOf(creator, options);
    const { origins, appliesTo, isRejected } = ownOf(options);
    if (!origins) checkOwnOrigin(client);
    const transport = createTransport(source, {
        origins: createOriginRule({
            origins: origins === '*' || !origins ? origins : origins.map((origin) => String(originOf(String(origin)))),
            ownBase: () => client.defaults.baseURL,
            honoursAllowAbsoluteUrls: honoursAllowAbsoluteUrls(),
        }),
        appliesTo,
        readRefusal: refusalReader(isRejected),
    });
    const intercept: Interceptor = (config) => {
        const { adapter, signal, cancelToken } = config;
        // axios itself refuses to send these, with the config as it is then.
        if (signal?.aborted || cancelToken?.reason) return config;
        const wrapped: typeof adapter = (sent) => transport(sent, adapter);
        try {
            config.adapter = wrapped;
            return config;
        } catch {
            return copyWith(config, { adapter: wrapped }); // it is frozen
        }
    };
    for (const interceptor of interceptorsOf(client)) interceptor?.[ATTACHMENT]?.detach();
    const { request } = client.interceptors;
    const id = request.use(intercept, undefined, { synchronous: true });
    intercept[ATTACHMENT] = {
        source,
        detach() {
            // After `interceptors.request.clear()` the same id may be another's.
            if (interceptorsOf(client).includes(intercept)) request.eject(id);
        },
    };
    return intercept[ATTACHMENT];
}

function sourceOf(creator: TokenCreator | TokenSource, options: AttachOptions): TokenSource {
    const isSource = isTokenSource(creator);
    if (!isSource && typeof creator !== 'function') {
        throw new TypeError(`attachTokenCreator: creator must be a function or a token source, not ${typeOf(creator)}`);
    }
    if (isSource) {
        checkFields('attachTokenCreator of a source', 'options', options, RULES);
        return creator;
    }
    const checks = { ...RULES, ...SOURCE_OPTIONS };
    return openTokenSource(creator, checkFields('attachTokenCreator', 'options', options, checks));
}

function refuse(why: string): never {
    throw new TypeError(`attachTokenCreator: client${why}`);
}

function checkClient(client: AxiosInstance): void {
    if (!client?.interceptors?.request || !client.defaults) {
        refuse(` must be an axios instance, not ${typeOf(client)}`);
    }
    const { baseURL, auth, headers } = client.defaults;
    const [expected, test] = optional(URL_OR_PATH);
    if (!test(baseURL || undefined)) refuse(`.defaults.baseURL must be ${expected}, not ${describe(baseURL)}`);
    if (auth || [headers, ...Object.values<unknown>({ ...headers })].some(isAuthorizing)) {
        refuse('.defaults hold an Authorization or auth, which would keep every token off');
    }
}

function isAuthorizing(headers: unknown): boolean {
    const given = Object.entries<unknown>(Object(headers) as Record<string, unknown>);
    return given.some(([name, value]) => name.toLowerCase() === 'authorization' && value !== undefined);
}

/** Only the global axios can do what no instance can: resolve an adapter. */
function checkOwnOrigin(client: AxiosInstance): void {
    const { baseURL } = client.defaults;
    if ('getAdapter' in client && !(baseURL && isAbsolute(baseURL))) {
        refuse(' is the global axios, which goes everywhere: name origins in options.origins');
    }
}

/** Whether the adapters of this axios append even an absolute URL to the base when told to, which they do since 1.8. */
function honoursAllowAbsoluteUrls(): boolean {
    const base = 'http://base.invalid';
    return axios.getUri({ baseURL: base, url: 'http://other.invalid', allowAbsoluteUrls: false }).startsWith(base);
}
