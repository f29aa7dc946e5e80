/** What runs in each tab; the tests call it by `window.tab`. */
import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createRefreshTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    type TokenCreator,
    type TokenEvent,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import type { SharedTokenEvent, TokenStore } from '../../src/shared/index.js';
import { withTabs } from '../../src/tabs/index.js';

export interface TabSettings {
    /** Which of several sources of one tab it is. */
    readonly id?: string;
    readonly name: string;
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly apiUrl: string;
    /** To log in with; without it the session is that of {@link TabPage.logIn}. */
    readonly user?: { readonly name: string; readonly password: string };
    readonly lockDuration?: number;
    /** Whether the tokens are kept in localStorage. */
    readonly isStored?: boolean;
}

/** What came of asking; an error of axios tells the one that the source gave. */
export interface Outcome {
    readonly status?: number;
    readonly subject?: string;
    readonly error?: { readonly name: string; readonly code?: string; readonly message: string };
}

/** Told in a form that leaves the tab. */
interface ToldEvent {
    readonly type: string;
    readonly reason?: string | undefined;
    readonly generation?: string | undefined;
    readonly error?: string | undefined;
}

interface Running {
    readonly source: TokenSource;
    readonly api: AxiosInstance;
    readonly sharing: ToldEvent[];
    readonly own: ToldEvent[];
    readonly session: Session;
    /** Whether a grant was asked for that the others do not know yet. */
    readonly isCreating: () => boolean;
}

interface Session {
    refreshToken?: string | undefined;
    /** Milliseconds that the clock of its source is ahead. */
    ahead: number;
}

// Chromium never ends the body of an answer to `fetch` when the page is frozen between its headers and its end.
const adapter = 'xhr';

const running = new Map<string, Running>();
const MAIN = '';
const LIFETIME = 3_600_000;

function at(id = MAIN): Running {
    const found = running.get(id);
    if (!found) throw new Error(`nothing was begun as ${id}`);
    return found;
}

const readLocal = (name: string) => {
    const text = localStorage.getItem(name);
    if (text === null) return undefined;
    const { generation, value, end } = JSON.parse(text) as { generation: string; value: string; end: number };
    const timeToLive = end - Date.now();
    return timeToLive > 0 ? { generation, value, timeToLive } : undefined;
};
const writeLocal: TokenStore['set'] = async (name, entry, timeToLive) => {
    localStorage.setItem(name, JSON.stringify({ ...entry, end: Date.now() + timeToLive }));
};

/** How an application keeps tokens where they stay: its entries have no other guard than the lock of the tabs. */
function localStore(): TokenStore {
    return {
        get: async (name) => readLocal(name),
        set: writeLocal,
        async compareAndSet(name, expected, entry, timeToLive) {
            if (readLocal(name)?.generation !== expected) return false;
            await writeLocal(name, entry, timeToLive);
            return true;
        },
        async delete(name) {
            localStorage.removeItem(name);
        },
    };
}

function told(event: SharedTokenEvent | TokenEvent): ToldEvent {
    const { type, reason, generation, error } = event as Omit<ToldEvent, 'error'> & { error?: Error };
    return { type, reason, generation, ...(error !== undefined && { error: String(error) }) };
}

function errorOf(thrown: unknown): Outcome {
    const { name, code, message } = thrown as { name: string; code?: string; message: string };
    return { error: { name, message, ...(code !== undefined && { code }) } };
}

/** Counts what the tabs send each other. */
let sent = 0;
if (typeof BroadcastChannel === 'function') {
    globalThis.BroadcastChannel = class extends BroadcastChannel {
        override postMessage(message: unknown): void {
            sent += 1;
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
            super.postMessage(message);
        }
    };
}

const lifecycle: string[] = [];
for (const type of ['freeze', 'resume']) document.addEventListener(type, () => lifecycle.push(type));
for (const type of ['pagehide', 'pageshow'] as const) {
    addEventListener(type, ({ persisted }) => lifecycle.push(persisted ? `${type} persisted` : type));
}

