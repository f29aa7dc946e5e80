/** Requests per second of an application, all its clients together. */
export const RATE = 100;
/** Milliseconds for which a token request may last. */
export const TOKEN_TIMEOUT = 1_500;
/** Milliseconds for which requests wait for a token. */
export const CREATION_TIMEOUT = 2_500;
/** A process that does not get to run for so many milliseconds was stopped by the machine. */
export const STALL = 500;
/** Milliseconds between two samples. */
export const SAMPLE_EVERY = 2_000;
/** Requests after which a client is detached and attached again. */
export const REATTACH_EVERY = 25;

/** The lifetimes of access tokens, in seconds. */
export const LIFETIMES = { rotating: 4, credentials: 6 } as const;
export type SourceName = keyof typeof LIFETIMES;
export const SOURCES = Object.keys(LIFETIMES) as SourceName[];
