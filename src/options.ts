import { isAbsolute, originOf } from './request-url.js';

/** Looks at one option; returns what was expected when the value is not it. */
export type OptionCheck = (value: unknown) => string | undefined;
export type OptionChecks = Readonly<Record<string, OptionCheck>>;

/**
 * Checks options where they enter, so that everything behind can rely on them. `undefined` counts as absent.
 *
 * @throws TypeError that names the option and what was given
 */
export function checkOptions(caller: string, options: unknown, checks: OptionChecks): void {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
        throw new TypeError(`${caller}: options must be an object, not ${describe(options)}`);
    }
    for (const [name, value] of Object.entries(options)) {
        if (!Object.hasOwn(checks, name)) {
            throw new TypeError(`${caller}: unknown option "${name}" (there are: ${Object.keys(checks).join(', ')})`);
        }
        const expected = value === undefined ? undefined : checks[name]?.(value);
        if (expected) throw new TypeError(`${caller}: options.${name} must be ${expected}, not ${describe(value)}`);
    }
}

/** Names a value for an error message, without what may be a password in it. */
export function describe(value: unknown): string {
    if (value === null || ['undefined', 'number', 'boolean'].includes(typeof value)) return String(value);
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 100).replace(/\/\/[^/]*@/, '//[redacted]@'));
    return Array.isArray(value) ? 'an array' : typeof value === 'function' ? 'a function' : `of type ${typeof value}`;
}

export const isFunction: OptionCheck = (value) => (typeof value === 'function' ? undefined : 'a function');

export function isMilliseconds(least: number): OptionCheck {
    return (value) =>
        typeof value === 'number' && value >= least ? undefined : `a number of milliseconds, at least ${least}`;
}

export function isObjectWith(...methods: string[]): OptionCheck {
    return (value) => {
        const object = value as Record<string, unknown> | null;
        return typeof object === 'object' && object && methods.every((name) => typeof object[name] === 'function')
            ? undefined
            : `an object with ${methods.join(' and ')}`;
    };
}

/** @throws TypeError unless the value is an http(s) URL without credentials, or a path as browsers resolve it */
export function checkUrl(name: string, value: unknown): void {
    const isPath = typeof value === 'string' && /^\.{0,2}\//.test(value);
    if (typeof value === 'string' && originOf(value) !== undefined && (isPath || isAbsolute(value))) return;
    throw new TypeError(`${name} must be an http(s) URL without credentials, or a path, not ${describe(value)}`);
}
