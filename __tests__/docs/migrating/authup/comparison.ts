import { SECRETS, sessionOn, type Bed, type Session } from '../bed.js';
import * as facts from '../facts.js';
import * as after from './after.js';
import * as before from './before.js';

export const admin = { name: 'admin', password: SECRETS.password };

function startBefore({ api, auth }: Bed): Session {
    const { api: client, hook } = before.createApi(api.url, auth.url, admin);
    return {
        get: (url) => client.get(url),
        async end() {
            hook.setTimer = () => undefined;
            hook.clearTimer();
            await hook['refresh']().catch(() => undefined); // one that is under way has its timer cleared as well
        },
    };
}

function startAfter({ api, auth }: Bed): Session {
    const { api: instance } = after.createApi(api.url, auth.url, admin);
    return sessionOn(instance);
}

const first: facts.Fact = {
    title: 'the first request',
    async measure(bed, start) {
        await (await start()).get('/me');
        return bed.refused === 0 ? 'carries a token' : 'is refused, then sent again with a token';
    },
};

const renewal: facts.Fact = {
    title: 'what a renewal sends to Authup',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        bed.revoke();
        await session.get('/me');
        const sent = new URLSearchParams(bed.auth.received.at(-1)?.body.toString());
        return sent.get('grant_type') === 'refresh_token' ? 'the refresh token' : `the ${sent.get('grant_type')}`;
    },
};

const month: facts.Fact = {
    title: 'a token that is valid for 30 days, in the course of 50 requests',
    async measure(bed, start) {
        bed.lifetime = 30 * 86_400;
        const session = await start();
        const isRenewedAgain = (): boolean => bed.auth.received.length > 3;
        for (let index = 0; index < 50 && !isRenewedAgain(); index += 1) await session.get('/me');
        return isRenewedAgain() ? 'is renewed again and again' : 'is used';
    },
};

const authupAnswers: facts.Fact = {
    title: 'a 400 `expired_token`, as Authup answers',
    async measure(bed, start) {
        bed.refusal = { status: 400, body: { statusCode: 400, code: 'expired_token' } };
        const session = await start();
        bed.logIn();
        await session.get('/me').catch(() => undefined);
        bed.revoke();
        const answer = await session.get('/me').catch(() => undefined);
        return answer?.status === 200 ? 'is healed' : 'is the answer';
    },
};

export const comparison: facts.Comparison = {
    before: startBefore,
    after: startAfter,
    facts: [
        first,
        facts.together,
        facts.late,
        renewal,
        month,
        authupAnswers,
        facts.stubborn,
        facts.otherHost,
        facts.secrets,
        facts.brokenAnswer,
    ],
};
