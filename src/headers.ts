/** The value of a header, whatever the case of its name; several values are joined, as RFC 9110 section 5.2 allows. */
export function headerOf(headers: object | undefined, wanted: string): string | undefined {
    for (const [name, value] of Object.entries<string | number | string[]>({ ...headers })) {
        if (name.toLowerCase() === wanted && value) return String(value);
    }
    return undefined;
}
