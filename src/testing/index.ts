export {
    createTestAuthorizationServer,
    type TestAuthorizationServer,
    type TestAuthorizationServerCounts,
    type TestAuthorizationServerOptions,
} from './authorization-server.js';
export type { Fault, InjectionOptions, TestEndpoint } from './faults.js';
export { createTestClock, type TestClock } from './test-clock.js';
export {
    createTestTokenCreator,
    type TestTokenCreator,
    type TestTokenCreatorOptions,
} from './test-token-creator.js';
export type { ContractCase, ContractOptions } from './contract-case.js';
export { lockContract } from './lock-contract.js';
export { storeContract, type StoreContractOptions } from './store-contract.js';
export type { Lease, ReadEntry, StoredEntry, TokenLock, TokenStore } from '../shared/token-store.js';
