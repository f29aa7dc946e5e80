import {
    createTokenSource,
    type AccessToken,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenParameters,
    type TokenSource,
    type TokenSourceOptions,
} from '../../src/index.js';
import {
    createMemoryStore,
    withSharedToken,
    type Lease,
    type SharedTokenEvent,
    type SharedTokenOptions,
    type TokenLock,
    type TokenStore,
} from '../../src/shared/index.js';
import { createGate } from './gate.js';
import { wait } from './servers.js';

export type Store = Required<TokenStore>;

/**
 * Milliseconds: short, so that those who wait for them do not wait long, but not so short that a busy machine takes longer
 * for what goes well.
 */
export const STORE_TIMEOUT = 250;
export const LOCK_DURATION = 800;
/** What a busy machine may take beyond a bound. */
export const SLACK = 1_500;

/** Creates `token-1`, `token-2` and so on, for any number of nodes, and notes how many it creates at once. */
export class SharedIssuer {
    readonly contexts: TokenCreatorContext[] = [];
    /** The most that were under way at the same time. */
    atOnce = 0;
    /** Milliseconds that a creation takes. */
    delay = 5;
    /** Seconds. */
    lifetime: number | undefined = 3_600;
    /** What it says instead of giving a token. */
    error: unknown;
    #underWay = 0;
    #held: Promise<void> | undefined;

    get created(): number {
        return this.contexts.length;
    }

    /** Creations wait from now on, until the function it returns is called. */
    hold(): () => void {
        const { opened, open } = createGate();
        this.#held = opened;
        return () => {
            this.#held = undefined;
            open();
        };
    }

    readonly creator: TokenCreator = async (context) => {
        this.contexts.push(context as TokenCreatorContext);
        const number = this.created;
        this.#underWay += 1;
        this.atOnce = Math.max(this.atOnce, this.#underWay);
        try {
            await wait(this.delay);
            await this.#held;
            if (this.error) throw this.error;
            const lifetime = this.lifetime === undefined ? {} : { expires_in: this.lifetime };
            return { access_token: `token-${number}`, token_type: 'Bearer', ...lifetime };
        } finally {
            this.#underWay -= 1;
        }
    };
}

/** A process of the fleet. */
export interface Node {
    readonly creator: TokenCreator;
    readonly source: TokenSource;
    readonly events: SharedTokenEvent[];
    /** The types of its events, each once, in their order. */
    readonly told: () => SharedTokenEvent['type'][];
    /** The value of the token that it has or gets. */
    readonly token: (parameters?: TokenParameters) => Promise<string>;
    /** The resource server refuses the token that it has. */
    readonly refuse: (parameters?: TokenParameters) => Promise<void>;
}

export type NodeOptions = Partial<SharedTokenOptions> & { readonly source?: TokenSourceOptions };

const opened = new Set<TokenSource>();

// Who still waits for a token when its test is over gets none.
afterEach(() => {
    for (const source of opened) source.clear();
    opened.clear();
});

export function openNode(store: TokenStore, creator: TokenCreator, options: NodeOptions = {}): Node {
    const { source: sourceOptions, ...sharing } = options;
    const events: SharedTokenEvent[] = [];
    const shared = withSharedToken(creator, {
        store,
        key: 'client',
        storeTimeout: STORE_TIMEOUT,
        lockDuration: LOCK_DURATION,
        onEvent: (event) => events.push(event),
        ...sharing,
    });
    const source = createTokenSource(shared, { creationTimeout: 5_000, ...sourceOptions });
    opened.add(source);
    const get = (parameters?: TokenParameters): Promise<AccessToken> =>
        source.getToken(parameters ? { parameters } : {});
    return {
        creator: shared,
        source,
        events,
        told: () => [...new Set(events.map(({ type }) => type))],
        token: async (parameters) => (await get(parameters)).value,
        refuse: async (parameters) => void source.reject(await get(parameters), { status: 401 }),
    };
}

export function openNodes(count: number, store: TokenStore, creator: TokenCreator, options?: NodeOptions): Node[] {
    return Array.from({ length: count }, () => openNode(store, creator, options));
}

export const tokensOf = (nodes: readonly Node[], parameters?: TokenParameters): Promise<string[]> =>
    Promise.all(nodes.map(({ token }) => token(parameters)));

/** What is done to a store, in one word. */
export type Operation = 'get' | 'set' | 'compareAndSet' | 'delete' | 'lock' | 'subscribe' | 'renew' | 'release';

/** Does the operation, or something else. */
export type Interception = (operation: Operation, proceed: () => Promise<unknown>) => unknown;

/** A store between which and its users somebody stands. */
export function interceptedStore(store: Store, intercept: Interception): Store {
    const through = <T>(operation: Operation, proceed: () => Promise<T>): Promise<T> =>
        intercept(operation, proceed) as Promise<T>;
    return {
        get: (...given) => through('get', () => store.get(...given)),
        set: (...given) => through('set', () => store.set(...given)),
        compareAndSet: (...given) => through('compareAndSet', () => store.compareAndSet(...given)),
        delete: (...given) => through('delete', () => store.delete(...given)),
        subscribe: (...given) => through('subscribe', () => store.subscribe(...given)),
        lock: (...given) =>
            through('lock', async () => {
                const lease = await store.lock(...given);
                if (!lease) return undefined;
                const intercepted: Lease = {
                    renew: () => through('renew', () => lease.renew()),
                    release: () => through('release', () => lease.release()),
                };
                return intercepted;
            }),
    };
}

/** A lock that is none: everybody has it. */
export const grantsToAll: TokenLock = async () => ({ renew: async () => true, release: async () => {} });

export const never = (): Promise<never> => new Promise(() => {});

/** A store that can be switched off and on again. */
export function switchedStore(store: Store = createMemoryStore()): Store & { isDown: boolean; operations: number } {
    const switched = {
        isDown: false,
        operations: 0,
        ...interceptedStore(store, async (_, proceed) => {
            switched.operations += 1;
            if (switched.isDown) throw new Error('connection refused');
            return proceed();
        }),
    };
    return switched;
}

const wallClock = Date.now;
let ahead = 0;

/** Lets time pass for everything that measures it; timers that run do not notice. Ends with the test. */
export function passTime(milliseconds: number): void {
    ahead += milliseconds;
    jest.spyOn(Date, 'now').mockImplementation(() => wallClock() + ahead);
}

afterEach(() => {
    ahead = 0;
    if (Date.now !== wallClock) jest.mocked(Date.now).mockRestore();
});

/** What a rejected promise was rejected with. */
export async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
        (value) => {
            throw new Error(`it was expected to fail, and gave ${typeof value}`);
        },
        (reason: unknown) => reason,
    );
}
