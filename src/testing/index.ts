export type { ContractCase, ContractOptions } from './contract-case.js';
export { lockContract } from './lock-contract.js';
export { storeContract, type StoreContractOptions } from './store-contract.js';
export type { Lease, ReadEntry, StoredEntry, TokenLock, TokenStore } from '../shared/token-store.js';
