import type { TokenCreator, TokenCreatorContext } from './creator.js';

type Source = Required<TokenCreatorContext>['source'];

const FOLLOW: unique symbol = Symbol.for('axios-token-creator.follow') as never;

/** Lets a creator that holds something of its sources hear of them before they ask for a token: of their log-out, too. */
export function following(creator: TokenCreator, follow: (source: Source) => void): TokenCreator {
    return Object.assign(creator, { [FOLLOW]: follow });
}

/** Tells a creator of a source that it serves. */
export function announce(source: Source, creator: TokenCreator & { [FOLLOW]?: (source: Source) => void }): void {
    creator[FOLLOW]?.(source);
}
