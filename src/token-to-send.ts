import type { TokenCreatorContext } from './creator.js';
import { typeOf } from './options.js';

/** A token that is sent, or a function that gives a fresh one for each request. */
export type TokenToSend = string | ((context?: TokenCreatorContext) => string | Promise<string>);

/** @throws TypeError for what cannot be sent */
export async function tokenToSend(
    name: string,
    token: TokenToSend,
    context: TokenCreatorContext | undefined,
): Promise<string> {
    const value: unknown = typeof token === 'function' ? await token(context) : token;
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`credentials.${name} gave ${typeOf(value)}, not a string`);
}
