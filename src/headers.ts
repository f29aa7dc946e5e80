type HeaderValue = string | string[] | null | undefined;

/** fetch's headers are read by `get` alone; axios's, and those of a mock, are properties. */
interface ReadableHeaders {
    get?: (name: string) => HeaderValue;
}

/** The value of a header, whatever the case of its name; several values are joined, as RFC 9110 section 5.2 allows. */
export function headerOf(headers: object | undefined, wanted: string): string | undefined {
    const given = Object(headers) as ReadableHeaders & Record<string, HeaderValue>;
    const name = nameIn(given, wanted);
    const value = name === undefined ? given.get?.(wanted) : given[name];
    return value ? String(value) : undefined;
}

/**
 * The name under which headers hold one, in whatever case.
 *
 * @param wanted - in lower case
 */
export function nameIn(headers: object, wanted: string): string | undefined {
    // Unlike `Object.keys`, this makes no array; nothing enumerable is inherited, but where somebody polluted
    // prototypes: such a name is nobody's header.
    for (const name in headers) {
        if (name.length === wanted.length && name.toLowerCase() === wanted && Object.hasOwn(headers, name)) return name;
    }
    return undefined;
}
