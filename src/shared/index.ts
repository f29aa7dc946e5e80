export type { SharedTokenEvent, SharedTokenEventListener } from './events.js';
export { createMemoryStore } from './memory-store.js';
export type { Codec, SharedTokenOptions, SharingOptions } from './options.js';
export type { Lease, ReadEntry, StoredEntry, TokenLock, TokenStore } from './token-store.js';
export { withSharedToken } from './with-shared-token.js';
