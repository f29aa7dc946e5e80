import { throwIfAborted } from './abort.js';
import { createBoundedMap, type BoundedMap } from './bounded-map.js';
import { stopwatch, systemClock } from './clock.js';
import type { TokenCreator, TokenCreatorContext } from './creator.js';
import { untilDeparture } from './departure.js';
import { following } from './follow.js';
import { TokenError } from './errors.js';
import { fieldOf, ownOf } from './own.js';
import { nameOf, type TokenParameters } from './parameters.js';
import { typeOf } from './options.js';
import { createRefreshFamily, grantNow, isWithin, type RefreshFamily, type Untold } from './refresh-family.js';
import type { RefreshSettings } from './refresh-settings.js';
import { readGrant, type TokenGrantResponse } from './token.js';

type MaybeContext = TokenCreatorContext | undefined;

/** Neither: there was no refresh token. */
interface Outcome {
    readonly grant?: TokenGrantResponse | undefined;
    readonly refusal?: unknown;
}

/** The creation of a token that is under way. */
interface Flight {
    readonly promise: Promise<TokenGrantResponse>;
    readonly signal: AbortSignal | undefined;
}

interface State {
    readonly families: BoundedMap<RefreshFamily>;
    /** By the name of the token that they create. */
    readonly flights: Map<string, Flight>;
    /** Refresh tokens that came from a source. */
    readonly seeds: Set<string>;
}

/** Who asks, for what. */
interface Wanted {
    readonly name: string;
    /** The name of the family of its `key`. */
    readonly base: string;
    /** The name of a family for that token alone; where refresh tokens are shared, there is none but the common one. */
    readonly ownFamily: string;
    readonly parameters: TokenParameters;
    readonly context: MaybeContext;
    readonly mine: State;
}

const MOST_FAMILIES = 1_000;
// Nobody may send a refresh token while another request with it is out: not even if that hangs for a while.
const LOST_AFTER = 120_000;

const NO_REFRESH_TOKEN = 'there is no refresh token: none was given, it was refused, or forgotten at a log-out';
const UNCOORDINATED =
    'the store that the refresh token is shared through cannot be used, and others may be sending it at this moment';

/** @throws TypeError for what cannot be sent */
function checkedToken(token: unknown): string | undefined {
    if (token === undefined || token === null || typeof token === 'string') return token || undefined;
    throw new TypeError(`credentials.refreshToken gave ${typeOf(token)}, not a string`);
}

function unlessLost<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    const expired = () => new TokenError('timeout', `${what} did not end within ${LOST_AFTER} ms`);
    return untilDeparture((async () => work())(), { timeout: LOST_AFTER, expired });
}

/**
 * A creator that renews with refresh tokens. Its state is the newest refresh token of a family; there is a family for each
 * `key` that is asked for, and one refresh at a time in each, because whatever scope it is for may rotate the token. What
 * is surely not within the grant of that family gets one of its own, if there is a way to create it.
 */
