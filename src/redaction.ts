/** What Node's `util.inspect` (and so `console.log`) asks an object for instead of printing its insides. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/**
 * Makes what a server said fit for an error: on one line, of bounded length, and without what must stay secret.
 *
 * @param shortest - secrets of fewer characters stay: they are part of ordinary words
 */
export type Redact = (value: unknown, shortest?: number) => string | undefined;

const LONGEST_TEXT = 300;
const SHORTEST_IN_TEXT = 4;

/** As a form encodes a value (RFC 6749 appendix B). */
export function formEncode(text: string): string {
    return new URLSearchParams([['', text]]).toString().slice(1);
}

/** @param secrets - what was sent: a server may repeat it, in an error description say */
export function createRedact(secrets: readonly string[]): Redact {
    const spellings = secrets.flatMap((secret) => {
        const encoded = [encodeURIComponent(secret), formEncode(secret)];
        const inLowerCase = encoded.map((text) => text.replace(/%../g, (code) => code.toLowerCase()));
        return [secret, ...encoded, ...inLowerCase, JSON.stringify(secret).slice(1, -1)];
    });
    const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
    return (value, shortest = SHORTEST_IN_TEXT) => {
        if (typeof value !== 'string' || !value) return undefined;
        const hidden = longestFirst.filter(({ length }) => length >= shortest);
        const redacted = hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
        return redacted.replace(/[\p{C}\u2028\u2029]+/gu, ' ').slice(0, LONGEST_TEXT);
    };
}
