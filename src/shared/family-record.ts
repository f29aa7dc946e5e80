import { freshnessAt, freshnessWindows } from '../freshness.js';
import { ownOf } from '../own.js';
import { readGrant, type TokenGrantResponse } from '../token.js';
import { checkRecord } from './record-check.js';
import type { SharedFailure } from './shared-failure.js';

/** A token as it is shared. Durations are milliseconds, as of the moment at which the record was read or is written. */
export interface SharedToken {
    /** Tells this token from all others: in memory, in the store and among those that were refused. */
    readonly generation: string;
    /** Without what changes with time, and without the refresh token, which is not this token's alone. */
    readonly grant: TokenGrantResponse;
    /** How long it was good for when it was requested; absent when the server did not tell. */
    readonly lifetime?: number | undefined;
    readonly timeLeft?: number | undefined;
    /** A resource server refused it. */
    readonly isRefused?: boolean;
}

/** Somebody is creating a token. */
export interface Claim {
    readonly id: string;
    readonly isUnderLock: boolean;
    /** Since it was made or renewed. */
    readonly age: number;
}

/** The one refresh token of a family. */
export interface SharedRefreshToken {
    readonly value: string;
    readonly timeLeft?: number | undefined;
}

/**
 * What is shared of a family: the tokens of all parameters that one refresh token may give, and their failures, by the
 * names of the parameters. They are one record because that refresh token is to be sent by one at a time.
 */
export interface FamilyRecord {
    readonly tokens: Readonly<Record<string, SharedToken>>;
    readonly failures: Readonly<Record<string, SharedFailure>>;
    readonly refreshToken?: SharedRefreshToken | undefined;
    readonly claim?: Claim | undefined;
}

export const EMPTY: FamilyRecord = { tokens: {}, failures: {} };

const DAY = 86_400_000;
// Of those whose lifetime the server did not tell.
const TOKEN_KEPT = DAY;
const REFRESH_TOKEN_KEPT = 30 * DAY;
// What every store can count to.
const LONGEST_KEPT = 36_500 * DAY;
const EXPIRY_LEEWAY = 10_000;

type Timed = { readonly timeLeft?: number | undefined };

/** @returns milliseconds for which a store is to keep a record, at least those given */
export function timeToLiveOf({ tokens, failures, refreshToken }: FamilyRecord, least: number): number {
    const times = [
        ...Object.values(tokens).map(({ timeLeft = TOKEN_KEPT }) => timeLeft),
        ...Object.values(failures).map(({ timeLeft }) => timeLeft),
        refreshToken ? (refreshToken.timeLeft ?? REFRESH_TOKEN_KEPT) : 0,
    ];
    return Math.ceil(
        Math.min(
            times.reduce((most, time) => Math.max(most, time), least),
            LONGEST_KEPT,
        ),
    );
}

/** @param timeToLive - how long the store is told to keep it: what is left of that tells the record's age */
export function writeRecord(record: FamilyRecord, timeToLive: number): string {
    return JSON.stringify({ timeToLive, ...record });
}

/**
 * Reads a record as it is now. No machine's clock is asked for: what its time to live lost since it was written is its age.
 *
 * @throws for what is no record
 */
export function readRecord(text: string, timeToLive: number): FamilyRecord {
    const written: unknown = JSON.parse(text);
    checkRecord(written);
    const tokens = mapValues(written.tokens, (token) => ({ ...token, grant: readGrant(token.grant) }));
    const age = Math.max(0, written.timeToLive - timeToLive);
    if (!Number.isFinite(timeToLive)) throw new TypeError('nobody knows how old that is');
    return recordAfter({ ...written, tokens }, age);
}

/** A record as it is a while later, milliseconds. */
export function recordAfter({ tokens, failures, refreshToken, claim }: FamilyRecord, age: number): FamilyRecord {
    return {
        tokens: aged(tokens, age),
        failures: since(aged(failures, age), 0),
        refreshToken: refreshToken && aged({ refreshToken }, age)['refreshToken'],
        claim: claim && { ...claim, age: claim.age + age },
    };
}