export function createRefreshingCreator(settings: RefreshSettings): TokenCreator {
    const { create, refresh, isRefusal, onRefreshToken } = settings;
    const followed = new WeakSet();
    let { first } = settings;
    let mayBeReplaced = false;
    let state = openState();

    function stays(family: RefreshFamily): boolean {
        const isNeeded = family.isBusy() || !family.isKnown();
        if (!isNeeded && family.generation() > 0) mayBeReplaced = true;
        return isNeeded;
    }

    function openState(): State {
        return { families: createBoundedMap(MOST_FAMILIES, stays), flights: new Map(), seeds: new Set() };
    }

    /** Who logged out is not logged in again by a refresh token from before. */
    function forget(): void {
        state = openState();
        mayBeReplaced = true;
        if (typeof first === 'string') first = undefined;
    }

    function follow(source: TokenCreatorContext['source']): void {
        if (!source || followed.has(source)) return;
        followed.add(source);
        source.subscribe(({ type }) => {
            if (type === 'cleared') forget();
        });
    }

    async function firstFor(parameters: TokenParameters | undefined): Promise<string | undefined> {
        if (typeof first === 'function') return checkedToken(await first(parameters));
        if (parameters?.key !== undefined) return undefined; // it is somebody else's
        const once = first;
        first = undefined;
        return once;
    }

    /** @param scope - what was granted, for a grant that begins a family */
    async function take(
        family: RefreshFamily,
        answer: TokenGrantResponse,
        { name, context, mine }: Wanted,
        scope?: string,
    ) {
        const age = stopwatch(systemClock);
        const grant = family.take(answer, scope);
        context?.sharing?.replaceRefreshToken?.(fieldOf(grant, 'refresh_token'));
        if (state === mine) await tell(family, { grant, name, age, parameters: context?.parameters });
        return grant;
    }

    async function tell(family: RefreshFamily, news: Untold): Promise<void> {
        if (!onRefreshToken) return;
        await family.announce(news, (grant) =>
            unlessLost('onRefreshToken', () => onRefreshToken(grant, news.parameters)),
        );
    }

    function renew(family: RefreshFamily, isForOthers: boolean, wanted: Wanted): Promise<Outcome> {
        const { context } = wanted;
        return family.inTurn(async (refreshToken) => {
            throwIfAborted(context?.signal);
            if (!refreshToken) return {};
            // What the application could not persist is not used up: it is told again first.
            const untold = family.untold();
            if (untold) await tell(family, untold);
            const kept = untold?.name === wanted.name && grantNow(untold);
            if (kept) return { grant: kept };
            // Not aborted: once it is on the wire the server may have rotated the refresh token.
            const lasting = context && { ...context, signal: new AbortController().signal };
            let answer: TokenGrantResponse;
            try {
                const sending = unlessLost('the refresh', () => refresh(refreshToken, lasting));
                context?.sharing?.keepDuring?.(sending);
                answer = readGrant(await sending);
            } catch (refusal) {
                if (!isRefusal(refusal)) throw refusal;
                if (!isForOthers) {
                    family.drop();
                    context?.sharing?.replaceRefreshToken?.(undefined);
                }
                return { refusal };
            }
            return { grant: await take(family, answer, wanted) };
        });
    }

    /** Asks the application for a refresh token, which meanwhile may have been replaced here. */
    async function seedFromFirst(family: RefreshFamily, { context }: Wanted): Promise<boolean> {
        const generation = family.generation();
        const stored = await firstFor(context?.parameters);
        return family.generation() === generation && family.seed(stored);
    }

    /** By the refresh token of the family, or by one that the application has. */
    async function renewWithAny(family: RefreshFamily, isForOthers: boolean, wanted: Wanted): Promise<Outcome> {
        if (!family.isAlive() && first) await seedFromFirst(family, wanted);
        const outcome = await renew(family, isForOthers, wanted);
        // Another process may have stored a newer one.
        const mayDiffer = outcome.refusal && typeof first === 'function';
        if (!mayDiffer || !(await seedFromFirst(family, wanted))) return outcome;
        return { ...outcome, ...(await renew(family, isForOthers, wanted)) };
    }

    async function createAnew(creator: TokenCreator, wanted: Wanted): Promise<TokenGrantResponse> {
        const { ownFamily, parameters, context, mine } = wanted;
        const family = mine.families.open(ownFamily, createRefreshFamily);
        const generation = family.generation();
        const answer = readGrant(await family.during(() => creator(context)));
        return family.inTurn(async () => {
            // One that comes too late, after another, is still good for the one who asked.
            if (family.generation() !== generation) return answer;
            family.drop();
            return take(family, answer, wanted, answer.scope ?? parameters.scope ?? settings.scope);
        });
    }

    /** The family of all who share it. */
    async function sharedFamily({ base, parameters, context, mine }: Wanted): Promise<RefreshFamily> {
        const family = mine.families.open(base, createRefreshFamily);
        const { refreshToken, isRemembered } = context?.sharing ?? {};
        // What the application keeps is newer than what one process remembers.
        const kept = isRemembered && typeof first === 'function' ? await firstFor(parameters) : undefined;
        const newest = kept ?? refreshToken;
        if (newest === undefined) return family;
        family.seed(newest);
        // It is the first one of all, and has been replaced.
        if (typeof first === 'string' && parameters.key === undefined) first = undefined;
        return family;
    }

    /** Whose refresh token may give what is wanted. */
    function familyFor({ base, ownFamily, parameters, mine }: Wanted): RefreshFamily {
        const own = mine.families.peek(ownFamily);
        if (own?.generation()) return own;
        const common = mine.families.open(base, createRefreshFamily);
        const { scope, challenge } = parameters;
        // No refresh makes a token stronger.
        const isCommon = !challenge && common.isAlive() && common.covers(scope);
        return isCommon || !create ? common : mine.families.open(ownFamily, createRefreshFamily);
    }

    /** Only what was never in this state: a source may hold refresh tokens that were replaced long ago. */
    function seedFromPrevious(family: RefreshFamily, { base, context, mine }: Wanted): void {
        const { refresh_token: token, refresh_token_expires_in: lifetime } = ownOf<Partial<TokenGrantResponse>>(
            context?.previous ?? {},
        );
        const isNew = !family.generation() && !mine.families.peek(base)?.generation();
        if (!token || mayBeReplaced || !isNew || mine.seeds.has(token)) return;
        mine.seeds.add(token);
        family.seed(token, lifetime);
    }

    async function obtain(wanted: Wanted): Promise<TokenGrantResponse> {
        const { name, base, parameters, context, mine } = wanted;
        const { scope, resource, audience, challenge } = parameters;
        const { sharing } = context ?? {};
        if (sharing && !sharing.isExclusive) return createUncoordinated(wanted);
        const begun = name === base ? undefined : mine.flights.get(base);
        // Its refresh token may do for this as well. Not awaited without need: what a creator sends while it is called,
        // the source knows as the creator's own.
        if (begun && !mine.families.peek(base)?.isAlive()) await begun.promise.catch(() => {});
        const family = sharing ? await sharedFamily(wanted) : familyFor(wanted);
        if (!sharing) seedFromPrevious(family, wanted);
        // A refusal for the parameters leaves the refresh token to the others of its family. But servers have been seen to
        // use it up before they look at the resource: where there is another way, it is not sent again then.
        const isForOthers = name !== base && family !== mine.families.peek(name) && !(create && (resource || audience));
        const isTooWeak = challenge && (sharing || context?.reason === 'rejected');
        const mayRenew = !create || (family.isAlive() && !isTooWeak && (!sharing || family.covers(scope)));
        const { grant, refusal }: Outcome = mayRenew
            ? await family.during(() => renewWithAny(family, isForOthers, wanted))
            : {};
        if (grant && (!create || isWithin(scope, grant.scope ?? scope))) return grant;
        throwIfAborted(context?.signal);
        if (create) return createAnew(create, wanted);
        throw refusal ?? new TokenError('cleared', NO_REFRESH_TOKEN);
    }

    async function createUncoordinated(wanted: Wanted): Promise<TokenGrantResponse> {
        if (create) return createAnew(create, wanted);
        throw new TokenError('uncoordinated', UNCOORDINATED);
    }

    const creator: TokenCreator = async (context) => {
        follow(context?.source);
        const mine = state;
        const { parameters = {}, signal, sharing } = context ?? {};
        const name = nameOf(parameters);
        const base = nameOf(parameters.key === undefined ? undefined : { key: parameters.key });
        const ownFamily = sharing ? base : name;
        const running = mine.flights.get(name);
        if (running) {
            try {
                return await (signal ? untilDeparture(running.promise, { signal }) : running.promise);
            } catch (error) {
                const isGivenUp = running.signal?.aborted && !signal?.aborted;
                if (isGivenUp) return creator(context);
                throw error;
            }
        }
        const flight: Flight = { promise: obtain({ name, base, ownFamily, parameters, context, mine }), signal };
        const land = (): void => {
            signal?.removeEventListener('abort', land);
            if (mine.flights.get(name) === flight) mine.flights.delete(name);
        };
        mine.flights.set(name, flight);
        // Who comes after a creator that hangs does not wait for it as well.
        signal?.addEventListener('abort', land);
        return flight.promise.finally(land);
    };
    return following(creator, follow);
}
