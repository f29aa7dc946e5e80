import type { TokenCreatorContext } from '../creator.js';
import { tellOlderGrant } from '../follow.js';
import type { TokenGrantResponse } from '../token.js';
import type { SharedTokenEvent } from './events.js';
import { ageOf, grantOf, isUsable, tokenIn, type SharedToken } from './family-record.js';
import type { Generations } from './generations.js';
import type { LastRefreshTokens } from './last-refresh-tokens.js';
import type { FoundRecord, RecordStore } from './record-store.js';
import { errorOf } from './shared-failure.js';

type Told<T> = T extends unknown ? Omit<T, 'reason' | 'parameters'> : never;

/** A token that somebody asks for. */
export interface Wanted {
    /** Of the token in its record. */
    readonly name: string;
    /** Of the record in the store. */
    readonly entry: string;
    readonly context: TokenCreatorContext | undefined;
    /** Milliseconds since it was asked for. */
    readonly age: () => number;
    /** Counts the log-outs. */
    readonly epoch: () => number;
    readonly emit: (event: Told<SharedTokenEvent>) => void;
}

/** Looks for what others created. */
export interface Search {
    look(wanted: Wanted): Promise<FoundRecord>;
    /** The grant that a record has for somebody, who adopts it. */
    adoptFrom(found: FoundRecord, wanted: Wanted): TokenGrantResponse | undefined;
    /** @throws TokenEndpointError the failure that somebody else met a moment ago */
    throwFailure(found: FoundRecord, wanted: Wanted): void;
}

export function createSearch(
    records: RecordStore,
    generations: Generations,
    lastRefreshTokens: LastRefreshTokens,
): Search {
    /** Whether it is neither the token that is to be replaced nor one that was refused. */
    function isAnother({ generation, grant }: SharedToken, context: TokenCreatorContext | undefined): boolean {
        const { previous, reason } = context ?? {};
        const replaced = previous && generations.of(previous.access_token);
        // One that this process did not get from the store may be there all the same.
        const isReplaced = replaced ? replaced === generation : previous?.access_token === grant.access_token;
        if (isReplaced && reason === 'rejected') generations.refuse(generation);
        return !isReplaced && !generations.isRefused(generation);
    }

    return {
        async look({ entry, emit }) {
            const found = await records.read(entry);
            if (found.unreadable) emit({ type: 'unreadable', error: found.unreadable });
            else if (found.generation !== undefined) lastRefreshTokens.remember(entry, found.now().refreshToken);
            return found;
        },
        adoptFrom(found, { name, context, age, emit }) {
            const record = found.now();
            const token = tokenIn(record.tokens, name);
            if (!token || !isUsable(token) || !isAnother(token, context)) return undefined;
            if (ageOf(token) > age()) tellOlderGrant(context);
            const grant = grantOf(record, token);
            generations.remember(grant, token.generation);
            emit({ type: 'adopted', generation: token.generation });
            return grant;
        },
        throwFailure(found, { name }) {
            const { failures } = found.now();
            const failure = Object.hasOwn(failures, name) && failures[name];
            if (failure) throw errorOf(failure);
        },
    };
}
