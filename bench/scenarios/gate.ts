import axios, { type AxiosAdapter, type AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { hideRequest, restoreConfig } from '../../src/authorization.js';
import { copyConfig } from '../../src/config-copy.js';
import type { Client } from '../subject.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import type { MeasuredWorld } from '../worlds/world.js';

type Sending = (
    send: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    authorization: string,
) => ReturnType<AxiosAdapter>;

const sendItself: Sending = (send, config, authorization) => {
    config.headers['Authorization'] = authorization;
    return send(config);
};

const sendCopy: Sending = (send, config, authorization) => {
    const sent = copyConfig(config);
    sent.headers['Authorization'] = authorization;
    return send(sent).then((response) => {
        restoreConfig(response, config, sent);
        hideRequest(response, config);
        return response;
    });
};

/**
 * A client of axios whose requests wait for one token that all share, and are sent once more where it is refused. It does
 * nothing else of what a user needs: what is measured with it shows how fast that could be.
 *
 * @param copies - gives the adapter a copy of the config, and takes the token off the answer, in the way of this package:
 * what no client can be faster than whose adapters keep what they got, and whose answers hold no token
 */
export function openGate({ axios: defaults, baseURL, tokenEndpoint }: MeasuredWorld, copies = false): Client {
    const client = axios.create({ ...defaults, baseURL });
    const endpoint = axios.create(defaults);
    let grant: Promise<string> | undefined;
    const create = async (): Promise<string> => {
        const { data } = await endpoint.post<{ access_token: string }>(tokenEndpoint);
        return `Bearer ${data.access_token}`;
    };
    const sendWithGrant = (send: AxiosAdapter, config: InternalAxiosRequestConfig, isLast: boolean) => {
        const used = (grant ??= create());
        const sendAgain = () => {
            if (grant === used) grant = undefined;
            return sendWithGrant(send, config, true);
        };
        return used.then((authorization): ReturnType<AxiosAdapter> => {
            const answer = (copies ? sendCopy : sendItself)(send, config, authorization);
            if (isLast) return answer;
            return answer.then(
                (response) => (response.status === 401 ? sendAgain() : response),
                (error: AxiosError) => (error.response?.status === 401 ? sendAgain() : Promise.reject(error)),
            );
        });
    };
    const authorize = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
        const send = axios.getAdapter(config.adapter);
        config.adapter = (sent) => sendWithGrant(send, sent, false);
        return config;
    };
    client.interceptors.request.use(authorize, undefined, { synchronous: true });
    return { get: async (path) => (await client.get(path)).status };
}

/**
 * A client of axios with a token in hand that is put on each request, and taken off again afterwards, so that no answer
 * holds it. It asks for nothing: not where the token goes, nor whether it is still good.
 *
 * @param hides - leaves `request` out of what logs show of an answer, in the way of this package: it knows the token too
 */
export function openLender({ axios: defaults, baseURL }: MeasuredWorld, hides: boolean): Client {
    const client = axios.create({ ...defaults, baseURL });
    const lend = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
        const send = axios.getAdapter(config.adapter);
        config.adapter = (sent) => {
            sent.headers['Authorization'] = `Bearer ${STATIC_TOKEN}`;
            return send(sent).then((response) => {
                sent.headers['Authorization'] = undefined;
                if (hides) hideRequest(response, sent);
                return response;
            });
        };
        return config;
    };
    client.interceptors.request.use(lend, undefined, { synchronous: true });
    return { get: async (path) => (await client.get(path)).status };
}
