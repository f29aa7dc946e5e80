import { ownOf } from './own.js';
import { isAbsolute, originOf } from './request-url.js';

/** What a field must be, in words, and the test for it; `undefined` is tested like any other value. */
export type FieldCheck = readonly [expected: string, test: (value: unknown) => boolean];
export type FieldChecks = Readonly<Record<string, FieldCheck>>;

const SECRET = /secret|key(pair)?$|extra/i;

type Kind = 'options' | 'credentials' | 'parameters' | 'fault';

/**
 * Checks options and credentials where they enter, so that everything behind can rely on them.
 *
 * @param kind - of credentials no value is repeated, not even a wrong one
 * @returns what they have themselves: nothing of what somebody may have put into `Object.prototype`
 * @throws TypeError that names the field and what was given
 */
export function checkFields<T>(caller: string, kind: Kind, given: T, checks: FieldChecks): T {
    if (typeof given !== 'object' || !given || Array.isArray(given))
        throw new TypeError(`${caller}: ${kind} must be an object, not ${typeOf(given)}`);
    for (const [name, value] of Object.entries({ ...undefinedOf(checks), ...given })) {
        const check = Object.hasOwn(checks, name) && checks[name];
        if (!check)
            throw new TypeError(`${caller}: unknown ${kind}.${name}; there are ${Object.keys(checks).join(', ')}`);
        const [expected, test] = check;
        if (test(value)) continue;
        const what = kind === 'credentials' || SECRET.test(name) ? typeOf(value) : describe(value);
        throw new TypeError(`${caller}: ${kind}.${name} must be ${expected}, not ${what}`);
    }
    return ownOf(given);
}

/** Reads each field once, be it a getter or inherited, and checks what it gave. */
export function checkedFields<T extends object>(caller: string, kind: Kind, given: T, checks: FieldChecks): T {
    const isObject = typeof given === 'object' && given && !Array.isArray(given);
    const read = isObject ? { ...given } : given;
    if (isObject) for (const name of Object.keys(checks)) Reflect.set(read, name, Reflect.get(given, name));
    return checkFields(caller, kind, read, checks);
}

function undefinedOf(checks: FieldChecks): Record<string, undefined> {
    return Object.fromEntries(Object.keys(checks).map((name) => [name, undefined]));
}

/** Names the kind of a value that may be a secret. */
export function typeOf(value: unknown): string {
    return value === null ? 'null' : value === '' ? 'an empty string' : typeof value;
}

/** Shows a value that is no secret, without the password that a URL may hold. */
export function describe(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(value.replace(/^[^]*@/, '[redacted]@').slice(0, 100));
    if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
    return Object(value) === value ? typeof value : String(value);
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
export const STRINGS: FieldCheck = [
    'a string that is not empty, or an array of such',
    (value) => [value].flat().every(FILLED_STRING[1]),
];
export const STRING_OR_FUNCTION: FieldCheck = [
    'a string that is not empty, or a function',
    (value) => FILLED_STRING[1](value) || typeof value === 'function',
];
export const REQUIRED_FUNCTION: FieldCheck = ['a function', (value) => typeof value === 'function'];
export const FUNCTION: FieldCheck = optional(REQUIRED_FUNCTION);

/** An http(s) URL without credentials, or a path as browsers resolve it. */
export const URL_OR_PATH: FieldCheck = [
    'an http(s) URL without credentials, or a path',
    (value) =>
        typeof value === 'string' && originOf(value) !== undefined && (isAbsolute(value) || /^\.{0,2}\//.test(value)),
];

/** Takes a `URL` object as well. */
export const URL_LIKE: FieldCheck = [
    URL_OR_PATH[0],
    (value) => URL_OR_PATH[1](value instanceof URL ? value.href : value),
];

export const SCHEME: FieldCheck = optional([
    'an authorization scheme: an object with a type and the function adapter',
    (value) => hasMethods('adapter')(value) && FILLED_STRING[1]((value as { type?: unknown }).type),
]);

export function isAbsoluteUrl(value: unknown): boolean {
    return URL_LIKE[1](value) && isAbsolute(String(value));
}
