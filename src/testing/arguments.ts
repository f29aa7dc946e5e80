import { optional, type FieldCheck } from '../options.js';

/** The lifetime of access tokens. */
export const LIFETIME: FieldCheck = /* @__PURE__ */ optional([
    'a number of seconds above 0',
    (value) => typeof value === 'number' && value > 0,
]);

/** How often something is to happen. */
export const TIMES: FieldCheck = /* @__PURE__ */ optional([
    'a whole number of times, at least 1, or Infinity',
    (value) => value === Infinity || (Number.isInteger(value) && Number(value) >= 1),
]);

/** The token in the value of an `Authorization` header, or in a variable of its own. */
export function tokenIn(authorization: unknown): string {
    return typeof authorization === 'string' ? authorization.replace(/^Bearer +/i, '') : '';
}
