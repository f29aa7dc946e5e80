import { type TokenCreator, type TokenCreatorContext, type TokenParameters } from '../../src/index.js';
import { wait } from './servers.js';

const asSet = (values: string | readonly string[] = []): string[] => [...new Set([values].flat())].sort();
// By code units: a lone surrogate is a value like any other.
const escape = (value: string): string => Buffer.from(value, 'utf16le').toString('hex');

/**
 * What a token is for, so written that parameters which ask for the same read alike. It shares nothing with src: no
 * separator of it can occur in what it separates, because everything is escaped.
 */
export function purposeOf({ scope = '', resource, audience, key = '', challenge }: TokenParameters = {}): string {
    const { error, acr_values, max_age, claims, scope: wanted } = challenge?.parameters ?? {};
    const lists = [scope.split(' ').filter(Boolean), resource, audience].map(asSet);
    const singles = [key, challenge && 'challenge', error, acr_values, max_age, claims, wanted];
    const escaped = [...lists, ...singles.map((single) => (single === undefined ? ['-'] : [`=${single}`]))];
    return escaped.map((values) => values.map(escape).join('+')).join(';');
}

/** Creates `token-1`, `token-2` and so on, and knows what each of them is for and whether it counts. */
export interface PurposefulIssuer {
    readonly creator: TokenCreator;
    readonly contexts: readonly TokenCreatorContext[];
    /** How often the creator was called. */
    readonly created: number;
    /** Milliseconds that a creation takes. */
    delay: number;
    /** Every token issued so far stops being valid, or every one that is for that. */
    revoke(parameters?: TokenParameters): void;
    /** Whether the token of this header counts, and is for that. */
    isFor(authorization: string | undefined, parameters?: TokenParameters): boolean;
    /** What the token of this header was created for, counts it or not. */
    parametersOf(authorization: string | undefined): TokenParameters | undefined;
}

export function createPurposefulIssuer(): PurposefulIssuer {
    const contexts: TokenCreatorContext[] = [];
    const issued = new Map<string, TokenParameters>();
    const valid = new Set<string>();
    const issuer = {
        contexts,
        delay: 0,
        get created() {
            return contexts.length;
        },
        creator: async (context?: TokenCreatorContext) => {
            if (!context) throw new Error('the source called its creator without a context');
            const access_token = `token-${contexts.push(context)}`;
            // As it is now: nothing that happens later may change what the token is for.
            issued.set(`Bearer ${access_token}`, structuredClone({ ...context.parameters }));
            if (issuer.delay) await wait(issuer.delay);
            valid.add(`Bearer ${access_token}`);
            return { access_token, token_type: 'Bearer' };
        },
        revoke(parameters?: TokenParameters) {
            for (const authorization of valid) {
                const isMeant = !parameters || purposeOf(issued.get(authorization)) === purposeOf(parameters);
                if (isMeant) valid.delete(authorization);
            }
        },
        isFor: (authorization = '', parameters?: TokenParameters) =>
            valid.has(authorization) && purposeOf(issued.get(authorization)) === purposeOf(parameters),
        parametersOf: (authorization = '') => issued.get(authorization),
    };
    return issuer;
}
