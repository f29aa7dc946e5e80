import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { resolveAdapter } from './adapter.js';
import {
    createAuthorization,
    hideRequest,
    redactAuthorization,
    restoreConfig,
    withHiddenRequest,
} from './authorization.js';
import type { Challenge } from './challenge.js';
import type { ConfigChanges } from './config-copy.js';
import { answerIn, type ErrorLink } from './error-chain.js';
import { TokenError } from './errors.js';
import { isPromise, type ReadRefusal } from './rejection.js';
import { readParameters, type TokenParameters } from './parameters.js';
import { discard, resendable, type BodyChanges } from './request-body.js';
import type { OriginRule } from './request-url.js';
import { createErrorSharing } from './shared-error.js';
import { stepUpOf } from './step-up.js';
import type { Replay } from './token-slot.js';
import { CALLING_CREATOR, EPOCH, type TokenSource } from './token-source.js';
import type { AccessToken } from './token.js';
import { nameWholeTimeout, remainingTimeout, startTimeBudget, whileWanted, type TimeBudget } from './waiting.js';

type Config = InternalAxiosRequestConfig;

export interface TransportRules {
    readonly origins: OriginRule;
    readonly appliesTo: ((config: Config) => boolean) | undefined;
    readonly readRefusal: ReadRefusal;
}

/** Sends a request through the adapter that it would have had, with a token. */
export type Transport = (config: Config, adapter: Config['adapter']) => Promise<AxiosResponse>;

interface Exchange {
    readonly config: Config;
    readonly parameters: TokenParameters | undefined;
    readonly send: AxiosAdapter;
    readonly isNamed: boolean;
    readonly left: TimeBudget;
    /** That of the source when the request began. */
    readonly epoch: number | undefined;
    readonly resend: (() => BodyChanges) | undefined;
    readonly allowed: Recoveries;
}

/**
 * How often a request may still be sent with another token: because its own was refused, or is not strong enough. It is sent
 * with one that was asked for because of its refusal once; an older one may be as dead as the first.
 */
interface Recoveries {
    readonly sendings: number;
    readonly renewals: number;
    readonly stepUps: number;
}

const AT_FIRST: Recoveries = { sendings: 3, renewals: 2, stepUps: 1 };

