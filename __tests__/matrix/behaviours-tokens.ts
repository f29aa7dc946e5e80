import type { Clock } from '../../src/index.js';
import { answerOf, check, equal, failureOf, type Behaviour } from './scene.js';
import { createClient, open, openRefused } from './stage.js';

function movableClock(): Clock & { advance(milliseconds: number): void } {
    let time = Date.now();
    return { now: () => time, monotonic: () => time, advance: (milliseconds) => (time += milliseconds) };
}

/** How tokens come into being, live and end. */
export const tokenBehaviours: readonly Behaviour[] = [
    {
        name: 'the first request creates a token, and carries it',
        async run(scene) {
            const { client, authorizations, created } = open(scene);
            equal(await created(), 0, 'tokens before the first request');
            const { status } = await client.get('/me');
            equal([status, await authorizations(), await created()], [200, ['Bearer token-1'], 1]);
        },
    },
    {
        name: '20 first requests at once share one token',
        async run(scene) {
            const { client, authorizations, created } = open(scene);
            const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => client.get(`/me/${index}`)));
            check(
                answers.every(({ status }) => status === 200),
                'all answers to be 200',
            );
            equal([await created(), [...new Set(await authorizations())]], [1, ['Bearer token-1']]);
        },
    },
    {
        name: 'a token of other parameters is one of its own',
        async run(scene) {
            const { client, log, authorizations } = open(scene);
            for (const scope of ['orders', undefined, 'orders']) {
                await client.get('/me', scope ? { tokenCreator: { scope } } : {});
            }
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-2', 'Bearer token-1']);
            const bodies = (await log()).received.filter(({ path }) => path === '/token').map(({ text }) => text);
            equal(bodies, ['scope=orders', '']);
        },
    },
    {
        name: 'a token is renewed in the background ahead of its expiry, and nobody waits',
        async run(scene) {
            const clock = movableClock();
            const { client, authorizations, attachment, set, created, arrival } = open(scene, { clock });
            await set({ expiresIn: 100 });
            await client.get('/1');
            const renewed = new Promise<void>((resolve) => {
                attachment.source.subscribe(({ type }) => type === 'created' && resolve());
            });
            clock.advance(85_000);
            await client.get('/2');
            await arrival('/token', 2);
            await renewed;
            await client.get('/3');
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
            equal(await created(), 2, 'tokens created');
        },
    },
    {
        name: 'a token that has expired is not sent',
        async run(scene) {
            const clock = movableClock();
            const { client, authorizations, set } = open(scene, { clock });
            await set({ expiresIn: 100 });
            await client.get('/1');
            clock.advance(100_000);
            await client.get('/2');
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-2']);
        },
    },
    {
        name: 'two instances that share a source share its token, and one renewal',
        async run(scene) {
            const { client, attachment, authorizations, created, revoke } = open(scene);
            const other = createClient(scene);
            scene.library.attachTokenCreator(other, attachment.source);
            await Promise.all([client.get('/1'), other.get('/2')]);
            await revoke();
            await Promise.all([client.get('/3'), other.get('/4')]);
            equal(await created(), 2, 'tokens created');
            equal((await authorizations()).slice(0, 2), ['Bearer token-1', 'Bearer token-1']);
        },
    },
    {
        name: 'clear() ends those who wait with TokenError cleared; the next request creates a token',
        async run(scene) {
            const { client, attachment, arrival, hold, release, requests } = open(scene);
            await hold();
            const waiting = [failureOf(client.get('/1')), failureOf(client.get('/2'))];
            await arrival('/token');
            attachment.source.clear();
            const errors = await Promise.all(waiting);
            await release();
            equal(
                errors.map(({ name, code }) => [name, code]),
                [
                    ['TokenError', 'cleared'],
                    ['TokenError', 'cleared'],
                ],
            );
            await client.get('/3');
            equal(
                (await requests()).map(({ path, authorization }) => [path, authorization]),
                [['/3', 'Bearer token-2']],
            );
        },
    },
    {
        name: 'after detach() requests carry no token, and meet their 401',
        async run(scene) {
            const { client, attachment, authorizations, created } = await openRefused(scene);
            attachment.detach();
            const response = answerOf(await failureOf(client.get('/me')));
            equal([response?.status, await authorizations(), await created()], [401, [null], 1]);
        },
    },
    {
        name: 'attaching again replaces what was attached',
        async run(scene) {
            const { client, creator, created, authorizations } = open(scene);
            let calls = 0;
            scene.library.attachTokenCreator(client, (context) => {
                calls += 1;
                return creator(context);
            });
            await client.get('/me');
            equal([calls, await created(), await authorizations()], [1, 1, ['Bearer token-1']]);
        },
    },
];
