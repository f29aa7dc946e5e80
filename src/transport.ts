import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import {
    concealRequest,
    createAuthorization,
    isAuthorized,
    restoreConfig,
    type ConfigChanges,
} from './authorization.js';
import { challengesOf, type RejectionPredicate } from './rejection.js';
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

interface Failure {
    config?: Config;
    request?: unknown;
    response?: AxiosResponse;
}

export function createTransport(source: TokenSource, { origins, appliesTo, isRejected }: TransportRules): Transport {
    const { lend, copy } = createAuthorization(origins.permitsUrl);
    const shareable = createErrorSharing();
    const creator = source as TokenSource & { [CALLING_CREATOR]?: boolean };

    function concerns(config: Config, isNamed: boolean): boolean {
        const { tokenCreator } = config as { tokenCreator?: unknown };
        if (tokenCreator === false || creator[CALLING_CREATOR]) return false;
        if (tokenCreator !== undefined) throw new TypeError('config.tokenCreator must be false or undefined');
        if (isAuthorized(config) || !origins.permits(config, isNamed)) return false;
        return !appliesTo || appliesTo(config);
    }

    function withToken(
        { config, left }: Exchange,
        proceed: (token: AccessToken) => Promise<AxiosResponse>,
    ): Promise<AxiosResponse> {
        return whileWanted(source.getToken(), config, left).then(proceed, (error: unknown) => {
            throw shareable(error);
        });
    }

    /** @param changes - what the adapter gets otherwise than in the config; it gets a copy then */
    function attempt(exchange: Exchange, token: AccessToken, changes?: ConfigChanges, replay?: Replay) {
        const { config, send, isNamed } = exchange;
        // A function adapter may keep the config it gets: mock.history shows each attempt as it was sent.
        const loan = isNamed && !changes ? lend(config, token) : undefined;
        let sent: Promise<AxiosResponse>;
        try {
            sent = send(loan ? config : copy(config, token, changes));
        } catch (error) {
            loan?.();
            throw error;
        }

        const conclude = (response: AxiosResponse | undefined, deliver: () => AxiosResponse) => {
            loan?.();
            restoreConfig(response, config);
            concealRequest(response);
            const isRefused = response !== undefined && isRejected(response);
            if (!replay) return (isRefused && recover(exchange, token, response)) || deliver();
            if (response && !isRefused) replay.succeeded(response.status);
            else replay.failed(response?.status);
            return deliver();
        };
        return sent.then(
            (response) => conclude(response, () => response),
            (failure: Failure | undefined) => {
                restoreConfig(failure, config);
                concealRequest(failure);
                if (changes?.timeout) nameWholeTimeout(failure, config);
                return conclude(failure?.response, () => {
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
        if (isFromElsewhere(response)) return undefined;
        const replay = source.reject(token, {
            status: response.status,
            // Read for the first refusal of a token only; a thousand may come at once.
            get challenges() {
                return challengesOf(response);
            },
        });
        if (!replay || !resend) return undefined;
        discard(response);
        return withToken(exchange, (fresh) =>
            attempt(exchange, fresh, { ...resend(), ...remainingTimeout(config, left) }, replay),
        );
    }

    function isFromElsewhere({ request }: AxiosResponse): boolean {
        const { res, responseURL } = (request ?? {}) as { res?: { responseUrl?: unknown }; responseURL?: unknown };
        const url = res?.responseUrl ?? responseURL;
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

// Since 1.12 the fetch adapter of a request depends on its config, which the types leave out.
const resolveAdapter = (adapter: Config['adapter'], config: Config): AxiosAdapter =>
    (axios.getAdapter as (adapter: Config['adapter'], config: Config) => AxiosAdapter)(
        adapter ?? axios.defaults.adapter,
        config,
    );
