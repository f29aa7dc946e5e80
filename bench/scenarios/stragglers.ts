import { burst, type Burst } from '../burst.js';
import { sum, timed } from '../measure.js';
import { createFunctionWorld } from '../worlds/function-world.js';
import { CREATION_TIME, PATH } from '../worlds/world.js';
import { unended } from './at-once.js';
import type { Run } from './scenario.js';

// A revoked token under way in 200 requests whose 401s come back one by one: the first at once, the others at random,
// most of them after the renewal that the first one caused. Each revocation should cost one creation.

const REQUESTS = 200;
const FIRST_ANSWER = 2;
const LAST_ANSWER = 160;

/** Pseudo-random numbers from 0 to 1, the same in every run (the minimal standard generator). */
function createRandom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
    };
}

export const stragglers: Run = async function* (context) {
    const revocations = context.isOurs && !context.quick ? 20 : 5;
    const random = createRandom(20_261_101);
    let refused = 0;
    let afterRenewal = 0;
    const responseTime = (status: number): number => {
        if (status === 200) return FIRST_ANSWER;
        refused += 1;
        const isFirst = refused % REQUESTS === 1;
        const ms = isFirst ? FIRST_ANSWER : FIRST_ANSWER + Math.round(random() * (LAST_ANSWER - FIRST_ANSWER));
        if (ms > FIRST_ANSWER + CREATION_TIME) afterRenewal += 1;
        return ms;
    };
    const world = createFunctionWorld({ responseTime });
    const client = await context.subject.create(world);
    await client.get(PATH).catch(() => {});
    const { creations, withoutToken } = await world.counts();
    refused = 0;
    afterRenewal = 0;
    const bursts: Burst[] = [];
    const ms = await timed(async () => {
        while (bursts.length < revocations && (bursts.at(-1)?.pending ?? 0) === 0) {
            await world.revoke();
            bursts.push(await burst(REQUESTS, () => client.get(PATH)));
        }
    });
    const after = await world.counts();
    client.close?.();

    const each = (value: number): number => value / bursts.length;
    yield {
        name: 'creations per revocation',
        key: 'creations',
        unit: '',
        measured: each(after.creations - creations),
        target: { exactly: 1 },
    };
    const failed = sum(bursts.map((one) => one.failed));
    yield { name: 'failed', key: 'failed', unit: '', measured: failed, target: { exactly: 0 } };
    yield {
        name: 'sent without a token',
        key: 'withoutToken',
        unit: '',
        measured: after.withoutToken - withoutToken,
        target: { exactly: 0 },
    };
    yield { name: 'refused answers per revocation', key: 'refused', unit: '', measured: each(refused) };
    yield { name: 'of these later than a renewal', key: 'late', unit: '', measured: each(afterRenewal) };
    yield { name: 'time per revocation', key: 'ms', unit: 'ms', measured: each(ms) };
    yield* unended('200 refused', bursts);
};
