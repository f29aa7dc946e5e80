import {
    AxiosError,
    AxiosHeaders,
    type AxiosAdapter,
    type AxiosResponse,
    type CreateAxiosDefaults,
    type InternalAxiosRequestConfig,
} from 'axios';
import { setTimeout as delay } from 'node:timers/promises';
import { Authorization } from './authorization.js';
import { STATIC_TOKEN } from './tokens.js';
import { AUTHORIZATION, BODY, CHALLENGE, CREDENTIALS, type AuthorizationOptions, type MeasuredWorld } from './world.js';

// A world behind an adapter that is a function: no connections, no parser, which makes everything around it count most.

export const BASE_URL = 'http://api.localhost';

interface FunctionWorldOptions extends Partial<AuthorizationOptions> {
    /**
     * How many milliseconds the API takes, by the status that it will answer with; `at once` answers in the same tick and
     * takes each token for valid until one is revoked, and `never` answers nothing at all.
     */
    readonly responseTime: number | 'at once' | 'never' | ((status: number) => number);
    /** More of what the clients of axios are made with. */
    readonly axios?: CreateAxiosDefaults;
}

/** Settles as the adapters of axios do: a status that `validateStatus` does not like rejects with an AxiosError. */
function settle(config: InternalAxiosRequestConfig, status: number, data: string): AxiosResponse {
    const headers = new AxiosHeaders({ 'content-type': 'application/json' });
    if (status === 401) headers.set('www-authenticate', CHALLENGE);
    const response = { data, status, statusText: '', headers, config, request: {} };
    if (!config.validateStatus || config.validateStatus(status)) return response;
    const code = status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE;
    throw new AxiosError(`Request failed with status code ${status}`, code, config, {}, response);
}

function authorizationOf({ headers }: InternalAxiosRequestConfig): string | undefined {
    const value: unknown = headers['Authorization'] ?? headers.get('Authorization');
    return typeof value === 'string' ? value : undefined;
}

/** Keeps those who wait: a promise that nobody can settle any more, and whatever waits for it, is garbage. */
function answeringNever(): AxiosAdapter {
    const waiting: unknown[] = [];
    return () => new Promise((...settlers) => void waiting.push(settlers));
}

export function createFunctionWorld({ responseTime, axios, ...options }: FunctionWorldOptions): MeasuredWorld {
    const authorization = new Authorization({ ...AUTHORIZATION, ...options });
    let isTrusting = true;

    const answerToken = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
        const { status, body } = await authorization.issue();
        return settle(config, status, body);
    };

    const answerAtOnce: AxiosAdapter = (config) => {
        const header: unknown = config.headers['Authorization'];
        if (isTrusting && typeof header === 'string' && header.length >= STATIC_TOKEN.length) {
            return Promise.resolve({
                data: BODY,
                status: 200,
                statusText: 'OK',
                headers: new AxiosHeaders({ 'content-type': 'application/json' }),
                config,
            });
        }
        if (config.url?.endsWith('/token')) return answerToken(config);
        return Promise.resolve().then(() => settle(config, authorization.judge(authorizationOf(config)), BODY));
    };

    const answerLater: AxiosAdapter = async (config) => {
        if (config.url?.endsWith('/token')) return answerToken(config);
        const status = authorization.judge(authorizationOf(config));
        await delay(typeof responseTime === 'function' ? responseTime(status) : Number(responseTime));
        return settle(config, status, BODY);
    };

    const adapter =
        responseTime === 'at once' ? answerAtOnce : responseTime === 'never' ? answeringNever() : answerLater;
    return {
        ...CREDENTIALS,
        baseURL: BASE_URL,
        tokenEndpoint: `${BASE_URL}/token`,
        lifetime: options.lifetime ?? AUTHORIZATION.lifetime,
        axios: { ...axios, adapter },
        responseTime: typeof responseTime === 'number' ? responseTime : 0,
        counts: () => Promise.resolve(authorization.counts),
        revoke: async () => {
            isTrusting = false;
            authorization.revoke();
        },
        failTokens: async (fails) => void (authorization.fails = fails),
        close: () => Promise.resolve(),
    };
}
