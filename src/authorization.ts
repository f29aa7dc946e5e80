import { isAxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { copyConfig, copyWith, type ConfigChanges } from './config-copy.js';
import { nameIn } from './headers.js';
import { fieldOf } from './own.js';
import type { AccessToken } from './token.js';

type HeaderBag = Record<string, unknown>;
type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** The name under which the headers hold an `Authorization`, in whatever case, be its value only `undefined`. */
function authorizationName(headers: HeaderBag): string {
    return nameIn(headers, 'authorization') ?? 'Authorization';
}

/** Puts tokens on configs, and takes them off again. */
export interface Authorization {
    /** Whether the caller of a request spoke for itself; any value does, `false` and `null` mean "send none". */
    readonly isOwn: (config: InternalAxiosRequestConfig) => boolean;
    /** Authorizes the config itself, until it is given back. */
    readonly lend: (config: InternalAxiosRequestConfig, token: AccessToken) => void;
    /**
     * Leaves a config that was lent as it was.
     *
     * @param beforeRedirect - its own, before the loan
     */
    readonly giveBack: (config: InternalAxiosRequestConfig, beforeRedirect: BeforeRedirect | undefined) => void;
    /** An authorized copy. */
    readonly copy: (
        config: InternalAxiosRequestConfig,
        token: AccessToken,
        changes?: ConfigChanges,
    ) => InternalAxiosRequestConfig;
}

const MOST_REMEMBERED = 1_000;

/** @param permitsUrl - where a token may go; a redirect to anywhere else loses it */
export function createAuthorization(permitsUrl: (url: string) => boolean): Authorization {
    let lastToken: AccessToken | undefined;
    let lastValue = '';
    const lent = new Set<string>(); // the last ones, the one lent longest ago first

    function valueOf(token: AccessToken): string {
        if (token !== lastToken) {
            lastValue = `${token.type} ${token.value}`;
            lastToken = token;
            if (!lent.delete(lastValue) && lent.size >= MOST_REMEMBERED)
                lent.delete(String(lent.values().next().value));
            lent.add(lastValue);
        }
        return lastValue;
    }

    const guard: BeforeRedirect = (options) => {
        if (typeof options.href === 'string' && permitsUrl(options.href)) return;
        const headers = options.headers as HeaderBag;
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
        isOwn({ headers, auth }) {
            const name = nameIn(headers, 'authorization');
            const value: unknown = name && headers[name];
            // A config that is taken up again while it is on loan holds our token, not the caller's.
            const isLent = lent.has(value as string);
            return Boolean(auth) || (value !== undefined && !isLent);
        },
        lend(config, token) {
            const headers: HeaderBag = config.headers;
            headers[authorizationName(headers)] = valueOf(token);
            config.beforeRedirect = guarded(config.beforeRedirect);
        },
        giveBack(config, beforeRedirect) {
            const headers: HeaderBag = config.headers ?? {}; // an adapter may have taken them off
            headers[authorizationName(headers)] = undefined; // deleting would cost a microsecond; axios does not send undefined
            if (beforeRedirect) config.beforeRedirect = beforeRedirect;
            else delete config.beforeRedirect; // one key more would make axios's hash table grow, by 1.6 kB
        },
        copy(config, token, changes) {
            const copied = copyConfig(config, changes);
            const { headers } = copied;
            headers[authorizationName(headers)] = valueOf(token);
            copied.beforeRedirect = guarded(config.beforeRedirect);
            return copied;
        },
    };
}

interface Settled {
    config?: InternalAxiosRequestConfig;
    data?: unknown;
}

/** Hides what would print the token of an answer, or an error, that somebody gets to see. */
export function hideRequest(settled: Settled | undefined, config = settled?.config): void {
    hideInStreams(settled, config);
    if (settled) conceal(settled, 'request');
}

/**
 * Does that to an answer of axios's own adapters, which nobody but its caller holds: a copy takes half the time, since V8
 * makes a hash table of an object that has a property defined anew.
 */
export function withHiddenRequest(answer: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
    hideInStreams(answer, config);
    const { request: value, ...shown } = answer as Omit<AxiosResponse, 'request'> & { request?: unknown };
    return Object.defineProperty(shown, 'request', { value, writable: true, configurable: true });
}

/** Node prints the raw header of `request`, which a streamed answer refers to as well, and so does a stream that was sent. */
function hideInStreams(settled: Settled | undefined, config: InternalAxiosRequestConfig | undefined): void {
    const uploaded = (config?.data as { _readableState?: object } | undefined)?._readableState;
    if (uploaded) conceal(uploaded, 'pipes');
    const data = settled?.data;
    if (typeof (data as { pipe?: unknown } | undefined)?.pipe !== 'function') return;
    for (const name of ['req', 'socket', 'client']) conceal(data as object, name);
}

/** Has axios leave an `Authorization` out of what it serialises of an error (since 1.16), whoever puts one there later. */
export function redactAuthorization(failure: unknown): void {
    const config = isAxiosError(failure) && failure.config;
    if (!config) return;
    const redact = fieldOf(config, 'redact');
    const named: readonly unknown[] = Array.isArray(redact) ? redact : [];
    if (!named.some((name) => /^authorization$/i.test(String(name))))
        Reflect.set(config, 'redact', [...named, 'Authorization']);
}

/**
 * Makes an answer, or an error, refer to the caller's own config, which holds no token. What an adapter added to the config
 * that it was `sent` stays.
 */
export function restoreConfig(
    settled: Settled | undefined,
    config: InternalAxiosRequestConfig,
    sent: InternalAxiosRequestConfig,
): void {
    const given = settled?.config;
    if (!settled || !given || given === config) return;
    const { headers, adapter, beforeRedirect } = config;
    const restored = given === sent ? config : copyWith(given, { headers, adapter, beforeRedirect });
    Reflect.set(settled, 'config', restored); // unlike an assignment, no error where it is frozen
}

const HIDDEN = { enumerable: false };

function conceal(holder: object, name: string): void {
    if (Object.hasOwn(holder, name)) Reflect.defineProperty(holder, name, HIDDEN);
}
