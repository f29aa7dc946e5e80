import axios from 'axios';
import { inspect } from 'node:util';

/** The ways in which a secret may come back: as it is, and as it was sent. */
function spellings(secrets: readonly string[]): string[] {
    return secrets.flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        new URLSearchParams({ '': secret }).toString().slice(1),
        JSON.stringify(secret).slice(1, -1),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('base64url'),
    ]);
}

/** Every string that can be reached from a value, whatever its properties are like. */
function reachableStrings(value: unknown, seen = new Set<unknown>()): string[] {
    if (typeof value === 'string') return [value];
    if (typeof value === 'symbol') return [String(value)];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return [];
    seen.add(value);
    const object = value as Record<PropertyKey, unknown>;
    return Reflect.ownKeys(object).flatMap((key) => {
        let property: unknown;
        try {
            property = object[key];
        } catch {}
        return [String(key), ...reachableStrings(property, seen)];
    });
}

/** The error shows none of these, wherever one looks. */
export function expectNoSecretIn(error: unknown, secrets: readonly string[]): void {
    expect(error).toBeInstanceOf(Error);
    expect(axios.isAxiosError(error)).toBe(false);
    const { message, stack, cause } = error as Error;
    const texts = [
        String(error),
        message,
        stack ?? '',
        JSON.stringify(error),
        inspect(error, { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity }),
        inspect(structuredClone(error), { depth: Infinity, showHidden: true }),
        ...reachableStrings(error),
        ...reachableStrings(cause),
    ];
    const forbidden = spellings([...new Set(secrets)]);
    expect([...new Set(texts)].filter((text) => forbidden.some((spelling) => text.includes(spelling)))).toEqual([]);
}
