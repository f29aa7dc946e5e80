import type { InternalAxiosRequestConfig } from 'axios';
import type { AccessToken } from './token.js';

type Headers = Record<string, unknown>;
type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** The name under which the headers hold an `Authorization`, in whatever case, be its value only `undefined`. */
function authorizationName(headers: Headers): string {
    for (const name of Object.keys(headers)) {
        if (name.length === 13 && name.toLowerCase() === 'authorization') return name;
    }
    return 'Authorization';
}

/** Whether the caller of a request spoke for itself; any value does, `false` and `null` mean "send none". */
export function isAuthorized({ headers, auth }: InternalAxiosRequestConfig): boolean {
    return Boolean(auth) || headers[authorizationName(headers)] !== undefined;
}

/** What a copy of a config has otherwise than the original; `headers` are set beside those that are there. */
export interface ConfigChanges {
    readonly data?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeout?: number;
    readonly timeoutErrorMessage?: string;
}

/** Puts tokens on configs, and takes them off again. */
export interface Authorization {
    /** Authorizes the config itself; the function it returns leaves it as it was. */
    readonly lend: (config: InternalAxiosRequestConfig, token: AccessToken) => () => void;
    /** An authorized copy. */
    readonly copy: (
        config: InternalAxiosRequestConfig,
        token: AccessToken,
        changes?: ConfigChanges,
    ) => InternalAxiosRequestConfig;
}

/** @param permitsUrl - where a token may go; a redirect to anywhere else loses it */
export function createAuthorization(permitsUrl: (url: string) => boolean): Authorization {
    let lastToken: AccessToken | undefined;
    let lastHeader = '';

    function headerOf(token: AccessToken): string {
        if (token !== lastToken) {
            lastHeader = `${token.type} ${token.value}`;
            lastToken = token;
        }
        return lastHeader;
    }

    const guard: BeforeRedirect = (options) => {
        if (typeof options.href === 'string' && permitsUrl(options.href)) return;
        const headers = options.headers as Headers;
        delete headers[authorizationName(headers)];
    };

    function guarded(own: BeforeRedirect | undefined): BeforeRedirect {
        if (!own) return guard;
        return (options, ...rest) => {
            guard(options, ...rest);
            own(options, ...rest);
        };
    }

    return {
        lend(config, token) {
            const headers: Headers = config.headers;
            const name = authorizationName(headers);
            const { beforeRedirect } = config;
            headers[name] = headerOf(token);
            config.beforeRedirect = guarded(beforeRedirect);
            return () => {
                headers[name] = undefined; // deleting would cost a microsecond; axios does not send undefined
                config.beforeRedirect = beforeRedirect;
            };
        },
        copy(config, token, changes) {
            const headers = Object.create(Object.getPrototypeOf(config.headers) as object) as typeof config.headers;
            Object.assign(headers, config.headers, changes?.headers);
            headers[authorizationName(headers)] = headerOf(token);
            return Object.assign(shallowCopy(config), changes, {
                headers,
                beforeRedirect: guarded(config.beforeRedirect),
            });
        },
    };
}

/** The configs of axios are hash tables since 1.19; spreading one takes four times as long. */
function shallowCopy<T extends object>(original: T): T {
    const copied: Partial<T> = {};
    for (const key of Object.keys(original) as (keyof T)[]) copied[key] = original[key];
    return copied as T;
}

interface Settled {
    config?: InternalAxiosRequestConfig;
    request?: unknown;
}

/** Makes an answer refer to the caller's own config, in which no token is. */
export function restoreConfig(settled: Settled | undefined, config: InternalAxiosRequestConfig): void {
    if (settled?.config) Reflect.set(settled, 'config', config); // unlike an assignment, no error where it is frozen
}

/** Keeps the token that a sent request remembers out of a logged error: Node prints the raw header of `request`. */
export function concealRequest(settled: Settled | undefined): void {
    if (settled && Object.hasOwn(settled, 'request')) Reflect.defineProperty(settled, 'request', { enumerable: false });
}
