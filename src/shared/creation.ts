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
import { sharedFailureOf, type SharedFailure } from './shared-failure.js';
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
        if (isAlive(claim, lock) && !isLeft) return undefined;
        const epoch = wanted.epoch();
        const mine = { id: randomGeneration(), isUnderLock: turn.lease !== undefined };
        const next = newRecord(withClaim(found.now(), mine, generations.isRefused));
        const age = stopwatch(systemClock);
        if (!(await records.write(wanted.entry, found, next))) {
            await lookAfterConflict(found, wanted);
            return undefined;
        }
        // Who slept meanwhile, with a laptop or a tab, has been replaced.
        if (!isAlive({ ...mine, age: age() }, lock)) return undefined;
        if (wanted.epoch() === epoch) return createClaimed({ ...mine, epoch, refreshToken }, next, turn, wanted);
        await endClaim(next, wanted);
        return undefined;
    }

    /** A store that lost all it had leaves what this process remembers, unless that is from before a log-out. */
    function rememberedRefreshToken({ generation }: FoundRecord, { context }: Wanted): SharedRefreshToken | undefined {
        const { previous } = context ?? {};
        const isKnown = generation === undefined && previous && generations.of(previous.access_token);
        return isKnown ? refreshTokenOf(previous, 0) : undefined;
    }

    async function createClaimed(
        mine: Claimed,
        next: NewRecord,
        turn: Turn,
        wanted: Wanted,
    ): Promise<TokenGrantResponse | undefined> {
        const { entry, context } = wanted;
        const { id, refreshToken } = mine;
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
                const found = await claim.end();
                return unlessUnwritten(() => shareGrant(grant, newest, mine, found, wanted, age), grant, wanted);
            },
            async (error: unknown) => {
                const found = await claim.end();
                const write = (): Promise<boolean> => shareFailure(error, newest, found, wanted);
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
        mine: Claimed,
        claimed: FoundRecord,
        wanted: Wanted,
        age: () => number,
    ): Promise<TokenGrantResponse> {
        const { name, entry, epoch, emit } = wanted;
        const generation = randomGeneration();
        let found = claimed;
        while (epoch() === mine.epoch) {
            const record = found.now();
            const refreshToken = newestOf(record, newest, mine);
            const next = newRecord(withGrant(record, mine.id, name, generation, grant, age(), refreshToken));
            if (await records.write(entry, found, next)) {
                generations.remember(grant, generation);
                emit({ type: 'shared', generation });
                return grant;
            }
            found = await lookAfterConflict(found, wanted);
            const adopted = search.adoptFrom(found, wanted);
            if (adopted) return adopted;
        }
        await endClaim(found, wanted);
        return grant;
    }

    /** Nobody need wait for what somebody wanted who logged out. */
    async function endClaim(claimed: FoundRecord, wanted: Wanted): Promise<void> {
        await records.write(wanted.entry, claimed, failed(claimed, wanted, undefined, claimed.now().refreshToken));
    }

    /** @returns whether nobody else has gone on meanwhile */
    async function shareFailure(
        error: unknown,
        newest: SharedRefreshToken | undefined,
        claimed: FoundRecord,
        wanted: Wanted,
    ): Promise<boolean> {
        const failure = sharedFailureOf(error, failureDuration);
        let found = claimed;
        while (!(await records.write(wanted.entry, found, failed(found, wanted, failure, newest)))) {
            found = await lookAfterConflict(found, wanted);
            if (found.generation !== undefined) return false;
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

function failed(
    found: FoundRecord,
    { name }: Wanted,
    failure: SharedFailure | undefined,
    newest: SharedRefreshToken | undefined,
): NewRecord {
    return newRecord(withFailure(found.now(), name, failure, newest));
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
