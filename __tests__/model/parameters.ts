import type { TokenParameters } from '../../src/index.js';

/** What tokens are asked for in a story, by name; the empty one is the token without parameters. */
export const PARAMETERS = {
    '': undefined,
    read: { scope: 'read' },
    orders: { audience: 'orders' },
} satisfies Record<string, TokenParameters | undefined>;

export type Kind = keyof typeof PARAMETERS;

export function kindOf(parameters: TokenParameters | undefined): string {
    return parameters?.scope ?? String(parameters?.audience ?? '');
}
