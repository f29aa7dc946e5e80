import { sessionOn, type Bed, type Session, type Start } from '../bed.js';
import * as facts from '../facts.js';
import * as after from './after.js';
import * as before from './before.js';

function storageIn(items: Storage, user: string): after.SessionStorage {
    return {
        get: async (key) => items.getItem(user + key),
        set: async (key, value) => items.setItem(user + key, value),
        remove: async (key) => items.removeItem(user + key),
    };
}

async function startBefore({ api, tokenEndpoint, storage, logIn }: Bed, user: string): Promise<Session> {
    const instance = before.createApi(api.url, tokenEndpoint, storageIn(storage, user));
    await before.onLogin(logIn());
    return sessionOn(instance);
}

async function startAfter({ api, tokenEndpoint, storage, logIn }: Bed, user: string): Promise<Session> {
    const items = storageIn(storage, user);
    const session = after.createSession(api.url, tokenEndpoint, items);
    await after.onLogin(logIn(), session, items);
    return sessionOn(session.api);
}

const opaque: facts.Fact = {
    title: 'an access token that is no JWT',
    async measure(bed, start) {
        bed.isOpaque = true;
        const session = await start();
        const outcome = await session.get('/me').catch(() => undefined);
        return outcome ? 'is sent' : 'fails every request';
    },
};

const twoUsers: facts.Fact = {
    title: 'two sessions in one process, one storage each: what the first one sends',
    async measure({ api }, start) {
        const first = await start();
        await first.get('/me');
        const second = await start();
        await second.get('/me');
        await first.get('/me');
        const [ofFirst, ofSecond, sent] = api.authorizations;
        return sent === ofSecond ? 'the token of the second' : sent === ofFirst ? 'its own token' : 'another';
    },
};

/** Each session that is started is another user's. */
function forEachUser(start: typeof startAfter): Start {
    let users = 0;
    return (bed) => start(bed, `user-${(users += 1)}/`);
}

export const comparison: facts.Comparison = {
    before: forEachUser(startBefore),
    after: forEachUser(startAfter),
    facts: [
        facts.aged,
        facts.expiredTogether,
        facts.revokedTogether,
        facts.refusedRefresh,
        opaque,
        twoUsers,
        facts.otherHost,
        facts.secrets,
        facts.brokenAnswer,
        facts.reload,
    ],
};