export function createTransport(source: TokenSource, { origins, appliesTo, readRefusal }: TransportRules): Transport {
    const { isOwn, lend, giveBack, copy } = createAuthorization(origins.permitsUrl);
    const shareable = createErrorSharing();
    const creator = source as TokenSource & { [CALLING_CREATOR]?: boolean; [EPOCH]?: number };

    function concerns(config: Config, isNamed: boolean): boolean {
        const { tokenCreator } = config;
        if (tokenCreator === false || creator[CALLING_CREATOR]) return false;
        if (tokenCreator !== undefined && (Object(tokenCreator) !== tokenCreator || Array.isArray(tokenCreator)))
            throw new TypeError('config.tokenCreator must be false or an object of parameters');
        if (isOwn(config) || !origins.permits(config, isNamed)) return false;
        const applies: unknown = !appliesTo || appliesTo(config);
        if (isPromise(applies)) throw new TypeError('options.appliesTo must not answer with a promise');
        return Boolean(applies);
    }

    function withToken(
        { config, left }: Exchange,
        parameters: TokenParameters | undefined,
        proceed: (token: AccessToken) => Promise<AxiosResponse>,
    ): Promise<AxiosResponse> {
        return whileWanted(source.getToken(parameters && { parameters }), config, left).then(
            proceed,
            (error: unknown) => {
                // axios would transform the answer that an error of the creator holds, once for each who waits.
                if ((Object(error) as ErrorLink).response) config.transformResponse = [];
                throw shareable(error);
            },
        );
    }

    /** @param changes - what the adapter gets otherwise than in the config; it gets a copy then */
    function attempt(
        exchange: Exchange,
        token: AccessToken,
        changes?: ConfigChanges,
        replay?: Replay,
    ): Promise<AxiosResponse> {
        const { config, send, isNamed } = exchange;
        const { beforeRedirect } = config;
        // A function adapter may keep the config it gets: mock.history shows each attempt as it was sent.
        const isLent = isNamed && !changes && !source.scheme;
        if (isLent) lend(config, token);
        const sent = isLent ? config : copy(config, token, changes);
        let answer: Promise<AxiosResponse>;
        try {
            answer = send(sent);
        } catch (error) {
            answer = Promise.reject(error);
        }
        return answer.then(
            (response) => {
                if (isLent) giveBack(config, beforeRedirect);
                restoreConfig(response, config, sent);
                const recovered = conclude(exchange, token, response, replay);
                if (recovered) return recovered;
                if (isNamed) return withHiddenRequest(response, config);
                hideRequest(response, config);
                return response;
            },
            (failure: unknown) => {
                if (isLent) giveBack(config, beforeRedirect);
                if (changes?.timeout) nameWholeTimeout(failure, config);
                const response = answerIn(failure, (settled) => restoreConfig(settled, config, sent));
                const recovered = conclude(exchange, token, response, replay);
                if (recovered) return recovered;
                answerIn(failure, (settled) => hideRequest(settled, config));
                redactAuthorization(failure);
                throw failure;
            },
        );
    }

    /** @returns the answer of another attempt, where this one was refused and may be repeated */
    function conclude(
        exchange: Exchange,
        token: AccessToken,
        response: AxiosResponse | undefined,
        replay: Replay | undefined,
    ): Promise<AxiosResponse> | undefined {
        const challenges = response && readRefusal(response);
        if (response && !challenges && !isOverloaded(response)) replay?.succeeded(response.status);
        else replay?.failed?.(response?.status, challenges && !exchange.allowed.renewals);
        return challenges && recover(exchange, token, response, challenges);
    }

    /** Goes on with a token that was waited for; another who waited for it may have logged out before this one's turn. */
    function resume(exchange: Exchange, token: AccessToken, changes?: BodyChanges, replay?: Replay) {
        if (creator[EPOCH] !== exchange.epoch) throw new TokenError('cleared', 'the token source was cleared');
        const time = remainingTimeout(exchange.config, exchange.left);
        return attempt(exchange, token, changes && time ? { ...changes, ...time } : (changes ?? time), replay);
    }

    function attemptLater(exchange: Exchange): Promise<AxiosResponse> {
        return withToken(exchange, exchange.parameters, (created) => resume(exchange, created));
    }

    /** Sends a refused request once more, if it can and may be sent again. */
    function recover(
        exchange: Exchange,
        token: AccessToken,
        response: AxiosResponse,
        challenges: readonly Challenge[],
    ): Promise<AxiosResponse> | undefined {
        const { config, resend, allowed } = exchange;
        const { status } = response;
        const isStepUp = !exchange.parameters?.challenge && stepUpOf(challenges);
        if (!allowed.sendings || !(isStepUp ? allowed.stepUps : allowed.renewals)) return undefined;
        if (isNoAnswerToToken(response)) return undefined;
        const again = isAnswerToRedirected(response, config) ? undefined : resend;
        // A stronger token would be of use to this request alone.
        if (isStepUp && !again) return undefined;
        const replay = source.reject(token, { status, challenges });
        if (!replay || !again) return undefined;
        discard(response);
        const { parameters = exchange.parameters } = replay;
        return withToken(exchange, parameters, (fresh) => {
            const sendings = allowed.sendings - 1;
            const renewals = !replay.mayRecur?.() ? 0 : isStepUp ? 1 : allowed.renewals - 1;
            const stepUps = isStepUp ? 0 : allowed.stepUps;
            const next = { ...exchange, parameters, allowed: { sendings, renewals, stepUps } };
            return resume(next, fresh, again(), replay);
        });
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
        const plain = resolveAdapter(adapter, config);
        if (!concerns(config, isNamed)) return plain(config);
        const send = source.scheme ? source.scheme.adapter(plain) : plain;
        const parameters = config.tokenCreator ? readParameters(config.tokenCreator) : undefined;
        const left = startTimeBudget(config);
        const exchange: Exchange = {
            config,
            parameters,
            send,
            isNamed,
            left,
            epoch: creator[EPOCH],
            resend: resendable(config.data),
            allowed: AT_FIRST,
        };
        const token = source.current(parameters);
        return token ? attempt(exchange, token) : attemptLater(exchange);
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
