import { AxiosError, CanceledError, isAxiosError, type InternalAxiosRequestConfig } from 'axios';
import { untilDeparture } from './departure.js';

/**
 * Tells what is left of a request's `timeout`, which covers its waits, its sending and its replay: milliseconds, or
 * `Infinity` without a timeout.
 */
export type TimeBudget = () => number;

const unlimited: TimeBudget = () => Infinity;

export function startTimeBudget({ timeout }: InternalAxiosRequestConfig): TimeBudget {
    const total = Number(timeout);
    if (!(total > 0)) return unlimited;
    const start = performance.now();
    return () => total - (performance.now() - start);
}

function timeoutMessage({ timeout, timeoutErrorMessage }: InternalAxiosRequestConfig): string {
    return timeoutErrorMessage || `timeout of ${timeout}ms exceeded`;
}

/** The error that axios itself gives for a request that takes too long. */
function timeoutError(config: InternalAxiosRequestConfig): AxiosError {
    const code = config.transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    return new AxiosError(timeoutMessage(config), code, config);
}

/**
 * What a sending that comes after a wait may still take; `undefined` without a timeout.
 *
 * @throws AxiosError when it is too late to send: a timeout below zero crashes the process in follow-redirects
 */
export function remainingTimeout(
    config: InternalAxiosRequestConfig,
    left: TimeBudget,
): { timeout: number; timeoutErrorMessage: string } | undefined {
    const remaining = left();
    if (remaining === Infinity) return undefined;
    if (remaining < 1) throw timeoutError(config);
    return { timeout: Math.ceil(remaining), timeoutErrorMessage: timeoutMessage(config) };
}

/** fetch names the timeout that it was given, and not by `timeoutErrorMessage`; the caller knows of the whole one. */
export function nameWholeTimeout(failure: unknown, config: InternalAxiosRequestConfig): void {
    if (isAxiosError(failure) && /^timeout .*exceeded/.test(failure.message)) failure.message = timeoutMessage(config);
}

/** The part of axios's CancelToken that its types leave out. */
interface Cancellation {
    reason?: unknown;
    subscribe(listener: (reason: unknown) => void): void;
    unsubscribe(listener: (reason: unknown) => void): void;
}

// The types of axios give CanceledError the parameters of AxiosError; these are the ones it has.
const Canceled = CanceledError as unknown as new (message: undefined, config: InternalAxiosRequestConfig) => AxiosError;

/** Waits for a token as axios waits for an answer: until the request is aborted, cancelled or out of time. */
export function whileWanted<T>(pending: Promise<T>, config: InternalAxiosRequestConfig, left: TimeBudget): Promise<T> {
    const { signal } = config;
    const cancellation = config.cancelToken as unknown as Cancellation | undefined;
    const timeout = left();
    if (!signal && !cancellation && timeout === Infinity) return pending;
    const departure = {
        signal,
        aborted: () => new Canceled(undefined, config),
        timeout,
        expired: () => timeoutError(config),
    };
    return untilDeparture(pending, departure, (leave) => {
        cancellation?.subscribe(leave);
        return () => cancellation?.unsubscribe(leave);
    });
}
