import { throwIfAborted } from '../abort.js';
import { stopwatch, systemClock } from '../clock.js';
import type { Sharing, TokenCreator } from '../creator.js';
import { readGrant, type TokenGrantResponse } from '../token.js';
import { keepClaim } from './claim.js';
import {
    EMPTY,
    grantOf,
    refreshTokenOf,
    tokenIn,
    withClaim,
    withFailure,
    withGrant,
    type FamilyRecord,
    type SharedRefreshToken,
} from './family-record.js';
import { randomGeneration, type Generations } from './generations.js';
import type { LastRefreshTokens } from './last-refresh-tokens.js';
import { newRecord, type FoundRecord, type NewRecord, type RecordStore } from './record-store.js';
import { sharedFailureOf } from './shared-failure.js';
import { StoreFailure } from './store-failure.js';
import { isAlive, type LockSettings, type Turn } from './turn.js';
import type { Unwritten } from './unwritten.js';
import type { Search, Wanted } from './wanted.js';

export interface CreationSettings {
    readonly creator: TokenCreator;
    readonly records: RecordStore;
    readonly lock: LockSettings;
    /** Milliseconds for which a refusal counts for all. */
    readonly failureDuration: number;
    readonly generations: Generations;
    readonly lastRefreshTokens: LastRefreshTokens;
    readonly unwritten: Unwritten;
    readonly search: Search;
}

/** Creates tokens, for all or for this process alone. */
export interface Creation {
    /** @returns `undefined` when somebody else came first */
    inTurn(turn: Turn, wanted: Wanted): Promise<TokenGrantResponse | undefined>;
    /** Without knowledge of the others. */
    uncoordinated(wanted: Wanted): Promise<TokenGrantResponse>;
}

/** A claim of this process, and what it began with. */
interface Claimed {
    readonly id: string;
    readonly epoch: number;
    readonly refreshToken: SharedRefreshToken | undefined;
    readonly isRemembered: boolean;
}

/** What came of a claim. */
interface Created {
    readonly grant: TokenGrantResponse;
    readonly refreshToken: SharedRefreshToken | undefined;
    /** Milliseconds since the grant was asked for. */
    readonly age: () => number;
}

/**
 * Who creates is decided by a claim: the record in the store is replaced, by compare-and-set, by one that says so, with a
 * generation that only its writer knows. Whoever comes to write with an older generation, however late, adopts what is
 * there.
 */
