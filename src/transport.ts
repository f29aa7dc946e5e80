import axios, { AxiosHeaders, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { concealRequest, createAuthorization, restoreConfig, type ConfigChanges } from './authorization.js';
import { chainOf, type ErrorLink } from './error-chain.js';
import { challengesOf, isPromise, type RejectionPredicate } from './rejection.js';
import { discard, resendable, type BodyChanges } from './request-body.js';
import type { OriginRule } from './request-url.js';
import { createErrorSharing } from './shared-error.js';
import type { Replay } from './token-slot.js';
import { CALLING_CREATOR, type TokenSource } from './token-source.js';
import type { AccessToken } from './token.js';
import { nameWholeTimeout, remainingTimeout, startTimeBudget, whileWanted, type TimeBudget } from './waiting.js';

type Config = InternalAxiosRequestConfig;

export interface TransportRules {
    readonly origins: OriginRule;
    readonly appliesTo: ((config: Config) => boolean) | undefined;
    readonly isRejected: RejectionPredicate;
}

/** Sends a request through the adapter that it would have had, with a token. */
export type Transport = (config: Config, adapter: Config['adapter']) => Promise<AxiosResponse>;

interface Exchange {
    readonly config: Config;
    readonly send: AxiosAdapter;
    readonly isNamed: boolean;
    readonly left: TimeBudget;
    readonly resend: (() => BodyChanges) | undefined;
}

interface Failure extends ErrorLink {
    config?: Config;
    response?: AxiosResponse;
}

export function createTransport(source: TokenSource, { origins, appliesTo, isRejected }: TransportRules): Transport {
    const { isOwn, lend, copy } = createAuthorization(origins.permitsUrl);
    const shareable = createErrorSharing();
    const creator = source as TokenSource & { [CALLING_CREATOR]?: boolean };

    function concerns(config: Config, isNamed: boolean): boolean {
        const { tokenCreator } = config as { tokenCreator?: unknown };
        if (tokenCreator === false || creator[CALLING_CREATOR]) return false;
        if (tokenCreator !== undefined) throw new TypeError('config.tokenCreator must be false or undefined');
        if (isOwn(config) || !origins.permits(config, isNamed)) return false;
        const applies: unknown = !appliesTo || appliesTo(config);
        if (isPromise(applies)) throw new TypeError('options.appliesTo must not answer with a promise');
        return Boolean(applies);
    }

    function withToken(
        { config, left }: Exchange,
        proceed: (token: AccessToken) => Promise<AxiosResponse>,
    ): Promise<AxiosResponse> {
        return whileWanted(source.getToken(), config, left).then(proceed, (error: unknown) => {
            // axios would transform the answer that an error of the creator holds, once for each who waits.
            if ((Object(error) as Failure).response) config.transformResponse = [];
            throw shareable(error);
        });
    }

    /** @param changes - what the adapter gets otherwise than in the config; it gets a copy then */
    function attempt(exchange: Exchange, token: AccessToken, changes?: ConfigChanges, replay?: Replay) {
        const { config, send, isNamed } = exchange;
        // A function adapter may keep the config it gets: mock.history shows each attempt as it was sent.
        const loan = isNamed && !changes ? lend(config, token) : undefined;
        const sent = loan ? config : copy(config, token, changes);
        let answer: Promise<AxiosResponse>;
        try {
            answer = send(sent);
        } catch (error) {
            answer = Promise.reject(error);
        }

        const conclude = (response: AxiosResponse | undefined, deliver: () => AxiosResponse) => {
            loan?.();
            restoreConfig(response, config, sent);
            concealRequest(response);
            const isRefused = response !== undefined && isRejected(response);
            if (!replay) return (isRefused && recover(exchange, token, response)) || deliver();
            const helped = response !== undefined && !isRefused && !isOverloaded(response);
            if (helped) replay.succeeded(response.status);
            else replay.failed?.(response?.status);
            return deliver();
        };
        return answer.then(
            (response) => conclude(response, () => response),
            (failure: unknown) => {
                const chain = chainOf<Failure>(failure);
                for (const link of chain) {
                    restoreConfig(link, config, sent);
                    concealRequest(link);
                }
                if (changes?.timeout) nameWholeTimeout(failure, config);
                return conclude(chain.find(({ response }) => response)?.response, () => {
                    throw failure;
                });
            },
        );
    }

    /** Sends a refused request once more, if it can and may be sent again. */
    function recover(
        exchange: Exchange,
        token: AccessToken,
        response: AxiosResponse,
    ): Promise<AxiosResponse> | undefined {
        const { config, left, resend } = exchange;
        if (isNoAnswerToToken(response)) return undefined;
        const replay = source.reject(token, {
            status: response.status,
            // Read for the first refusal of a token only; a thousand may come at once.
            get challenges() {
                return challengesOf(response);
            },
        });
        if (!replay || !resend || isAnswerToRedirected(response, config)) return undefined;
        discard(response);
        return withToken(exchange, (fresh) =>
            attempt(exchange, fresh, { ...resend(), ...remainingTimeout(config, left) }, replay),
        );
    }

    /** A redirect may have led to where the token must not go, or left it behind on the way. */
    function isNoAnswerToToken({ request }: AxiosResponse): boolean {
        const { res, responseURL, getHeader } = Object(request) as SentRequest;
        const url = res?.responseUrl ?? responseURL;
        if (typeof getHeader === 'function' && getHeader.call(request, 'authorization') === undefined) return true;
        return typeof url === 'string' && url !== '' && !origins.permitsUrl(url);
    }

    return (config, adapter) => {
        config.adapter = adapter;
        const isNamed = typeof adapter !== 'function';
        const send = isNamed ? resolveAdapter(adapter, config) : adapter;
        if (!concerns(config, isNamed)) return send(config);
        const left = startTimeBudget(config);
        const exchange: Exchange = { config, send, isNamed, left, resend: resendable(config.data) };
        const token = source.current();
        if (token) return attempt(exchange, token);
        return withToken(exchange, (created) => attempt(exchange, created, remainingTimeout(config, left)));
    };
}

/** What is known of a request that was sent: Node's ClientRequest, or a browser's XMLHttpRequest. */
interface SentRequest {
    res?: { responseUrl?: unknown };
    responseURL?: unknown;
    method?: unknown;
    getHeader?: unknown;
}

/** A POST that was answered by a redirect to a GET has been done; sending it again would do it twice. */
function isAnswerToRedirected({ request }: AxiosResponse, { method = 'get' }: Config): boolean {
    const sent = Object(request) as SentRequest;
    return typeof sent.getHeader === 'function' && String(sent.method).toLowerCase() !== method.toLowerCase();
}

/** Such an answer says nothing about the token. */
function isOverloaded({ status }: AxiosResponse): boolean {
    return status >= 500 || status === 429;
}

type GetAdapter = (adapter: Config['adapter'], config: Config) => AxiosAdapter;

/** By this copy of axios; the instance, which has no way to resolve an adapter, may be of another one. */
function resolveAdapter(adapter: Config['adapter'], config: Config): AxiosAdapter {
    // Since 1.12 the fetch adapter of a request depends on its config, which the types leave out.
    const resolved = (axios.getAdapter as GetAdapter)(adapter ?? axios.defaults.adapter, config);
    if (config.headers instanceof AxiosHeaders) return resolved;
    // The headers of another copy are no headers to older adapters, which would send none of them.
    return (foreign) => resolved({ ...foreign, headers: new AxiosHeaders(Object.assign({}, foreign.headers)) });
}
