import { format, inspect } from 'node:util';

/** The characters of a Base64 text that depend on the secret alone, wherever in what was encoded it stands. */
function base64Cores(secret: string): string[] {
    return [0, 1, 2].flatMap((shift) => {
        const bytes = Buffer.from('x'.repeat(shift) + secret);
        const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
        return (['base64', 'base64url'] as const).map((encoding) => whole.toString(encoding).slice(shift ? 4 : 0));
    });
}

function escapedNonAscii(json: string): string {
    return json.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A secret as it is, and in every encoding in which it may be sent, or printed. */
export function spellingsOf(secret: string): string[] {
    const form = new URLSearchParams({ '': secret }).toString().slice(1);
    const json = JSON.stringify(secret).slice(1, -1);
    const spellings = [
        secret,
        encodeURIComponent(secret),
        encodeURI(secret),
        encodeURIComponent(encodeURIComponent(secret)),
        form,
        encodeURIComponent(form),
        json,
        JSON.stringify(json).slice(1, -1),
        escapedNonAscii(json),
        inspect(secret).slice(1, -1),
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('latin1'),
        ...base64Cores(secret),
        ...base64Cores(form),
    ];
    return [...new Set(spellings.flatMap((text) => [text, text.replace(/%../g, (code) => code.toLowerCase())]))];
}

type Walk = (value: unknown) => string[];

/** Reads every property, whatever it is called and however it is hidden, and what collections hold. */
function walk(keysOf: (value: object) => PropertyKey[]): Walk {
    const seen = new Set<unknown>();
    const visit: Walk = (value) => {
        if (typeof value === 'string') return [value];
        if (typeof value === 'symbol') return [String(value)];
        if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return [];
        seen.add(value);
        if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
        const held = value instanceof Map || value instanceof Set ? [...value].flatMap(visit) : [];
        const own = keysOf(value).flatMap((key) => {
            let property: unknown;
            try {
                property = Reflect.get(value, key);
            } catch {}
            return [String(key), ...visit(property)];
        });
        return [...held, ...own];
    };
    return visit;
}

function quietly(print: () => unknown): string {
    try {
        return String(print());
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/** What a program, a logger or a debugger may print of a value of ours, in whatever way. */
export function printsOf(value: unknown): string[] {
    const { stack, cause, toJSON } = Object(value) as { stack?: unknown; cause?: unknown; toJSON?: () => unknown };
    const everything = { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity } as const;
    return [
        quietly(() => String(value)),
        quietly(() => stack),
        quietly(() => cause),
        quietly(() => JSON.stringify(value)),
        quietly(() => JSON.stringify({ nested: [value], ...(value as object) })),
        quietly(() => JSON.stringify(toJSON?.call(value))),
        quietly(() => inspect(value)),
        quietly(() => inspect({ nested: [value] }, { ...everything, maxArrayLength: Infinity })),
        quietly(() => inspect(structuredClone(value), everything)),
        quietly(() => format('%s %o %O %j', value, value, value, value)),
        ...walk(Reflect.ownKeys)(value),
    ];
}

/**
 * What they may print of an axios error, whose `request` and sockets are beneath properties that are not enumerable: a
 * logger walks what is, to any depth.
 */
export function printsOfAxiosError(value: unknown): string[] {
    const { stack, toJSON } = value as { stack?: unknown; toJSON?: () => unknown };
    return [
        quietly(() => String(value)),
        quietly(() => stack),
        quietly(() => JSON.stringify(value)),
        quietly(() => JSON.stringify({ ...(value as object) })),
        quietly(() => JSON.stringify(toJSON?.call(value))),
        quietly(() => inspect(structuredClone(toJSON?.call(value)), { depth: Infinity })),
        quietly(() => inspect(value)),
        quietly(() => inspect({ nested: [value] }, { depth: Infinity })),
        quietly(() => format('%s %O %j', value, value, value)),
        ...walk(Object.keys)(value),
    ];
}

/** The names of the secrets that are found in texts. None of the secrets has more than one line. */
export function tracesIn(texts: readonly string[], secrets: Readonly<Record<string, readonly string[]>>): string[] {
    const haystack = [...new Set(texts.flatMap((text) => text.split('\n')))].join('\n');
    return Object.keys(secrets).filter((name) => secrets[name]?.some((spelling) => haystack.includes(spelling)));
}
