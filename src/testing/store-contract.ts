import { optional, type FieldChecks } from '../options.js';
import { STORE } from '../shared/options.js';
import type { TokenLock, TokenStore } from '../shared/token-store.js';
import {
    casesOf,
    checkArguments,
    CONTRACT_OPTIONS,
    ruleFor,
    type ContractCase,
    type ContractOptions,
    type Rule,
} from './contract-case.js';
import { entryRules } from './entry-rules.js';
import { Breach } from './expectations.js';
import { lockRules } from './lock-rules.js';
import { nameRules, releaseRules, type LockingStore } from './store-lock-rules.js';
import { subscriptionRules, type ObservableStore } from './subscription-rules.js';
import { swapRules } from './swap-rules.js';
import { timeRules } from './time-rules.js';

/** Options of {@link storeContract}. */
export interface StoreContractOptions extends ContractOptions {
    /**
     * Whether the store has the function `lock`; the rules of {@link lockContract} are tried on it.
     *
     * @default true
     */
    lock?: boolean;
    /**
     * Whether the store has the function `subscribe`.
     *
     * @default true
     */
    subscribe?: boolean;
}

const BOOLEAN = optional(['a boolean', (value) => typeof value === 'boolean']);
const STORE_CONTRACT_OPTIONS: FieldChecks = { ...CONTRACT_OPTIONS, lock: BOOLEAN, subscribe: BOOLEAN };

/**
 * The cases that every store must pass. What they write has names of its own and is gone after a minute, so the place may
 * be one that others use.
 *
 * @param open - gives a client of the place that is tried. It is called twice, when the first case runs: two clients of
 * one place, as two processes have them. To close them is left to the caller.
 * @example
 * ```ts
 * for (const { name, run } of storeContract(() => createRedisStore(client))) test(name, run);
 * ```
 * @throws TypeError that names the argument or option, at once; when `open` gives no store, each case rejects
 */
export function storeContract(
    open: () => TokenStore | Promise<TokenStore>,
    options: StoreContractOptions = {},
): ContractCase[] {
    checkArguments('storeContract', open, options, STORE_CONTRACT_OPTIONS);
    const { patience = 100, lock = true, subscribe = true } = options;
    const rules: Rule<TokenStore>[] = [...entryRules, ...swapRules, ...timeRules];
    if (lock) rules.push(...lockRules.map(onLock), ...nameRules.map(onLockingStore));
    if (subscribe) rules.push(...subscriptionRules.map(onObservableStore));
    if (lock && subscribe) rules.push(...releaseRules.map(onCompleteStore));
    return casesOf({ contract: 'storeContract', open, expected: STORE }, patience, rules);
}

/** That a function is not there has to be meant: it may be misspelt. */
function having<Name extends 'lock' | 'subscribe'>(name: Name, store: TokenStore) {
    if (typeof store[name] === 'function') return store as TokenStore & Required<Pick<TokenStore, Name>>;
    throw new Breach(
        `expected the function ${name}, but got none; if none is meant to be there, say { ${name}: false }`,
    );
}

function lockingStore(store: TokenStore): LockingStore {
    return having('lock', store);
}

const onLock = (rule: Rule<TokenLock>): Rule<TokenStore> =>
    ruleFor(rule, (store) => (name, duration) => lockingStore(store).lock(name, duration));
const onLockingStore = (rule: Rule<LockingStore>): Rule<TokenStore> => ruleFor(rule, lockingStore);
const onObservableStore = (rule: Rule<ObservableStore>): Rule<TokenStore> =>
    ruleFor(rule, (store) => having('subscribe', store));
const onCompleteStore = (rule: Rule<Required<TokenStore>>): Rule<TokenStore> =>
    ruleFor(rule, (store) => {
        having('lock', store);
        return having('subscribe', store) as Required<TokenStore>;
    });