export function createCreation(settings: CreationSettings): Creation {
    const { creator, records, lock, failureDuration, generations, lastRefreshTokens, unwritten, search } = settings;

    async function inTurn(turn: Turn, wanted: Wanted): Promise<TokenGrantResponse | undefined> {
        const found = await search.look(wanted);
        const adopted = search.adoptFrom(found, wanted);
        if (adopted) return adopted;
        search.throwFailure(found, wanted);
        const record = found.now();
        const { claim, refreshToken = rememberedRefreshToken(found, wanted) } = record;
        const isLeft = turn.lease?.endsWithHolder && claim?.isUnderLock;
        if (isAlive(claim, lock) && !isLeft) return undefined;
        throwIfAborted(wanted.context?.signal); // who logged out while the store was asked wants none any more
        const epoch = wanted.epoch();
        const mine = { id: randomGeneration(), isUnderLock: turn.lease !== undefined };
        const next = newRecord(withClaim({ ...record, refreshToken }, mine, generations.isRefused));
        const age = stopwatch(systemClock);
        if (!(await records.write(wanted.entry, found, next))) {
            await lookAfterConflict(found, wanted);
            return undefined;
        }
        // Who slept meanwhile, with a laptop or a tab, has been replaced.
        if (!isAlive({ ...mine, age: age() }, lock)) return undefined;
        const claimed = { ...mine, epoch, refreshToken, isRemembered: refreshToken !== record.refreshToken };
        if (wanted.epoch() === epoch) return createClaimed(claimed, next, turn, wanted);
        await abandon(mine.id, next, wanted);
        return undefined;
    }

    /** A store that lost all it had leaves what this process remembers. */
    function rememberedRefreshToken(
        { generation, unreadable }: FoundRecord,
        { entry }: Wanted,
    ): SharedRefreshToken | undefined {
        return generation === undefined || unreadable ? lastRefreshTokens.of(entry) : undefined;
    }

    async function createClaimed(
        mine: Claimed,
        next: NewRecord,
        turn: Turn,
        wanted: Wanted,
    ): Promise<TokenGrantResponse | undefined> {
        const { entry, context } = wanted;
        const { id, refreshToken, isRemembered } = mine;
        const claim = keepClaim({ entry, id, next, lease: turn.lease, lock, records, signal: context?.signal });
        const age = stopwatch(systemClock);
        let newest = refreshToken;
        const sharing: Sharing = {
            isExclusive: true,
            refreshToken: refreshToken?.value,
            isRemembered,
            keepDuring: claim.keepDuring,
            replaceRefreshToken(value) {
                if (value !== newest?.value) newest = value ? { value } : undefined;
            },
        };
        return callCreator(wanted, sharing, next.now()).then(
            async (grant) => {
                const created = { grant, refreshToken: refreshTokenOf(grant, age()) ?? newest, age };
                if (wanted.epoch() === mine.epoch) lastRefreshTokens.remember(entry, created.refreshToken);
                const found = await claim.end();
                return unlessUnwritten(() => shareGrant(created, mine, found, wanted), grant, wanted);
            },
            async (error: unknown) => {
                const found = await claim.end();
                const write = (): Promise<boolean> => shareFailure(error, newest, id, found, wanted);
                const hasNews = newest !== refreshToken;
                const isLast = await (hasNews ? unlessUnwritten(write, true, wanted) : write().catch(() => true));
                // Where others have gone on, what they get is worth waiting for.
                if (isLast) throw error;
                return undefined;
            },
        );
    }

    async function unlessUnwritten<T>(write: () => Promise<T>, result: T, { entry, emit }: Wanted): Promise<T> {
        try {
            return await write();
        } catch (error) {
            emit({ type: 'unwritten', error });
            unwritten.keep(entry, write);
            return result;
        }
    }

    async function callCreator(
        { name, context }: Wanted,
        sharing: Sharing,
        record: FamilyRecord,
    ): Promise<TokenGrantResponse> {
        const { previous, ...asked } = context ?? { reason: 'missing' as const, signal: new AbortController().signal };
        const token = tokenIn(record.tokens, name);
        const replaced = token ? grantOf(record, token) : previous;
        const answer = await creator({
            ...asked,
            ...(replaced && { previous: withRefreshToken(replaced, sharing.refreshToken) }),
            sharing,
        });
        return readGrant(answer);
    }

    /** @returns the grant, or that of somebody who came first */
    async function shareGrant(
        { grant, refreshToken, age }: Created,
        mine: Claimed,
        claimed: FoundRecord,
        wanted: Wanted,
    ): Promise<TokenGrantResponse> {
        const { name, entry, epoch, emit } = wanted;
        const generation = randomGeneration();
        let found = claimed;
        while (epoch() === mine.epoch) {
            const record = found.now();
            const newest = newestOf(record, refreshToken, mine);
            const next = newRecord(withGrant(record, mine.id, name, generation, grant, age(), newest));
            if (await records.write(entry, found, next)) {
                generations.remember(grant, generation);
                emit({ type: 'shared', generation });
                return grant;
            }
            found = await lookAfterConflict(found, wanted);
            const adopted = search.adoptFrom(found, wanted);
            if (adopted) return adopted;
        }
        await abandon(mine.id, found, wanted);
        return grant;
    }

    /** Who logged out leaves nothing, but what others have created since. */
    async function abandon(id: string, found: FoundRecord, { entry }: Wanted): Promise<void> {
        if (found.now().claim?.id === id) await records.write(entry, found, newRecord(EMPTY));
    }

    /** @returns whether nobody else has gone on meanwhile */
    async function shareFailure(
        error: unknown,
        newest: SharedRefreshToken | undefined,
        id: string,
        claimed: FoundRecord,
        wanted: Wanted,
    ): Promise<boolean> {
        const failure = sharedFailureOf(error, failureDuration);
        const end = ({ now }: FoundRecord): NewRecord => newRecord(withFailure(now(), wanted.name, failure, newest));
        let found = claimed;
        while (!(await records.write(wanted.entry, found, end(found)))) {
            found = await lookAfterConflict(found, wanted);
            if (found.generation !== undefined && found.now().claim?.id !== id) return false;
        }
        return true;
    }

    async function lookAfterConflict({ generation }: FoundRecord, wanted: Wanted): Promise<FoundRecord> {
        const found = await search.look(wanted);
        if (found.generation === generation) throw new StoreFailure('does not write, though nobody else does');
        return found;
    }

    return { inTurn, uncoordinated: (wanted) => callCreator(wanted, { isExclusive: false }, EMPTY) };
}

function withRefreshToken(grant: TokenGrantResponse, refreshToken: string | undefined): TokenGrantResponse {
    const { refresh_token: _, refresh_token_expires_in: __, ...kept } = grant;
    return { ...kept, ...(refreshToken && { refresh_token: refreshToken }) };
}

/** Whose claim still stands has the newest refresh token; who lost it has none that is newer than what came meanwhile. */
function newestOf(
    { claim, refreshToken }: FamilyRecord,
    newest: SharedRefreshToken | undefined,
    mine: Claimed,
): SharedRefreshToken | undefined {
    const isReplaced = refreshToken !== undefined && refreshToken.value !== mine.refreshToken?.value;
    const isNews = newest !== mine.refreshToken && claim?.id === mine.id;
    return isReplaced && !isNews ? refreshToken : newest;
}
