import { createBoundedMap, type BoundedMap } from './bounded-map.js';
import type { TokenCreator, TokenCreatorContext } from './creator.js';
import { untilDeparture } from './departure.js';
import { TokenError } from './errors.js';
import { nameOf, type TokenParameters } from './parameters.js';
import { createRefreshFamily, type RefreshFamily } from './refresh-family.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { readGrant, type TokenGrantResponse } from './token.js';

type MaybeContext = TokenCreatorContext | undefined;

/** Neither: there was no refresh token. */
interface Outcome {
    readonly grant?: TokenGrantResponse | undefined;
    readonly refusal?: unknown;
}

interface State {
    readonly families: BoundedMap<RefreshFamily>;
    /** Creations under way, by the name of the token that they create. */
    readonly flights: Map<string, Promise<TokenGrantResponse>>;
}

/** What an application may say about the refresh tokens of a creator. */
export interface RefreshTokenOptions {
    /**
     * Is told of each new refresh token, in its grant, before that is used: to persist it. Creation waits for what it
     * returns, and fails with what it throws; the refresh token is kept in memory all the same.
     */
    onRefreshToken?: (grant: TokenGrantResponse, parameters?: TokenParameters) => unknown;
}

/** The first refresh token, or where it is kept. A function is asked again after a refusal, a string is used once. */
export type FirstRefreshToken =
    | string
    | ((parameters?: TokenParameters) => string | undefined | Promise<string | undefined>);

export interface RefreshSettings extends RefreshTokenOptions {
    /** Asks for a new grant with a refresh token (RFC 6749 section 6). */
    readonly refresh: (refreshToken: string, context: MaybeContext) => Promise<TokenGrantResponse>;
    /** Creates a grant where no refresh token helps; without it a refusal is the answer. */
    readonly create?: TokenCreator | undefined;
    readonly first?: FirstRefreshToken | undefined;
}

const MOST_FAMILIES = 1_000;
const REFUSALS = [400, 401, 403];
// Nobody may send a refresh token while another request with it is out: not even if that hangs for a while.
const LOST_AFTER = 120_000;
const LOST = {
    timeout: LOST_AFTER,
    aborted: () => undefined,
    expired: () => new TokenError('timeout', `no answer to the refresh token within ${LOST_AFTER} ms`),
};
const NO_REFRESH_TOKEN = 'there is no refresh token: none was given, or it was forgotten when the source was cleared';

function openState(): State {
    return { families: createBoundedMap(MOST_FAMILIES, (family) => family.isBusy()), flights: new Map() };
}

function isRefusal(error: unknown): boolean {
    const { status, response } = Object(error) as { status?: unknown; response?: { status?: unknown } };
    return REFUSALS.includes((status ?? response?.status) as number);
}

/**
 * A creator that renews with refresh tokens. Its state is the newest refresh token of a family; there is a family for each
 * `key` that is asked for, and one refresh at a time in each, because whatever scope or resource it is for may rotate the
 * token. Where the server refuses parameters, they get a family of their own.
 */
