import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

/** What of an HTTP error may tell about its answer. */
export interface ErrorLink {
    readonly response?: unknown;
    readonly cause?: unknown;
}

const LONGEST_CHAIN = 5;

/** An error and what caused it: the fetch adapter wraps errors, with which axios 1.13 loses the response. */
export function chainOf<Link extends ErrorLink>(error: unknown): Link[] {
    const chain: Link[] = [];
    let link = error as Link;
    while (Object(link) === link && chain.length < LONGEST_CHAIN) {
        chain.push(link);
        link = link.cause as Link;
    }
    return chain;
}

/** An error of a sending, or one of its causes. */
interface Failure extends ErrorLink {
    config?: InternalAxiosRequestConfig;
    response?: AxiosResponse;
}

/**
 * Finds the answer that the failure of a sending holds.
 *
 * @param visit - sees the error, its causes and the answers that they hold, whichever of them refer to the sending
 */
export function answerIn(
    failure: unknown,
    visit: (settled: Failure | AxiosResponse | undefined) => void,
): AxiosResponse | undefined {
    const chain = chainOf<Failure>(failure);
    for (const link of chain) {
        visit(link);
        visit(link.response);
    }
    return chain.find(({ response }) => response)?.response;
}
