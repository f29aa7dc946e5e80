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

const OLDER_GRANT: unique symbol = Symbol.for('axios-token-creator.older-grant') as never;

/** Hears of it when the grant that comes for a refused token had been asked for before the refusal. */
export function onOlderGrant(context: TokenCreatorContext, listener: () => void): void {
    // Not enumerable: creators of users, who may look at all that is there, have no use for it.
    Object.defineProperty(context, OLDER_GRANT, { value: listener });
}

/** Tells that it had been: others may have got it, or it was asked for ahead of the expiry of the one before. */
export function tellOlderGrant(context: (TokenCreatorContext & { [OLDER_GRANT]?: () => void }) | undefined): void {
    context?.[OLDER_GRANT]?.();
}