const tab = {
    begin(settings: TabSettings): void {
        const { id = MAIN, name, user, apiUrl, tokenEndpoint, clientId, lockDuration } = settings;
        const session: Session = { ahead: 0 };
        const endpoint = { client: { adapter }, tokenEndpoint, clientId };
        const credentials = { refreshToken: () => session.refreshToken };
        const inner: TokenCreator = user
            ? createUserTokenCreator(user, endpoint)
            : createRefreshTokenCreator(credentials, endpoint);
        const sharing: ToldEvent[] = [];
        const own: ToldEvent[] = [];
        let isCreating = false;
        const noting: TokenCreator = (context) => {
            isCreating = true;
            return inner(context);
        };
        const creator = withTabs(noting, {
            name,
            onEvent: (event) => sharing.push(told(event)),
            ...(lockDuration !== undefined && { lockDuration }),
            ...(settings.isStored && { store: localStore() }),
        });
        const clock = {
            now: () => Date.now() + session.ahead,
            monotonic: () => performance.now() + session.ahead,
        };
        const onEvent = (event: TokenEvent): void => {
            own.push(told(event));
            if (event.type !== 'creating') isCreating = false;
        };
        const source = createTokenSource(creator, { clock, onEvent });
        const api = axios.create({ adapter, baseURL: apiUrl });
        attachTokenCreator(api, source);
        // Who logged out has no session any more.
        source.subscribe(({ type }) => {
            if (type === 'cleared') session.refreshToken = undefined;
        });
        running.set(id, { source, api, sharing, own, session, isCreating: () => isCreating });
    },

    hasBegun: (): boolean => running.size > 0,

    /** The user logged in, in this tab. */
    logIn(refreshToken: string, id?: string): void {
        at(id).session.refreshToken = refreshToken;
    },

    async request(parameters?: TokenParameters, id?: string): Promise<Outcome> {
        const { api } = at(id);
        try {
            const { status, data } = await api.get<{ subject: string }>('/me', {
                validateStatus: () => true,
                ...(parameters && { tokenCreator: parameters }),
            });
            return { status, subject: data.subject };
        } catch (error) {
            return errorOf(error);
        }
    },

    /** The token, or why there is none. */
    async getToken(parameters?: TokenParameters, id?: string): Promise<string | Outcome> {
        try {
            const { value } = await at(id).source.getToken(parameters ? { parameters } : {});
            return value;
        } catch (error) {
            return errorOf(error);
        }
    },

    isCreating: (id?: string): boolean => at(id).isCreating(),

    current: (id?: string): string | undefined => at(id).source.current()?.value,

    /** So much time passes, as the clock of this tab has it. */
    pass(milliseconds: number, id?: string): void {
        at(id).session.ahead += milliseconds;
    },

    /** What the source holds is too old from now on. */
    expire: (id?: string): void => tab.pass(LIFETIME, id),

    clear: (id?: string): void => at(id).source.clear(),

    /** The events of sharing, or those of one type. */
    sharing: (type?: string, id?: string): ToldEvent[] => ofType(at(id).sharing, type),

    /** The events of the source. */
    events: (type?: string, id?: string): ToldEvent[] => ofType(at(id).own, type),

    sent: (): number => sent,

    lifecycle: (): string[] => lifecycle,

    isSecure: (): boolean => window.isSecureContext,

    /** All that a page can leave behind, as text. */
    async left(): Promise<{ keys: string[]; databases: string[]; cookies: string }> {
        const keys = [localStorage, sessionStorage].flatMap((storage) => Object.keys(storage));
        const databases = (await indexedDB.databases()).map(({ name = '' }) => name);
        return { keys: [...keys, ...(await caches.keys())], databases, cookies: document.cookie };
    },
};

function ofType(events: ToldEvent[], type: string | undefined): ToldEvent[] {
    return type === undefined ? events : events.filter((event) => event.type === type);
}

export type TabPage = typeof tab;

Object.assign(window, { tab });
