import { throwIfAborted } from '../abort.js';
import { createBoundedMap } from '../bounded-map.js';
import { stopwatch, systemClock } from '../clock.js';
import type { TokenCreator, TokenCreatorContext } from '../creator.js';
import { notify } from '../events.js';
import { announce, following } from '../follow.js';
import { nameOf } from '../parameters.js';
import type { TokenGrantResponse } from '../token.js';
import { watchChanges } from './changes.js';
import { createCreation } from './creation.js';
import type { SharedTokenEvent, SharedTokenEventListener } from './events.js';
import { ageOf, type SharedToken } from './family-record.js';
import { createGenerations } from './generations.js';
import { createLastRefreshTokens } from './last-refresh-tokens.js';
import type { RecordStore } from './record-store.js';
import { StoreFailure } from './store-failure.js';
import { graceOf, queueFor, type LockSettings } from './turn.js';
import { createUnwritten } from './unwritten.js';
import { createSearch, type Wanted } from './wanted.js';

export interface SharingSettings {
    readonly records: RecordStore;
    readonly lock: LockSettings;
    /** The name in the store of what belongs to a `key` of the parameters. */
    readonly nameOfEntry: (key: string | undefined) => string | Promise<string>;
    /** Milliseconds for which a refusal counts for all. */
    readonly failureDuration: number;
    readonly onEvent?: SharedTokenEventListener | undefined;
    /** A source was cleared; where it is given, the others can be by `clearSources`. */
    readonly onCleared?: (() => void) | undefined;
}

/** A creator that shares what it creates. */
export interface SharingCreator {
    readonly creator: TokenCreator;
    /** Clears the sources that it serves, for somebody else who was cleared. */
    clearSources(): void;
}

// Those of more are not removed at a log-out.
const MOST_ENTRIES = 1_000;
// More than the longest pause between two attempts of a source.
const NEEDED_SOON = 120_000;

/** A creator that gives what others created, and creates where nobody else does. */
export function createSharingCreator(creator: TokenCreator, settings: SharingSettings): SharingCreator {
    const { records, lock, nameOfEntry, onEvent, onCleared } = settings;
    const generations = createGenerations();
    const unwritten = createUnwritten(graceOf(lock) / 2);
    const lastRefreshTokens = createLastRefreshTokens();
    const search = createSearch(records, generations, lastRefreshTokens);
    const creation = createCreation({ ...settings, creator, generations, lastRefreshTokens, unwritten, search });
    const followed = new WeakSet();
    const sources = new Set<Required<TokenCreatorContext>['source']>();
    const entries = createBoundedMap<Promise<string>>(MOST_ENTRIES, () => false);
    const mainEntry = named(undefined);
    let epoch = 0;
    let isClearing = false;

    function forget(): void {
        epoch += 1;
        generations.refuseAll();
        unwritten.forget();
        lastRefreshTokens.forget();
    }

    function follow(source: TokenCreatorContext['source']): void {
        if (!source || followed.has(source)) return;
        followed.add(source);
        announce(source, creator);
        if (onCleared) sources.add(source);
        source.subscribe(({ type }) => {
            if (type !== 'cleared' || isClearing) return;
            const age = stopwatch(systemClock);
            forget();
            // The main one even if nobody has asked for it here: whoever logs out knows of no other token.
            for (const entry of [mainEntry, ...entries.values()])
                entry.then((name) => remove(name, age)).catch(() => {});
            onCleared?.();
        });
    }

    /**
     * Whatever is not removed logs in again who logged out; but what others created since then is theirs.
     *
     * @param age - milliseconds since the log-out
     */
    function remove(entry: string, age: () => number): void {
        const isNew = (token: SharedToken): boolean => !generations.isRefused(token.generation) && ageOf(token) < age();
        unwritten.keep(entry, async () => {
            const { generation, now } = await records.read(entry);
            const tokens = Object.values(now().tokens);
            const isEmpty = tokens.length === 0;
            if (generation !== undefined && (isEmpty || !tokens.every(isNew))) await records.remove(entry);
        });
        unwritten.flush(entry).catch(() => {});
    }

    function clearSources(): void {
        forget();
        isClearing = true;
        for (const source of sources) source.clear();
        isClearing = false;
    }

    async function coordinate(wanted: Wanted): Promise<TokenGrantResponse> {
        const { entry, context, emit } = wanted;
        const changes = watchChanges((listener) => records.subscribe(entry, listener));
        const queue = queueFor(entry, lock, (error) => emit({ type: 'unlocked', error }));
        let isWaiting = false;
        try {
            await unwritten.flush(entry);
            for (;;) {
                throwIfAborted(context?.signal);
                const found = await search.look(wanted);
                const adopted = search.adoptFrom(found, wanted);
                if (adopted) return adopted;
                search.throwFailure(found, wanted);
                const turn = await queue.take(found.now().claim);
                if (turn) changes.end();
                const created = turn && (await creation.inTurn(turn, wanted).finally(turn.end));
                if (created) return created;
                if (!isWaiting) emit({ type: 'waiting' });
                isWaiting = true;
                await changes.next(queue.patience(found.now().claim), context?.signal);
            }
        } finally {
            changes.end();
        }
    }

    /** Whether there is time to try again before anybody needs a token of its own. */
    function isEarly({ context }: Wanted): boolean {
        if (context?.reason !== 'ahead' || !context.previous) return false;
        return (generations.timeLeft(context.previous.access_token) ?? 0) > NEEDED_SOON;
    }

    function named(key: string | undefined): Promise<string> {
        const name = Promise.resolve(nameOfEntry(key));
        name.catch(() => {}); // whoever asks for a token hears of it
        return name;
    }

    // Asynchronous, so that what a log-out in the same tick removes is removed before anybody looks for it.
    async function entryOf(key: string | undefined): Promise<string> {
        return key === undefined ? mainEntry : entries.open(key, () => named(key));
    }

    async function sharing(context?: TokenCreatorContext): Promise<TokenGrantResponse> {
        const { reason, parameters, source } = context ?? {};
        const age = stopwatch(systemClock);
        follow(source);
        const about = { ...(reason && { reason }), ...(parameters && { parameters }) };
        const wanted: Wanted = {
            name: nameOf(parameters),
            entry: await entryOf(parameters?.key),
            context,
            age,
            epoch: () => epoch,
            emit: (event) => onEvent && notify<SharedTokenEvent>(onEvent, { ...event, ...about }),
        };
        try {
            return await coordinate(wanted);
        } catch (error) {
            if (!(error instanceof StoreFailure) || isEarly(wanted)) throw error;
            throwIfAborted(context?.signal);
            wanted.emit({ type: 'uncoordinated', error });
            return creation.uncoordinated(wanted);
        }
    }

    return { creator: following(sharing, follow), clearSources };
}
