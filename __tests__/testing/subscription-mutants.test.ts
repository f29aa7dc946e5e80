import { createMemoryStore } from '../../src/shared/memory-store.js';
import { storeContract } from '../../src/testing/index.js';
import { subscriptionMutants } from './subscription-mutants.js';
import { expectAllToHaveFailed, expectToBreak } from './failures.js';

/** What is wrong with a store, and the rules that it breaks by that, and no others. */
const breaks: Record<keyof typeof subscriptionMutants, readonly string[]> = {
    'nobody is told of set': [
        'who subscribed is told of set, whoever calls it',
        'who is told of a write can read it',
        'who subscribed is told again and again, as is everybody else',
        'who ended the subscription is not told any more, not even of a write under way',
        'a subscription may be ended twice, and no other ends with it',
        'who subscribed is told, although another subscription of the name ended just before',
    ],
    'nobody is told of compareAndSet': ['who subscribed is told of compareAndSet, whoever calls it'],
    'nobody is told of delete': ['who subscribed is told of delete, whoever calls it'],
    'nobody is told of what it does itself': [
        'who subscribed is told of set, whoever calls it',
        'who subscribed is told of compareAndSet, whoever calls it',
        'who subscribed is told of delete, whoever calls it',
        'who subscribed is told again and again, as is everybody else',
        'who ended the subscription is not told any more, not even of a write under way',
        'a subscription may be ended twice, and no other ends with it',
        'who subscribed is told, although another subscription of the name ended just before',
        'who subscribed is told when the lock is released, whoever does that',
    ],
    'nobody is told of what others do': [
        'who subscribed is told of set, whoever calls it',
        'who subscribed is told of compareAndSet, whoever calls it',
        'who subscribed is told of delete, whoever calls it',
        'who is told of a write can read it',
        'who subscribed is told again and again, as is everybody else',
        'who subscribed is told when the lock is released, whoever does that',
    ],
    'it is told first, and written then': ['who is told of a write can read it'],
    'each is told once': ['who subscribed is told again and again, as is everybody else'],
    'only one can listen to a name': ['who subscribed is told again and again, as is everybody else'],
    'everybody is told of everything': ['who subscribed is not told of other names'],
    'who listens to a name is told of all that begin with it': ['who subscribed is not told of other names'],
    'to end a subscription does nothing': [
        'who ended the subscription is not told any more, not even of a write under way',
    ],
    'what is under way is told after the end': [
        'who ended the subscription is not told any more, not even of a write under way',
    ],
    'a listener that listens twice is ended once for all': [
        'a subscription may be ended twice, and no other ends with it',
        'who subscribed is told, although another subscription of the name ended just before',
    ],
    'to end the last subscription ends the next as well': [
        'who subscribed is told, although another subscription of the name ended just before',
    ],
    'to end a subscription twice is an error': [
        'who ended the subscription is not told any more, not even of a write under way',
        'a subscription may be ended twice, and no other ends with it',
        'who subscribed is told, although another subscription of the name ended just before',
    ],
};

describe('of subscriptions it is seen that', () => {
    it.each(Object.entries(subscriptionMutants))('%s', (what, mutation) =>
        expectToBreak(mutation, breaks[what as keyof typeof breaks]),
    );

    it('each of these rules is broken by one of them', () => {
        const others = storeContract(createMemoryStore, { subscribe: false }).length;
        expectAllToHaveFailed(storeContract(createMemoryStore).slice(others), breaks);
    });
});