export function createRefreshingCreator({
    create,
    refresh,
    onRefreshToken,
    ...settings
}: RefreshSettings): TokenCreator {
    const followed = new WeakSet();
    let first = settings.first;
    let state = openState();

    /** Who logged out is not logged in again by a refresh token from before. */
    function forget(): void {
        state = openState();
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
        if (typeof first === 'function') return first(parameters);
        if (parameters?.key !== undefined) return undefined; // it is somebody else's
        const once = first;
        first = undefined;
        return once;
    }

    async function take(family: RefreshFamily, answer: unknown, context: MaybeContext, mine: State) {
        const grant = family.take(readGrant(answer));
        const { parameters } = context ?? {};
        if (state === mine) await family.announce(grant, onRefreshToken && (() => onRefreshToken(grant, parameters)));
        return grant;
    }

    async function renew(
        family: RefreshFamily,
        isForeign: boolean,
        context: MaybeContext,
        mine: State,
    ): Promise<Outcome> {
        return family.inTurn(async (refreshToken) => {
            context?.signal?.throwIfAborted();
            if (!refreshToken) return {};
            // Not aborted: once it is on the wire the server may have rotated the refresh token.
            const lasting = context && { ...context, signal: new AbortController().signal };
            let answer: unknown;
            try {
                answer = await untilDeparture((async () => refresh(refreshToken, lasting))(), LOST);
            } catch (refusal) {
                if (!isRefusal(refusal)) throw refusal;
                if (!isForeign) family.drop();
                return { refusal };
            }
            return { grant: await take(family, answer, context, mine) };
        });
    }

    /** By the refresh token of the family, or by one that the application has. */
    async function renewWithAny(
        family: RefreshFamily,
        isForeign: boolean,
        context: MaybeContext,
        mine: State,
    ): Promise<Outcome> {
        const attempt = async (): Promise<Outcome> => {
            if (!family.isAlive() && first) family.seed(await firstFor(context?.parameters));
            return family.isAlive() || !create ? renew(family, isForeign, context, mine) : {};
        };
        const { grant, refusal } = await attempt();
        // Another process may have stored a newer one.
        const mayDiffer = refusal && !isForeign && typeof first === 'function';
        return mayDiffer ? { refusal, ...(await attempt()) } : { grant, refusal };
    }

    async function createAnew(
        creator: TokenCreator,
        name: string,
        context: MaybeContext,
        mine: State,
    ): Promise<TokenGrantResponse> {
        const family = mine.families.open(name, createRefreshFamily);
        const generation = family.generation();
        const answer = await creator(context);
        // One that comes too late, after another, is still good for the one who asked.
        if (family.generation() !== generation) return answer;
        family.drop();
        return take(family, answer, context, mine);
    }

    async function obtain(name: string, context: MaybeContext, mine: State): Promise<TokenGrantResponse> {
        const { key, challenge } = context?.parameters ?? {};
        // No refresh makes a token stronger.
        const base = challenge && create ? name : nameOf(key === undefined ? undefined : { key });
        const own = mine.families.peek(name);
        const family = own?.generation() ? own : mine.families.open(base, createRefreshFamily);
        const isForeign = family !== own && name !== base;
        const known = mine.flights.get(base);
        if (isForeign && known && !family.isAlive()) await known.catch(() => {});
        const { previous } = context ?? {};
        if (family.generation() === 0) family.seed(previous?.refresh_token, previous?.refresh_token_expires_in);

        // Not awaited without need: what a creator sends while it is called, the source knows as the creator's own.
        const { grant, refusal }: Outcome =
            family.isAlive() || first || !create ? await renewWithAny(family, isForeign, context, mine) : {};
        if (grant) return grant;
        context?.signal?.throwIfAborted();
        if (create) return createAnew(create, name, context, mine);
        throw refusal ?? new TokenError('cleared', NO_REFRESH_TOKEN);
    }

    return (context) => {
        follow(context?.source);
        const mine = state;
        const name = nameOf(context?.parameters);
        const running = mine.flights.get(name);
        if (running) return running;
        const flight = obtain(name, context, mine);
        const land = () => {
            context?.signal?.removeEventListener('abort', land);
            if (mine.flights.get(name) === flight) mine.flights.delete(name);
        };
        flight.then(land, land);
        // Who comes after a creator that hangs does not wait for it as well.
        context?.signal?.addEventListener('abort', land);
        mine.flights.set(name, flight);
        return flight;
    };
}

/** Refreshes at a token endpoint. */
export function refreshBy(request: TokenEndpoint): RefreshSettings['refresh'] {
    // Without a scope of its own: the server may have granted less than the creator asks for, and would refuse the rest.
    return (refreshToken, context) =>
        request(
            { grant_type: 'refresh_token', refresh_token: refreshToken, scope: context?.parameters?.scope },
            { parameters: context?.parameters },
        );
}
