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
