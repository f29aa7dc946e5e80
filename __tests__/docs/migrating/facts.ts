import { inspect } from 'node:util';
import { failureOf, until } from '../../support/servers.js';
import { SECRETS, type Bed, type Session, type Start } from './bed.js';

/** Something that can be seen of a client from outside; what was seen is said in words. */
export interface Fact {
    readonly title: string;
    readonly measure: (bed: Bed, start: () => Session | Promise<Session>) => Promise<string>;
}

/** What a page compares. */
export interface Comparison {
    readonly before: Start;
    readonly after: Start;
    readonly facts: readonly Fact[];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const tokenRequests = (count: number): string => counted(count, 'token request');
const succeeding = (count: number): string => `${count} succeed${count === 1 ? 's' : ''}`;
const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

/** A client whose token was just revoked. */
async function startWithRevoked(bed: Bed, start: Parameters<Fact['measure']>[1]): Promise<Session> {
    const session = await start();
    await session.get('/me');
    bed.revoke();
    return session;
}

/** Does something when these seconds have passed, by the wall clock. */
async function later<T>(seconds: number, act: () => Promise<T>): Promise<T> {
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + seconds * 1000);
    return act().finally(() => clock.mockRestore());
}

/** Does something while no time passes, however slow the machine is. */
async function inNoTime(act: () => Promise<void>): Promise<void> {
    const clocks = [Date, performance].map((clock) => jest.spyOn(clock, 'now').mockReturnValue(clock.now()));
    await act().finally(() => {
        for (const clock of clocks) clock.mockRestore();
    });
}

async function attempt(session: Session, count: number, url = '/me'): Promise<number> {
    const outcomes = await Promise.allSettled(Array.from({ length: count }, () => session.get(url)));
    return outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.status === 200).length;
}

export const together: Fact = {
    title: '20 requests meet a 401 together',
    async measure(bed, start) {
        const session = await startWithRevoked(bed, start);
        const refusedBefore = bed.refused;
        const askedBefore = bed.auth.received.length;
        const release = bed.holdGrants();
        const attempts = attempt(session, 20);
        await until(() => bed.refused - refusedBefore === 20);
        release();
        return `${succeeding(await attempts)}, ${tokenRequests(bed.auth.received.length - askedBefore)}`;
    },
};

export const late: Fact = {
    title: 'a 401 that comes late, for a token already replaced',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        const release = bed.holdLate();
        const straggler = session.get('/late');
        await until(() => bed.api.received.some(({ url }) => url === '/late'));
        bed.revoke();
        await session.get('/me');
        const askedBefore = bed.auth.received.length;
        release();
        await straggler;
        return tokenRequests(bed.auth.received.length - askedBefore);
    },
};

export const interceptors: Fact = {
    title: 'your interceptors, for one request that is healed',
    async measure(bed, start) {
        const session = await startWithRevoked(bed, start);
        const ran = { request: 0, response: 0 };
        session.axios?.interceptors.request.use((config) => {
            ran.request += 1;
            return config;
        });
        session.axios?.interceptors.response.use((response) => {
            ran.response += 1;
            return response;
        });
        await session.get('/me');
        return `request ${times(ran.request)}, response ${times(ran.response)}`;
    },
};

export const unwrapping: Fact = {
    title: 'what a healed request gives where an interceptor says `(response) => response.data`',
    async measure(bed, start) {
        const session = await startWithRevoked(bed, start);
        session.axios?.interceptors.response.use((response) => response.data as never);
        return (await session.get('/me')) === undefined ? '`undefined`' : 'the data';
    },
};

export const otherHost: Fact = {
    title: 'a request to another host, by its whole URL',
    async measure(bed, start) {
        const session = await start();
        await session.get(`${bed.other.url}/elsewhere`).catch(() => undefined);
        if (bed.other.received.length === 0) return 'does not go there';
        return bed.other.authorizations[0] ? 'carries the token' : 'carries none';
    },
};

