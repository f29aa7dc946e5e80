import type { AxiosRequestConfig } from 'axios';
import type { TokenGrantResponse } from '../../src/index.js';
import { alone, check, equal, failureOf, type AxiosFault, type Behaviour } from './scene.js';
import { open, openPlain, type Play } from './stage.js';

/** Starts a request whose token does not come before it is released. */
async function startWaiting({ client, hold, arrival }: Play, config: AxiosRequestConfig) {
    await hold();
    const failure = failureOf(client.get('/leaver', config));
    await arrival('/token');
    // In an object, since a promise of a promise would wait for that.
    return { failure };
}

/** The others get the token; nothing was sent for the one who left. */
async function goesOnForOthers({ client, release, requests, created }: Play): Promise<void> {
    const other = client.get('/other');
    await release();
    equal((await other).status, 200);
    equal([(await requests()).map(({ path }) => path), await created()], [['/other'], 1]);
}

/** Takes so long that less of a timeout is left. */
async function slowCreator(): Promise<TokenGrantResponse> {
    await new Promise((resolve) => {
        setTimeout(resolve, 20);
    });
    return { access_token: 'token-0', token_type: 'Bearer' };
}

const sendsAbortedAgain: AxiosFault = {
    why: "Deno's node:http sends a GET that is aborted on a connection used before once more, with axios alone as well",
    concerns: ({ adapter, runtime }) => runtime === 'deno' && adapter === 'http',
    async control(scene) {
        const { client, hold, release, arrival } = await openPlain(scene);
        await client.get('/first');
        await hold();
        const controller = new AbortController();
        const failure = failureOf(client.get('/held', { signal: controller.signal }));
        await arrival('/held');
        controller.abort();
        await failure;
        const again = arrival('/held', 2).then(
            () => true,
            () => false,
        );
        const isSentAgain = await Promise.race([again, patience()]);
        await release();
        check(!isSentAgain, 'one request to /held');
    },
};

function patience(): Promise<false> {
    return new Promise((resolve) => {
        setTimeout(() => resolve(false), 2_000);
    });
}

/** Leaving while a token is waited for, and while a request is under way. */
export const waitingBehaviours: readonly Behaviour[] = [
    {
        name: 'a request that waits for a token ends with CanceledError when it is aborted; the others wait on',
        async run(scene) {
            const play = open(scene);
            const controller = new AbortController();
            const { failure } = await startWaiting(play, { signal: controller.signal });
            controller.abort();
            const error = await failure;
            equal([scene.axios.isCancel(error), error.name, error.code], [true, 'CanceledError', 'ERR_CANCELED']);
            await goesOnForOthers(play);
        },
    },
    {
        name: 'a request that waits for a token ends with the reason of its cancelToken; the others wait on',
        async run(scene) {
            const play = open(scene);
            const cancellation = scene.axios.CancelToken.source();
            const { failure } = await startWaiting(play, { cancelToken: cancellation.token });
            cancellation.cancel('no longer wanted');
            const error = await failure;
            equal([scene.axios.isCancel(error), error.message], [true, 'no longer wanted']);
            await goesOnForOthers(play);
        },
    },
    {
        name: "a request that waits for a token ends with axios's timeout error in time; the others wait on",
        async run(scene) {
            const play = open(scene);
            const { failure } = await startWaiting(play, { timeout: 150 });
            const error = await failure;
            check(scene.axios.isAxiosError(error), 'an axios error');
            equal([error.code, error.message], ['ECONNABORTED', 'timeout of 150ms exceeded']);
            await goesOnForOthers(play);
        },
    },
    {
        name: 'a request under way ends with CanceledError when it is aborted, and is not sent again',
        axiosFaults: [sendsAbortedAgain],
        async run(scene) {
            const { client, hold, release, arrival, departure, requests } = open(scene);
            await client.get('/first');
            await hold();
            const controller = new AbortController();
            const failure = failureOf(client.get('/held', { signal: controller.signal }));
            await arrival('/held');
            controller.abort();
            const error = await failure;
            equal([scene.axios.isCancel(error), error.code], [true, 'ERR_CANCELED']);
            await departure('/held');
            await release();
            equal((await requests()).length, 2, 'requests');
        },
    },
    {
        name: 'a request under way ends with the reason of its cancelToken',
        async run(scene) {
            const { client, hold, arrival, departure } = open(scene);
            await client.get('/first');
            await hold();
            const cancellation = scene.axios.CancelToken.source();
            const failure = failureOf(client.get('/held', { cancelToken: cancellation.token }));
            await arrival('/held');
            cancellation.cancel('no longer wanted');
            const error = await failure;
            equal([scene.axios.isCancel(error), error.message], [true, 'no longer wanted']);
            await departure('/held');
        },
    },
    {
        name: 'a request that waited for its token and gets no answer fails as with axios alone, its timeout named whole',
        async run(scene) {
            const plain = await openPlain(alone(scene));
            await plain.hold();
            for (const timeout of [500, 2_000, 5_000]) {
                const { client, requests } = open(scene, { creator: slowCreator });
                const config = { timeout, params: { timeout } };
                const [bare, error] = await Promise.all([
                    failureOf(plain.client.get('/held/plain', config)),
                    failureOf(client.get('/held/attached', config)),
                ]);
                // A machine may be so slow that its time was over before it had its token.
                if (!(await requests()).some(({ path }) => path.startsWith('/held/attached'))) continue;
                check(scene.axios.isAxiosError(error), 'an axios error');
                // The fetch adapter of axios before 1.15 words it in another way.
                equal(
                    [error.name, error.code, error.message],
                    [bare.name, bare.code, `timeout of ${timeout}ms exceeded`],
                );
                return;
            }
            throw new Error('it was never sent');
        },
    },
    {
        name: 'a request that was aborted before it began is not sent, and creates no token',
        async run(scene) {
            const { client, log } = open(scene);
            const controller = new AbortController();
            controller.abort();
            const error = await failureOf(client.get('/me', { signal: controller.signal }));
            const { received, created } = await log();
            equal([scene.axios.isCancel(error), received.length, created], [true, 0, 0]);
        },
    },
];
