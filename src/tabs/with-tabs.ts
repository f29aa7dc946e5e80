import type { TokenCreator } from '../creator.js';
import { TokenError } from '../errors.js';
import { notify } from '../events.js';
import { checkFields, FILLED_STRING, optional } from '../options.js';
import type { SharedTokenEvent } from '../shared/events.js';
import { SHARING_OPTIONS, STORE, type SharingOptions } from '../shared/options.js';
import type { TokenStore } from '../shared/token-store.js';
import { checkCreator, hashedNames, shareThrough } from '../shared/with-shared-token.js';
import { openTabs, type Tabs } from './tab-store.js';

/** Options of {@link withTabs}. */
export interface TabsOptions extends Omit<SharingOptions, 'storeTimeout' | 'lockDuration'> {
    /** Names what the tabs of one origin share: all creators of one name get one token. */
    name: string;
    /**
     * Keeps the tokens beyond the last tab: in IndexedDB, say; `localStorage` may show a tab what another one has replaced
     * already. Without it they are in the memory of the tabs alone.
     */
    store?: Omit<TokenStore, 'lock' | 'subscribe'>;
    /**
     * The most that one operation may take, milliseconds. Browsers let the timers of hidden tabs wait for a second.
     *
     * @default 5_000
     */
    storeTimeout?: number;
    /**
     * How long the others wait for a tab that is frozen while it creates a token, milliseconds. Nobody waits for a tab
     * that is closed, or crashed.
     *
     * @default 30_000
     */
    lockDuration?: number;
}

// Changes with the form of what tabs tell each other: versions that do not understand each other do not meet.
const FORM = 1;

const ALONE =
    'there are no Web Locks, or no BroadcastChannel, which browsers give to secure contexts alone: each tab creates a token of its own';

/**
 * Gives all tabs of one origin one token: one creates it, the others adopt it from memory; a new tab asks the others
 * first. A refresh token is sent by one tab at a time, and a source that is cleared (log out) clears those of all tabs.
 *
 * @example
 * ```ts
 * const creator = withTabs(createRefreshTokenCreator({ refreshToken }, { client, clientId: 'my-app' }), { name: 'my-app' });
 * ```
 * @throws TypeError that names the argument or option, at once
 */
export function withTabs(creator: TokenCreator, options: TabsOptions): TokenCreator {
    const caller = 'withTabs';
    checkCreator(caller, creator);
    const own = checkFields(caller, 'options', options, {
        name: FILLED_STRING,
        store: optional(STORE),
        ...SHARING_OPTIONS,
    });
    const { locks } = (globalThis.navigator ?? {}) as Partial<Navigator>;
    if (!locks || typeof BroadcastChannel !== 'function') return alone(creator, own);

    const { name, store: kept, storeTimeout = 5_000, lockDuration = 30_000, ...sharing } = own;
    const space = `axios-token-creator:${FORM}:${name}`;
    const channel = new BroadcastChannel(space);
    // In Node, where it has this, it must not keep the process running.
    (channel as { unref?: () => void }).unref?.();
    const tabs = openTabs({ locks, channel, space, onClear: () => shared.clearSources() });
    const shared = shareThrough(creator, {
        ...sharing,
        storeTimeout,
        lockDuration,
        store: kept ? withNews(kept, tabs) : tabs,
        lock: tabs.lock,
        nameOfEntry: kept ? hashedNames(caller, name) : (key) => key ?? '',
        onCleared: tabs.clear,
    });
    return shared.creator;
}

/** A store that tells the other tabs when it is written. */
function withNews(store: Omit<TokenStore, 'lock' | 'subscribe'>, { tellChange, subscribe }: Tabs): TokenStore {
    const telling = <T>(name: string, written: Promise<T>): Promise<T> => written.finally(() => tellChange(name));
    return {
        get: (name) => store.get(name),
        set: (name, entry, timeToLive) => telling(name, store.set(name, entry, timeToLive)),
        compareAndSet: (name, expected, entry, timeToLive) =>
            telling(name, store.compareAndSet(name, expected, entry, timeToLive)),
        delete: (name) => telling(name, store.delete(name)),
        subscribe,
    };
}

function alone(creator: TokenCreator, { onEvent }: TabsOptions): TokenCreator {
    let isTold = !onEvent;
    return (context) => {
        const event: SharedTokenEvent = { type: 'uncoordinated', error: new TokenError('uncoordinated', ALONE) };
        if (!isTold && onEvent) notify(onEvent, event);
        isTold = true;
        return creator(context);
    };
}