function aged<T extends Timed>(values: Readonly<Record<string, T>>, age: number): Record<string, T> {
    return mapValues(values, (value) =>
        value.timeLeft === undefined ? value : { ...value, timeLeft: value.timeLeft - age },
    );
}

/** Those that still count at the end of a time. */
function since<T extends Timed>(values: Readonly<Record<string, T>>, end: number): Record<string, T> {
    return Object.fromEntries(Object.entries(values).filter(([, { timeLeft = 1 }]) => timeLeft > end));
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

export function tokenIn(tokens: FamilyRecord['tokens'], name: string): SharedToken | undefined {
    return Object.hasOwn(tokens, name) ? tokens[name] : undefined;
}

/** Milliseconds since a token was asked for; endless where its lifetime is not known. */
export function ageOf({ lifetime = Infinity, timeLeft = 0 }: SharedToken): number {
    return lifetime - timeLeft;
}

/** Whether a token may be given to somebody, as far as its time and its refusal go. */
export function isUsable(token: SharedToken): boolean {
    if (token.isRefused) return false;
    if (token.lifetime === undefined) return true;
    return freshnessAt(freshnessWindows(token.lifetime, 0, EXPIRY_LEEWAY, 0), ageOf(token)) !== 'stale';
}

/** The grant that somebody gets who adopts a token. */
export function grantOf({ refreshToken }: FamilyRecord, { grant, timeLeft }: SharedToken): TokenGrantResponse {
    return {
        ...grant,
        ...(timeLeft !== undefined && { expires_in: Math.floor(timeLeft) / 1_000 }),
        ...(refreshToken && { refresh_token: refreshToken.value }),
        ...(refreshToken?.timeLeft !== undefined && {
            refresh_token_expires_in: Math.floor(refreshToken.timeLeft) / 1_000,
        }),
    };
}

/** Says that somebody is creating a token, and which tokens that one knows to be refused: they are so for all. */
export function withClaim(
    record: FamilyRecord,
    claim: Omit<Claim, 'age'>,
    isRefused: (generation: string) => boolean,
): FamilyRecord {
    const tokens = mapValues(record.tokens, (token) =>
        isRefused(token.generation) ? { ...token, isRefused: true } : token,
    );
    return { ...record, tokens, claim: { ...claim, age: 0 } };
}

/** The refresh token of a grant that was asked for `age` milliseconds ago. */
export function refreshTokenOf(grant: TokenGrantResponse, age: number): SharedRefreshToken | undefined {
    const { refresh_token: value, refresh_token_expires_in: lifetime } = ownOf(grant);
    return value ? { value, timeLeft: lifetime === undefined ? undefined : lifetime * 1_000 - age } : undefined;
}

/**
 * Ends a claim, which is not that of somebody else, with a token.
 *
 * @param age - milliseconds since the grant was asked for
 */
export function withGrant(
    { tokens, failures, claim }: FamilyRecord,
    claimId: string,
    name: string,
    generation: string,
    answer: TokenGrantResponse,
    age: number,
    refreshToken: SharedRefreshToken | undefined,
): FamilyRecord {
    const { expires_in, refresh_token: _, refresh_token_expires_in: __, ...grant } = ownOf(answer);
    const lifetime = expires_in === undefined ? undefined : expires_in * 1_000;
    const timeLeft = lifetime === undefined ? undefined : lifetime - age;
    // Custom creators find their refresh token in the grant that is replaced, even when that has long expired.
    const kept = since(tokens, refreshToken ? -REFRESH_TOKEN_KEPT : 0);
    return {
        tokens: { ...kept, [name]: { generation, grant, lifetime, timeLeft } },
        failures: without(failures, name),
        refreshToken,
        claim: claim?.id === claimId ? undefined : claim,
    };
}

/** Ends the claim without a token. */
export function withFailure(
    { tokens, failures }: FamilyRecord,
    name: string,
    failure: SharedFailure | undefined,
    refreshToken: SharedRefreshToken | undefined,
): FamilyRecord {
    return { tokens, failures: failure ? { ...failures, [name]: failure } : failures, refreshToken };
}

function without<T>(values: Readonly<Record<string, T>>, name: string): Record<string, T> {
    return Object.fromEntries(Object.entries(values).filter(([each]) => each !== name));
}