export const tolerated: Fact = {
    title: 'a 401 where `validateStatus` allows every status',
    async measure(bed, start) {
        const session = await startWithRevoked(bed, start);
        const { status } = await session.get('/me', { validateStatus: () => true });
        return status === 200 ? 'is healed' : 'is the answer';
    },
};

export const stubborn: Fact = {
    title: '50 requests in turn to an endpoint that says 401 to every token',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        const askedBefore = bed.auth.received.length;
        await inNoTime(async () => {
            for (let index = 0; index < 50; index += 1) await session.get('/never').catch(() => undefined);
        });
        return tokenRequests(bed.auth.received.length - askedBefore);
    },
};

export const secrets: Fact = {
    title: 'the error when the token endpoint refuses, printed with all that it holds',
    async measure(bed, start) {
        bed.lifetime = 100;
        const session = await start();
        bed.failure = 400;
        bed.revoke();
        const error = await later(101, () => failureOf(session.get('/me')));
        const printed = inspect(error, { depth: Infinity, showHidden: true });
        const sent = [...Object.values(SECRETS), bed.refreshToken];
        if (bed.auth.received.length === 0) return 'nothing was sent to it';
        return sent.some((part) => printed.includes(part)) ? 'shows what was sent to it' : 'shows no secret';
    },
};

export const brokenAnswer: Fact = {
    title: 'the error of an answer with status 500, printed',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        const printed = inspect(await failureOf(session.get('/broken')), { depth: Infinity });
        const token = bed.api.authorizations.at(-1)?.slice('Bearer '.length);
        return token && printed.includes(token) ? 'shows the access token' : 'shows no token';
    },
};

export const firstTogether: Fact = {
    title: '20 requests need the first token together',
    async measure(bed, start) {
        const session = await start();
        const succeeded = await attempt(session, 20);
        return `${succeeding(succeeded)}, ${tokenRequests(bed.auth.received.length)}`;
    },
};

export const outage: Fact = {
    title: '20 requests together while the token endpoint answers 503',
    async measure(bed, start) {
        const session = await start();
        bed.failure = 503;
        bed.revoke();
        await attempt(session, 20);
        return tokenRequests(bed.auth.received.length);
    },
};

export const refusedRefresh: Fact = {
    title: '10 requests in turn, the token has expired, and the refresh token is refused with 400',
    async measure(bed, start) {
        bed.lifetime = 100;
        const session = await start();
        bed.failure = 400;
        await later(101, async () => {
            for (let index = 0; index < 10; index += 1) await session.get('/me').catch(() => undefined);
        });
        return tokenRequests(bed.auth.received.length);
    },
};

export const aged: Fact = {
    title: 'a token with 5 of its 100 seconds left',
    async measure(bed, start) {
        bed.lifetime = 100;
        const session = await start();
        await session.get('/me');
        await later(95, () => session.get('/me'));
        const [first, second] = bed.api.authorizations.slice(-2);
        return first === second ? 'is sent' : 'is replaced first';
    },
};

export const reload: Fact = {
    title: 'the first request after a page was loaded, the session in its storage',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        return tokenRequests(bed.auth.received.length);
    },
};

export const revokedTogether: Fact = {
    title: '20 requests with a token that was revoked',
    async measure(bed, start) {
        const session = await startWithRevoked(bed, start);
        const askedBefore = bed.auth.received.length;
        const succeeded = await attempt(session, 20);
        return `${succeeding(succeeded)}, ${tokenRequests(bed.auth.received.length - askedBefore)}`;
    },
};

export const expiredTogether: Fact = {
    title: '20 requests together, the token has expired',
    async measure(bed, start) {
        bed.lifetime = 100;
        const session = await start();
        await session.get('/me');
        const askedBefore = bed.auth.received.length;
        const succeeded = await later(101, () => attempt(session, 20));
        return `${succeeding(succeeded)}, ${tokenRequests(bed.auth.received.length - askedBefore)}`;
    },
};
