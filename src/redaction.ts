/** What Node's `util.inspect` (and so `console.log`) asks an object for instead of printing its insides. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Makes what a server said fit for an error: without the secrets that it was sent, on one line, of bounded length. */
export interface Redaction {
    text(value: unknown): string | undefined;
    /** An error code: programs compare it, so that a secret short enough to be part of one by chance stays. */
    code(value: unknown): string | undefined;
}

const LONGEST_TEXT = 300;
const SHORTEST_UNLIKELY = 8;

export function createRedaction(secrets: readonly string[]): Redaction {
    const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
    const longestFirst = spellings.filter(Boolean).sort((a, b) => b.length - a.length);
    const without = (hidden: string[]) => (value: unknown) => {
        if (typeof value !== 'string' || value === '') return undefined;
        const redacted = hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
        return redacted.replace(/[\p{C}\u2028\u2029]+/gu, ' ').slice(0, LONGEST_TEXT);
    };
    return {
        text: without(longestFirst),
        code: without(longestFirst.filter(({ length }) => length >= SHORTEST_UNLIKELY)),
    };
}
