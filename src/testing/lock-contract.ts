import type { TokenLock } from '../shared/token-store.js';
import { REQUIRED_FUNCTION } from '../options.js';
import { casesOf, checkArguments, CONTRACT_OPTIONS, type ContractCase, type ContractOptions } from './contract-case.js';
import { lockRules } from './lock-rules.js';

/**
 * The cases that every lock must pass. {@link storeContract} has them too, for the lock of a store. Of a lock whose
 * leases say `endsWithHolder` it is not asked that they end by themselves.
 *
 * @param open - gives a lock. It is called twice, when the first case runs: two locks of one place, as two processes have
 * them.
 * @example
 * ```ts
 * for (const { name, run } of lockContract(() => createPostgresLock(pool))) test(name, run);
 * ```
 * @throws TypeError that names the argument or option, at once; when `open` gives no lock, each case rejects
 */
export function lockContract(
    open: () => TokenLock | Promise<TokenLock>,
    options: ContractOptions = {},
): ContractCase[] {
    checkArguments('lockContract', open, options, CONTRACT_OPTIONS);
    const { patience = 100 } = options;
    return casesOf({ contract: 'lockContract', open, expected: REQUIRED_FUNCTION }, patience, lockRules);
}
