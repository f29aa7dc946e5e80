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
import { newRecord, type FoundRecord, type NewRecord, type RecordStore } from './record-store.js';
import { sharedFailureOf } from './shared-failure.js';
import { StoreFailure } from './store-failure.js';
import type { LockSettings, Turn } from './turn.js';
import type { Unwritten } from './unwritten.js';
import type { Search, Wanted } from './wanted.js';

export interface CreationSettings {
    readonly creator: TokenCreator;
    readonly records: RecordStore;
    readonly lock: LockSettings;
    /** Milliseconds for which a refusal counts for all. */
    readonly failureDuration: number;
    readonly generations: Generations;
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

/** A claim of this process, and the refresh token that it began with. */
interface Claimed {
    readonly id: string;
    readonly found: FoundRecord;
    readonly refreshToken: SharedRefreshToken | undefined;
}

/**
 * Who creates is decided by a claim: the record in the store is replaced, by compare-and-set, by one that says so, with a
 * generation that only its writer knows. Whoever comes to write with an older generation, however late, adopts what is
 * there.
 */
export function createCreation(settings: CreationSettings): Creation {
    const { creator, records, lock, failureDuration, generations, unwritten, search } = settings;

    async function inTurn(turn: Turn, wanted: Wanted): Promise<TokenGrantResponse | undefined> {
        const found = await search.look(wanted);
        const adopted = search.adoptFrom(found, wanted);
        if (adopted) return adopted;
        search.throwFailure(found, wanted);
        const { claim, refreshToken = rememberedRefreshToken(found, wanted) } = found.now();
        const isLeft = turn.lease?.endsWithHolder && claim?.isUnderLock;
        if (claim && claim.age < lock.duration && !isLeft) return undefined;
        const mine = { id: randomGeneration(), isUnderLock: turn.lease !== undefined };
        const next = newRecord(withClaim(found.now(), mine, generations.isRefused));
        const age = stopwatch(systemClock);
        if (!(await records.write(wanted.entry, found, next))) {
            await lookAfterConflict(found, wanted);
            return undefined;
        }
        // Who slept meanwhile, with a laptop or a tab, has been replaced.
        if (age() >= lock.duration) return undefined;
        if (wanted.isCurrent()) return createClaimed(mine.id, next, refreshToken, turn, wanted);
        // Its removal came too early.
        await records.write(wanted.entry, next, newRecord(EMPTY));
        return undefined;
    }

    /** A store that lost all it had leaves what this process remembers, unless that is from before a log-out. */
    function rememberedRefreshToken({ generation }: FoundRecord, { context }: Wanted): SharedRefreshToken | undefined {
        const { previous } = context ?? {};
        const isKnown = generation === undefined && previous && generations.of(previous.access_token);
        return isKnown ? refreshTokenOf(previous, 0) : undefined;
    }

    async function createClaimed(
        id: string,
        next: NewRecord,
        refreshToken: SharedRefreshToken | undefined,
        turn: Turn,
        wanted: Wanted,
    ): Promise<TokenGrantResponse | undefined> {
        const { entry, context } = wanted;
        const claim = keepClaim(entry, id, next, turn, lock, records, context?.signal);
        const age = stopwatch(systemClock);
        let newest = refreshToken;
        const sharing: Sharing = {
            isExclusive: true,
            refreshToken: refreshToken?.value,
            replaceRefreshToken(value) {
                if (value !== newest?.value) newest = value ? { value } : undefined;
            },
        };
        return callCreator(wanted, sharing, next.now()).then(
            async (grant) => {
                newest = refreshTokenOf(grant, age()) ?? newest;
                const claimed = { id, found: await claim.end(), refreshToken };
                return unlessUnwritten(() => shareGrant(grant, newest, claimed, wanted, age), grant, wanted);
            },
            async (error: unknown) => {
                const claimed = { id, found: await claim.end(), refreshToken };
                const write = (): Promise<boolean> => shareFailure(error, newest, claimed, wanted);
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
        grant: TokenGrantResponse,
        newest: SharedRefreshToken | undefined,
        claimed: Claimed,
        wanted: Wanted,
        age: () => number,
    ): Promise<TokenGrantResponse> {
        const { name, entry, isCurrent, emit } = wanted;
        const generation = randomGeneration();
        let { found } = claimed;
        while (isCurrent()) {
            const record = found.now();
            // One that came meanwhile is newer than what came of the one before it.
            const isReplaced = record.refreshToken && record.refreshToken.value !== claimed.refreshToken?.value;
            const refreshToken = found !== claimed.found && isReplaced ? record.refreshToken : newest;
            const next = newRecord(withGrant(record, claimed.id, name, generation, grant, age(), refreshToken));
            if (await records.write(entry, found, next)) {
                generations.remember(grant, generation);
                emit({ type: 'shared', generation });
                return grant;
            }
            found = await lookAfterConflict(found, wanted);
            const adopted = search.adoptFrom(found, wanted);
            if (adopted) return adopted;
        }
        return grant;
    }

    /** @returns whether nobody else has gone on meanwhile */
    async function shareFailure(
        error: unknown,
        newest: SharedRefreshToken | undefined,
        { found }: Claimed,
        { entry, name }: Wanted,
    ): Promise<boolean> {
        const failure = sharedFailureOf(error, failureDuration);
        const isWritten = await records.write(entry, found, newRecord(withFailure(found.now(), name, failure, newest)));
        return isWritten || (await records.read(entry)).generation === undefined;
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
