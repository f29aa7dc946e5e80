import { createMemoryStore } from '../../src/shared/memory-store.js';
import { storeContract } from '../../src/testing/index.js';
import { entryMutants } from './entry-mutants.js';
import { expectAllToHaveFailed, expectToBreak } from './failures.js';

const VALUES = [
    'a value comes back exactly: an empty one',
    'a value comes back exactly: of 100 kB',
    'a value comes back exactly: in any script',
    'a value comes back exactly: with quotes, backslashes and line ends',
    'a value comes back exactly: with every character from 1 to 255',
    'a value comes back exactly: that looks like something else',
    'a value comes back exactly: with spaces around it',
];

/** What is wrong with a store, and the rules that it breaks by that, and no others. */
const breaks: Record<keyof typeof entryMutants, readonly string[]> = {
    'an empty value counts as none': ['a value comes back exactly: an empty one'],
    'values are cut off': ['a value comes back exactly: of 100 kB'],
    'values are bytes': ['a value comes back exactly: in any script'],
    'values are normalised': ['a value comes back exactly: in any script'],
    'quotes get a backslash': [
        'a value comes back exactly: with quotes, backslashes and line ends',
        'a value comes back exactly: with every character from 1 to 255',
    ],
    'control characters are left out': ['a value comes back exactly: with every character from 1 to 255'],
    'values that look like numbers are numbers': ['a value comes back exactly: that looks like something else'],
    'values are trimmed': [
        'a value comes back exactly: with quotes, backslashes and line ends',
        'a value comes back exactly: with spaces around it',
    ],
    'an entry can be read once': [
        'get gives what set wrote',
        ...VALUES,
        'a generation is a text, and is compared as one',
        'names are independent',
        'whoever opens the same place sees the same entries',
        'whoever never read an entry can overwrite and delete it',
        'the time to live is told in milliseconds, and counts down',
        'a lock and the entry of its name leave each other alone',
    ],
    'generations are compared as numbers': ['a generation is a text, and is compared as one'],
    'generations are compared without case': ['a generation is a text, and is compared as one'],
    'set writes only where nothing is': [
        'set writes whatever is there',
        'whoever never read an entry can overwrite and delete it',
        'set begins a new time to live',
        'who subscribed is told of set, whoever calls it',
        'who subscribed is told again and again, as is everybody else',
    ],
    'delete does nothing': [
        'a deleted entry is gone',
        'to delete what is not there is no error',
        'whoever opens the same place sees the same entries',
        'whoever never read an entry can overwrite and delete it',
        'compareAndSet of a generation writes nothing where no entry is',
        'compareAndSet that expects no entry writes where none is',
        'who subscribed is told of delete, whoever calls it',
    ],
    'to delete what is not there fails': ['to delete what is not there is no error'],
    'delete takes all that begin with the name': ['names are independent'],
    'names are the same in capitals': ['names are independent'],
    'set and delete leave alone what their client does not know': [
        'whoever never read an entry can overwrite and delete it',
        'who subscribed is told of set, whoever calls it',
        'who subscribed is told of delete, whoever calls it',
    ],
    'each client has entries of its own': [
        'whoever opens the same place sees the same entries',
        'whoever never read an entry can overwrite and delete it',
        'of many that expect no entry at once, exactly one writes',
        'a lock and the entry of its name leave each other alone',
        'who subscribed is told of set, whoever calls it',
        'who subscribed is told of compareAndSet, whoever calls it',
        'who subscribed is told of delete, whoever calls it',
        'who is told of a write can read it',
        'who subscribed is told again and again, as is everybody else',
        'who ended the subscription is not told any more, not even of a write under way',
        'a subscription may be ended twice, and no other ends with it',
        'who subscribed is told, although another subscription of the name ended just before',
    ],
    'null where there is nothing': [
        'get of an unknown name is undefined',
        'a deleted entry is gone',
        'to delete what is not there is no error',
        'names are independent',
        'whoever opens the same place sees the same entries',
        'whoever never read an entry can overwrite and delete it',
        'compareAndSet of a generation writes nothing where no entry is',
        'an entry is there until its time to live is over, and gone after it',
        'set begins a new time to live',
        'compareAndSet begins a new time to live',
        'a compareAndSet that fails leaves entry and time to live as they are',
        'a lock and the entry of its name leave each other alone',
    ],
    'compareAndSet writes whatever is there': [
        'a generation is a text, and is compared as one',
        'compareAndSet writes nothing where another generation is',
        'compareAndSet of a generation writes nothing where no entry is',
        'compareAndSet that expects no entry writes nothing where one is',
        'of many that expect the same generation at once, exactly one writes',
        'of many that expect no entry at once, exactly one writes',
        'a compareAndSet that fails leaves entry and time to live as they are',
        'an entry whose time is over counts as none for compareAndSet',
    ],
    'compareAndSet compares, but does not say so': [
        'a generation is a text, and is compared as one',
        'compareAndSet writes nothing where another generation is',
        'compareAndSet of a generation writes nothing where no entry is',
        'compareAndSet that expects no entry writes nothing where one is',
        'an entry whose time is over counts as none for compareAndSet',
    ],
    'compareAndSet never writes over anything': [
        ...VALUES,
        'a generation is a text, and is compared as one',
        'whoever opens the same place sees the same entries',
        'compareAndSet writes where the expected generation is',
        'of many that expect the same generation at once, exactly one writes',
        'compareAndSet begins a new time to live',
        'who subscribed is told of compareAndSet, whoever calls it',
    ],
    'compareAndSet never writes where nothing is': [
        'compareAndSet that expects no entry writes where none is',
        'of many that expect no entry at once, exactly one writes',
        'an entry whose time is over counts as none for compareAndSet',
        'a lock and the entry of its name leave each other alone',
    ],
    'compareAndSet of another generation writes': [
        'a generation is a text, and is compared as one',
        'compareAndSet writes nothing where another generation is',
        'of many that expect the same generation at once, exactly one writes',
        'a compareAndSet that fails leaves entry and time to live as they are',
    ],
    'compareAndSet of a generation writes where nothing is': [
        'compareAndSet of a generation writes nothing where no entry is',
        'an entry whose time is over counts as none for compareAndSet',
    ],
    'compareAndSet that expects nothing writes over anything': [
        'compareAndSet that expects no entry writes nothing where one is',
        'of many that expect no entry at once, exactly one writes',
        'a compareAndSet that fails leaves entry and time to live as they are',
    ],
    'compareAndSet takes two steps': [
        'of many that expect the same generation at once, exactly one writes',
        'of many that expect no entry at once, exactly one writes',
    ],
    'compareAndSet takes two steps where something is': [
        'of many that expect the same generation at once, exactly one writes',
    ],
    'compareAndSet takes two steps where nothing is': ['of many that expect no entry at once, exactly one writes'],
    'the time to live is told in seconds': [
        'the time to live is told in milliseconds, and counts down',
        'a time to live of a month is not cut short',
    ],
    'the time to live is told as it was at first': [
        'the time to live is told in milliseconds, and counts down',
        'a time to live of a month is not cut short',
    ],
    'the time to live is told as a point in time': [
        'the time to live is told in milliseconds, and counts down',
        'a time to live of a month is not cut short',
    ],
    'the time to live is not told': [
        'the time to live is told in milliseconds, and counts down',
        'a time to live of a month is not cut short',
    ],
    'entries never end': [
        'the time to live is told in milliseconds, and counts down',
        'an entry is there until its time to live is over, and gone after it',
        'set begins a new time to live',
        'compareAndSet begins a new time to live',
        'a compareAndSet that fails leaves entry and time to live as they are',
        'an entry whose time is over counts as none for compareAndSet',
        'a time to live of a month is not cut short',
    ],
    'entries end too early': [
        'the time to live is told in milliseconds, and counts down',
        'an entry is there until its time to live is over, and gone after it',
        'set begins a new time to live',
        'compareAndSet begins a new time to live',
        'a compareAndSet that fails leaves entry and time to live as they are',
        'a time to live of a month is not cut short',
    ],
    'entries end too late': [
        'the time to live is told in milliseconds, and counts down',
        'an entry is there until its time to live is over, and gone after it',
        'set begins a new time to live',
        'compareAndSet begins a new time to live',
        'a compareAndSet that fails leaves entry and time to live as they are',
        'an entry whose time is over counts as none for compareAndSet',
        'a time to live of a month is not cut short',
    ],
    'times are 32 bit': ['a time to live of a month is not cut short'],
    'set keeps the time that an entry has': ['set begins a new time to live'],
    'set keeps the time that an entry has, if it is longer': ['set begins a new time to live'],
    'set keeps the time that an entry has, if it is shorter': ['set begins a new time to live'],
    'compareAndSet keeps the time that an entry has': ['compareAndSet begins a new time to live'],
    'compareAndSet keeps the time that an entry has, if it is shorter': ['compareAndSet begins a new time to live'],
    'what compareAndSet wrote first never ends': ['compareAndSet begins a new time to live'],
    'a compareAndSet that fails extends the time': [
        'a compareAndSet that fails leaves entry and time to live as they are',
    ],
    'a compareAndSet that fails shortens the time': [
        'a compareAndSet that fails leaves entry and time to live as they are',
    ],
    'compareAndSet finds what get does not': ['an entry whose time is over counts as none for compareAndSet'],
};

describe('of a store it is seen that', () => {
    it.each(Object.entries(entryMutants))('%s', (what, mutation) =>
        expectToBreak(mutation, breaks[what as keyof typeof breaks]),
    );

    it('each of these rules is broken by one of them', () => {
        const cases = storeContract(createMemoryStore, { lock: false, subscribe: false });
        expectAllToHaveFailed(cases, breaks);
    });
});
