type HeaderValue = string | string[] | null | undefined;

/** fetch's headers are read by `get` alone; axios's, and those of a mock, are properties. */
interface ReadableHeaders {
    get?: (name: string) => HeaderValue;
}

/** The value of a header, whatever the case of its name; several values are joined, as RFC 9110 section 5.2 allows. */
export function headerOf(headers: object | undefined, wanted: string): string | undefined {
    const given = Object(headers) as ReadableHeaders;
    const named = Object.entries({ ...given } as Record<string, HeaderValue>).find(
        ([name]) => name.toLowerCase() === wanted,
    );
    const value = named ? named[1] : given.get?.(wanted);
    return value ? String(value) : undefined;
}
