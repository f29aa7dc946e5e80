import { isAbsolute, originOf } from './request-url.js';

/** What a field must be, in words, and the test for it; `undefined` is tested like any other value. */
export type FieldCheck = readonly [expected: string, test: (value: unknown) => boolean];
export type FieldChecks = Readonly<Record<string, FieldCheck>>;

/**
 * Checks options and credentials where they enter, so that everything behind can rely on them.
 *
 * @param kind - of credentials no value is repeated, not even a wrong one
 * @throws TypeError that names the field and what was given
 */
export function checkFields(
    caller: string,
    kind: 'options' | 'credentials',
    given: unknown,
    checks: FieldChecks,
): void {
    if (typeof given !== 'object' || !given) {
        throw new TypeError(`${caller}: ${kind} must be an object, not ${describe(given)}`);
    }
    for (const [name, value] of Object.entries({ ...undefinedOf(checks), ...given })) {
        if (!Object.hasOwn(checks, name)) {
            throw new TypeError(`${caller}: unknown ${kind}.${name}; there are ${Object.keys(checks).join(', ')}`);
        }
        const [expected, test] = checks[name] as FieldCheck;
        if (test(value)) continue;
        throw new TypeError(
            `${caller}: ${kind}.${name} must be ${expected}, not ${kind === 'options' || !value ? describe(value) : typeof value}`,
        );
    }
}

function undefinedOf(checks: FieldChecks): Record<string, undefined> {
    return Object.fromEntries(Object.keys(checks).map((name) => [name, undefined]));
}

/** Names a value for an error message, without what may be a password in it. */
export function describe(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 100).replace(/\/\/[^/]*@/, '//[redacted]@'));
    return Object(value) === value ? `of type ${typeof value}` : String(value);
}

export function optional([expected, test]: FieldCheck): FieldCheck {
    return [expected, (value) => value === undefined || test(value)];
}

export function hasMethods(...methods: string[]): (value: unknown) => boolean {
    return (value) =>
        Object(value) === value && methods.every((name) => typeof Reflect.get(value as object, name) === 'function');
}

export const STRING: FieldCheck = ['a string', (value) => typeof value === 'string'];
export const FILLED_STRING: FieldCheck = [
    'a string that is not empty',
    (value) => typeof value === 'string' && value !== '',
];
export const FUNCTION: FieldCheck = optional(['a function', (value) => typeof value === 'function']);

/** An http(s) URL without credentials, or a path as browsers resolve it. */
export const URL_OR_PATH: FieldCheck = [
    'an http(s) URL without credentials, or a path',
    (value) => {
        if (typeof value !== 'string' && !(value instanceof URL)) return false;
        const url = String(value);
        return originOf(url) !== undefined && (isAbsolute(url) || /^\.{0,2}\//.test(url));
    },
];
