import { describe } from '../options.js';

/**
 * Checks credentials without ever repeating one of them.
 *
 * @throws TypeError that names the field
 */
export function checkCredentials(
    caller: string,
    credentials: unknown,
    required: readonly string[],
    optional: readonly string[] = [],
): void {
    if (typeof credentials !== 'object' || credentials === null) {
        throw new TypeError(`${caller}: credentials must be an object, not ${typeof credentials}`);
    }
    const given = credentials as Record<string, unknown>;
    for (const name of Object.keys(given)) {
        if (!required.includes(name) && !optional.includes(name)) {
            const known = [...required, ...optional].join(', ');
            throw new TypeError(`${caller}: unknown credential ${describe(name)} (there are: ${known})`);
        }
    }
    for (const name of required) {
        const value = given[name];
        if (typeof value === 'string' && value !== '') continue;
        throw new TypeError(`${caller}: credentials.${name} must be a string, not ${value === '' ? 'empty' : typeof value}`);
    }
    for (const name of optional) {
        if (!['string', 'undefined'].includes(typeof given[name])) {
            throw new TypeError(`${caller}: credentials.${name} must be a string, not ${typeof given[name]}`);
        }
    }
}
