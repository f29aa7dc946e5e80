/** What axios's and fetch's headers have in common with plain objects: nothing, but that they may have a `get`. */
interface HeadersLike {
    get?: unknown;
}

/** The value of a header, whatever the case of its name; several values are joined, as RFC 9110 section 5.2 allows. */
export function headerOf(headers: HeadersLike | undefined, wanted: string): string | undefined {
    const plain = { ...headers } as Record<string, string | string[]>;
    const name = Object.keys(plain).find((key) => key.toLowerCase() === wanted);
    if (name !== undefined) return String(plain[name] ?? '');
    return typeof headers?.get === 'function' ? String(headers.get(wanted) ?? '') : undefined;
}
