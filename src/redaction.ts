/** What Node's `util.inspect` (and so `console.log`) asks an object for instead of printing its insides. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Makes what a server said fit for an error: on one line, of bounded length, and without what must stay secret. */
export type Redact = (value: unknown) => string | undefined;

const LONGEST_TEXT = 300;
// Shorter ones are part of ordinary words, and of the error codes that programs compare.
const SHORTEST_SECRET = 4;

/** @param secrets - what was sent: a server may repeat it, in an error description say */
export function createRedact(secrets: readonly string[]): Redact {
    const spellings = secrets.flatMap((secret) => [
        new URLSearchParams([['', secret]]).toString().slice(1),
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
    ]);
    const hidden = [...new Set(spellings)].filter(({ length }) => length >= SHORTEST_SECRET);
    const longestFirst = hidden.sort((a, b) => b.length - a.length);
    return (value) => {
        if (typeof value !== 'string' || !value) return undefined;
        const redacted = longestFirst.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
        return redacted.replace(/[\p{C}\u2028\u2029]+/gu, ' ').slice(0, LONGEST_TEXT);
    };
}
