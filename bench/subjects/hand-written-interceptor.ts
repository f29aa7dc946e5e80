import type { AxiosError, AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import type { Subject } from '../subject.js';
import { clientOf, createApi, createFloor, createGrantRequest } from './plain-axios.js';

// What is copied from one answer to the next: a flag, a queue, and the request sent again through the instance. A 401 is
// all that makes it get a token, the first one as well: there is nobody who logs in here. As it is mostly written, it
// sets no header while it has no token.

type Retriable = InternalAxiosRequestConfig & { isRetry?: boolean };

interface Waiting {
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
}

/** @public It is what the entry below names. */
export function addInterceptors(api: AxiosInstance, requestToken: () => Promise<string>): void {
    let accessToken: string | undefined;
    let isRefreshing = false;
    let failedQueue: Waiting[] = [];

    function processQueue(error?: unknown): void {
        for (const { resolve, reject } of failedQueue) {
            if (error) reject(error);
            else resolve();
        }
        failedQueue = [];
    }

    api.interceptors.request.use((config) => {
        if (accessToken) config.headers['Authorization'] = `Bearer ${accessToken}`;
        return config;
    });

    api.interceptors.response.use(undefined, async (error: AxiosError) => {
        const config: Retriable | undefined = error.config;
        if (error.response?.status !== 401 || !config || config.isRetry) throw error;
        config.isRetry = true;
        if (isRefreshing) {
            await new Promise<void>((resolve, reject) => failedQueue.push({ resolve, reject }));
            return api(config);
        }
        isRefreshing = true;
        try {
            accessToken = await requestToken();
            processQueue();
        } catch (failure) {
            processQueue(failure);
            throw failure;
        } finally {
            isRefreshing = false;
        }
        return api(config);
    });
}

export const handWrittenInterceptor: Subject = {
    name: 'hand-written-interceptor',
    packages: ['axios'],
    http: 'axios',
    create(world) {
        const api = createApi(world);
        const requestGrant = createGrantRequest(world);
        addInterceptors(api, async () => (await requestGrant()).access_token);
        return clientOf(api);
    },
    createFloor,
    entry: `
import { addInterceptors } from './bench/subjects/hand-written-interceptor.js';
import { createGrantRequest } from './bench/subjects/plain-axios.js';
globalThis.used = { addInterceptors, createGrantRequest };
`,
};
