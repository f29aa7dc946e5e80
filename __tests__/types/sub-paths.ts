import { expectTypeOf } from 'expect-type';
import type { Redis } from 'ioredis';
import type { createClient } from 'redis';
import { dpop } from '../../src/dpop/index.js';
import type { AuthorizationScheme, ClientAuthentication, TokenCreator } from '../../src/index.js';
import { clientSecretJwt, jwtAssertion, privateKeyJwt } from '../../src/jwt/index.js';
import { createRedisStore, withRedisToken } from '../../src/redis/index.js';
import { createMemoryStore, withSharedToken, type SharedTokenEvent, type TokenStore } from '../../src/shared/index.js';
import { withTabs } from '../../src/tabs/index.js';
import { lockContract, storeContract, type ContractCase } from '../../src/testing/index.js';

declare const creator: TokenCreator;
declare const redis: ReturnType<typeof createClient>;
declare const ioredis: Redis;
declare const store: TokenStore;

// Each decorator takes a creator, and gives one.
expectTypeOf(withSharedToken(creator, { store, key: 'k' })).toEqualTypeOf<TokenCreator>();
expectTypeOf(withTabs(creator, { name: 'n' })).toEqualTypeOf<TokenCreator>();
expectTypeOf(withRedisToken(creator, { client: redis, key: 'k' })).toEqualTypeOf<TokenCreator>();
expectTypeOf(withRedisToken(creator, { client: ioredis, key: 'k' })).toEqualTypeOf<TokenCreator>();
expectTypeOf(createRedisStore(redis)).toExtend<TokenStore>();
expectTypeOf(createMemoryStore()).toExtend<TokenStore>();
expectTypeOf(storeContract(() => store)).toEqualTypeOf<ContractCase[]>();
expectTypeOf(lockContract(() => createMemoryStore().lock)).toEqualTypeOf<ContractCase[]>();
expectTypeOf(dpop()).toEqualTypeOf<AuthorizationScheme>();
expectTypeOf(clientSecretJwt()).toEqualTypeOf<ClientAuthentication>();

export function eventsOfSharingAreKnown(): void {
    withSharedToken(creator, {
        store,
        key: 'k',
        onEvent: (event) => expectTypeOf(event).toEqualTypeOf<SharedTokenEvent>(),
    });
}

export function aStoreIsWhole(unread: Omit<TokenStore, 'get'>, racy: Omit<TokenStore, 'compareAndSet'>): void {
    // @ts-expect-error a store is read
    withSharedToken(creator, { store: unread, key: 'k' });
    // @ts-expect-error two who write at once are told apart
    withSharedToken(creator, { store: racy, key: 'k' });
    // @ts-expect-error a store is asynchronous
    withSharedToken(creator, { store: { ...store, get: () => undefined }, key: 'k' });
    // @ts-expect-error an entry tells how long it lives
    const forgetful: TokenStore = { ...store, get: async () => ({ generation: 'g', value: 'v' }) };
    withSharedToken(creator, { store: forgetful, key: 'k' });
    // @ts-expect-error a Map is no store
    withSharedToken(creator, { store: new Map<string, string>(), key: 'k' });
}

export function whatIsSharedIsNamed(): void {
    // @ts-expect-error what is the token for?
    withSharedToken(creator, { store });
    // @ts-expect-error where is it shared?
    withSharedToken(creator, { key: 'k' });
    // @ts-expect-error what is the token for?
    withRedisToken(creator, { client: redis });
    // @ts-expect-error a URL is no client
    withRedisToken(creator, { client: 'redis://localhost', key: 'k' });
    // @ts-expect-error it is `name`
    withTabs(creator, { key: 'k' });
    // @ts-expect-error tabs have locks of their own, and tell each other
    withTabs(creator, { name: 'n', lock: createMemoryStore().lock });
    // @ts-expect-error both ways
    withSharedToken(creator, { store, key: 'k', codec: { encode: (text: string) => text } });
}

export function keysAreSaid(): void {
    // @ts-expect-error which key?
    privateKeyJwt({});
    // @ts-expect-error for whom, by whom?
    jwtAssertion({ key: { kty: 'EC' } });
    // @ts-expect-error a secret signs with HMAC
    clientSecretJwt({ algorithm: 'ES256' });
    // @ts-expect-error a pair has two keys
    dpop({ keyPair: {} });
    // @ts-expect-error it opens a store, and is none
    storeContract(store);
    // @ts-expect-error it opens a lock
    lockContract(() => store);
}
