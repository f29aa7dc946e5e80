import { createMemoryStore } from '../../src/shared/memory-store.js';
import { storeContract } from '../../src/testing/index.js';
import { lockMutants } from './lock-mutants.js';
import { expectAllToHaveFailed, expectToBreak } from './failures.js';

/** What is wrong with a store, and the rules that it breaks by that, and no others. */
const breaks: Record<keyof typeof lockMutants, readonly string[]> = {
    'everybody gets the lock': [
        'who asks for a lock that is held is told so at once',
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
    ],
    'who has the lock gets it again': [
        'who asks for a lock that is held is told so at once',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
    ],
    'each client has locks of its own': [
        'who asks for a lock that is held is told so at once',
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
        'who subscribed is told when the lock is released, whoever does that',
    ],
    'who asks waits until the lock is free': [
        'who asks for a lock that is held is told so at once',
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
    ],
    'a lock that is held is an error': [
        'who asks for a lock that is held is told so at once',
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
    ],
    'who asks gets null': [
        'who asks for a lock that is held is told so at once',
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
    ],
    'the lock is taken in two steps': ['of many who ask for a lock at once, exactly one gets it'],
    'release does nothing': [
        'a lock that was released can be taken by anybody',
        'who released a lock cannot renew it',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
        'who subscribed is told when the lock is released, whoever does that',
    ],
    'a released lock stays with its client': [
        'a lock that was released can be taken by anybody',
        'who released a lock cannot renew it',
        'to release a lock twice is harmless',
        'a lock and the entry of its name leave each other alone',
    ],
    'locks never end': [
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
    ],
    'locks end too early': [
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
    ],
    'renew does nothing': [
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who released a lock cannot renew it',
    ],
    'renew does not say so': [
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
        'locks of different names are independent',
        'a lock and the entry of its name leave each other alone',
    ],
    'a renewed lock never ends': ['renew keeps a lock for another duration, and no longer'],
    'renew takes the lock from whoever has it': [
        'who lost a lock cannot renew it',
        'who released a lock cannot renew it',
    ],
    'renew renews whoever has it': ['who lost a lock cannot renew it'],
    'release takes the lock from whoever has it': [
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
    ],
    'what was released once is released for whoever has it': ['to release a lock twice is harmless'],
    'to release twice is an error': ['to release a lock twice is harmless'],
    'release of what was lost is an error': [
        'who lost a lock does not take it from its new owner by release',
        'to release a lock twice is harmless',
    ],
    'renew of what was lost is an error': ['who lost a lock cannot renew it', 'who released a lock cannot renew it'],
    'there is one lock for all names': [
        'of many who ask for a lock at once, exactly one gets it',
        'a lock that was released can be taken by anybody',
        'a lock that is not renewed is held for its duration, and free after it',
        'renew keeps a lock for another duration, and no longer',
        'who lost a lock cannot renew it',
        'who lost a lock does not take it from its new owner by release',
        'who released a lock cannot renew it',
        'to release a lock twice is harmless',
        'locks of different names are independent',
        'a lock and the entry of its name leave each other alone',
        'who subscribed is told when the lock is released, whoever does that',
    ],
    'a lock covers all names that begin with its own': ['locks of different names are independent'],
    'a lock is an entry of that name': ['a lock and the entry of its name leave each other alone'],
    'delete ends the lock of that name': ['a lock and the entry of its name leave each other alone'],
    'release deletes the entry of that name': ['a lock and the entry of its name leave each other alone'],
    'what is locked is written by nobody': ['a lock and the entry of its name leave each other alone'],
    'nobody is told of a release': ['who subscribed is told when the lock is released, whoever does that'],
};

describe('of a lock it is seen that', () => {
    it.each(Object.entries(lockMutants))('%s', (what, mutation) =>
        expectToBreak(mutation, breaks[what as keyof typeof breaks]),
    );

    it('each of these rules is broken by one of them', () => {
        const others = storeContract(createMemoryStore, { lock: false, subscribe: false }).length;
        const cases = storeContract(createMemoryStore, { subscribe: false });
        expectAllToHaveFailed(cases.slice(others), breaks);
    });
});
