import axios, { type AxiosAdapter } from 'axios';
import { setTimeout as delay } from 'node:timers/promises';
import { attachTokenCreator } from '../src/index.js';
import { answerLater, authorizationOf } from './in-process.js';
import { burst, timed, type Benchmark } from './measure.js';

// A revoked token under way in 200 requests whose 401s come back one by one: the first at once, the others at random,
// most of them after the renewal that the first one caused. Each revocation should cost one creation.

const REQUESTS = 200;
const FIRST_ANSWER = 2;
const CREATION_TIME = 3;
const LAST_ANSWER = 60;

/** Pseudo-random numbers from 0 to 1, the same in every run (the minimal standard generator). */
function createRandom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
    };
}

export const stragglers: Benchmark = async ({ quick }) => {
    const revocations = quick ? 10 : 30;
    const random = createRandom(20_261_101);
    let creations = 0;
    let valid = '';
    let afterRenewal = 0;
    let refused = 0;

    const adapter: AxiosAdapter = answerLater((config) => {
        if (authorizationOf(config) === `Bearer ${valid}`) return { status: 200, ms: FIRST_ANSWER };
        refused += 1;
        const isFirst = refused % REQUESTS === 1;
        const ms = isFirst ? FIRST_ANSWER : FIRST_ANSWER + Math.round(random() * (LAST_ANSWER - FIRST_ANSWER));
        if (ms > FIRST_ANSWER + CREATION_TIME) afterRenewal += 1;
        return { status: 401, ms };
    });
    const client = axios.create({ adapter, baseURL: 'http://api.localhost' });
    attachTokenCreator(client, async () => {
        creations += 1;
        await delay(CREATION_TIME);
        valid = `token-${creations}`;
        return { access_token: valid, token_type: 'Bearer', expires_in: 3_600 };
    });

    await client.get('/things/1');
    const creationsBefore = creations;
    let failed = 0;
    const ms = await timed(async () => {
        for (let revocation = 0; revocation < revocations; revocation++) {
            valid = '';
            failed += (await burst(REQUESTS, () => client.get('/things/1'))).failed;
        }
    });

    return [
        {
            name: 'creations per revocation',
            unit: '',
            measured: (creations - creationsBefore) / revocations,
            target: { exactly: 1 },
        },
        { name: 'failed', unit: '', measured: failed, target: { exactly: 0 } },
        { name: 'refused answers per revocation', unit: '', measured: refused / revocations },
        { name: 'of these later than the renewal', unit: '', measured: afterRenewal / revocations },
        { name: 'time per revocation', unit: 'ms', measured: ms / revocations },
    ];
};
