import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { createTokenSource, type TokenEvent } from '../src/index.js';
import { START } from './support/clock.js';
import { createSourceUnderTest, fixRandom, grant, settled, watch } from './support/deferred.js';

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

const types = (events: TokenEvent[]): string[] => events.map(({ type }) => type);

describe('the events', () => {
    it('creating { reason } and created { reason, durationMs, expiresAt }', async () => {
        const { source, clock, last, events } = createSourceUnderTest();
        const pending = source.getToken();
        expect(events).toEqual([{ type: 'creating', reason: 'missing' }]);
        clock.advance(250);
        await last().answer(grant('a', 60));
        await pending;
        expect(events.slice(1)).toEqual([
            { type: 'created', reason: 'missing', durationMs: 250, expiresAt: START + 60_000 },
        ]);
    });

    it('creating comes before the call of the creator, created before those who wait go on', async () => {
        const heard: string[] = [];
        const source = createTokenSource(
            () => {
                heard.push('called');
                return Promise.resolve(grant('a'));
            },
            { onEvent: ({ type }) => heard.push(type) },
        );
        await source.getToken();
        heard.push('served');
        expect(heard).toEqual(['creating', 'called', 'created', 'served']);
    });

    it('failed { reason, error }, with nextAttemptAt where the next attempt is held back', async () => {
        const { source, last, events } = createSourceUnderTest();
        source.getToken().catch(() => {});
        const error = new Error('down');
        await last().fail(error);
        source.getToken().catch(() => {});
        const busy = Object.assign(new Error('busy'), { retryAfter: 5_000 });
        await last().fail(busy);
        expect(events).toEqual([
            { type: 'creating', reason: 'missing' },
            { type: 'failed', reason: 'missing', error },
            { type: 'creating', reason: 'missing' },
            { type: 'failed', reason: 'missing', error: busy, nextAttemptAt: START + 5_000 },
        ]);
        expect((events[1] as { error: unknown }).error).toBe(error);
    });

    it('a request that is held back is no event', async () => {
        const { source, last, events } = createSourceUnderTest();
        source.getToken().catch(() => {});
        await last().fail(Object.assign(new Error('busy'), { retryAfter: 5_000 }));
        await expect(source.getToken()).rejects.toThrow('busy');
        expect(types(events)).toEqual(['creating', 'failed']);
    });

    it('rejected { status } and replayed { status, recovered }', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a'));
        events.length = 0;
        const replay = source.reject(token, { status: 419 });
        expect(events).toEqual([{ type: 'rejected', status: 419 }]);
        replay?.succeeded();
        expect(events.slice(1)).toMatchObject([{ type: 'replayed', recovered: true }]);
    });

    it('many refusals of one token are one event', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        const token = await obtain(grant('a'));
        for (let i = 0; i < 10; i++) source.reject(token, { status: 401 });
        expect(types(events)).toEqual(['creating', 'created', 'rejected']);
    });

    it('replayed { status, recovered: false } where the second answer does not show that the token was accepted', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        const replay = source.reject(await obtain(grant('a')), { status: 401 });
        replay?.failed?.(503);
        replay?.failed?.();
        expect(events.slice(3)).toEqual([
            { type: 'replayed', status: 503, recovered: false },
            { type: 'replayed', status: undefined, recovered: false },
        ]);
    });

    it('cleared', async () => {
        const { source, events } = createSourceUnderTest();
        source.clear();
        await settled();
        expect(events).toEqual([{ type: 'cleared' }]);
    });

    it('no event holds a token or a secret', async () => {
        const { source, clock, last, events, obtain } = createSourceUnderTest();
        const secret = 'do-not-show-me';
        const answer = { ...grant(secret, 60), refresh_token: secret, id_token: secret };
        const token = await obtain(answer);
        clock.advance(50_000);
        source.current();
        await last().answer({ ...answer, access_token: `${secret}\n` });
        source.reject(token, { status: 401 })?.succeeded();
        source.getToken().catch(() => {});
        await last().answer({ ...answer, token_type: 'mac' });
        source.clear();
        expect(types(events)).toEqual([
            'creating',
            'created',
            'creating',
            'failed',
            'rejected',
            'replayed',
            'creating',
            'failed',
            'cleared',
        ]);
        expect(inspect(events, { depth: Infinity, showHidden: true })).not.toContain(secret);
        expect(JSON.stringify(events)).not.toContain(secret);
    });
});

describe('listeners', () => {
    it('onEvent and each subscription hear the same, in order', async () => {
        const { source, events, obtain } = createSourceUnderTest();
        const heard: TokenEvent[][] = [[], []];
        for (const list of heard) source.subscribe((event) => list.push(event));
        await obtain(grant('a'));
        source.clear();
        expect(types(events)).toEqual(['creating', 'created', 'cleared']);
        expect(heard).toEqual([events, events]);
    });

    it('an unsubscribed one hears no more; the others do', async () => {
        const { source, obtain } = createSourceUnderTest();
        const heard: string[] = [];
        const listener = ({ type }: TokenEvent): void => void heard.push(type);
        const first = source.subscribe(listener);
        source.subscribe(listener);
        source.clear();
        expect(heard).toEqual(['cleared', 'cleared']);
        first();
        first();
        await obtain(grant('a'));
        expect(heard.slice(2)).toEqual(['creating', 'created']);
    });

    it('listeners that throw disturb nobody', async () => {
        const { source, events, last, obtain } = createSourceUnderTest({
            onEvent: () => {
                throw new Error('listener');
            },
        });
        source.subscribe(() => {
            throw new Error('listener');
        });
        const heard: TokenEvent[] = [];
        source.subscribe((event) => heard.push(event));
        const token = await obtain(grant('a', 0));
        expect(token.value).toBe('a');
        const error = new Error('down');
        const outcome = watch(source.getToken());
        await last().fail(error);
        expect(outcome()).toEqual({ status: 'rejected', reason: error });
        expect(source.reject(token, { status: 401 })).toBeDefined();
        expect(() => source.clear()).not.toThrow();
        expect(types(heard)).toEqual(['creating', 'created', 'creating', 'failed', 'rejected', 'cleared']);
        expect(events).toEqual([]);
    });

    it('listeners that reject disturb nobody', async () => {
        // jest fails a test during which a rejection stays unhandled
        const { source, obtain } = createSourceUnderTest();
        let heard = 0;
        const listener = async (): Promise<void> => {
            heard += 1;
            await settled();
            throw new Error('async listener');
        };
        source.subscribe(listener); // oxlint-disable-line typescript/no-misused-promises
        expect((await obtain(grant('a'))).value).toBe('a');
        await settled();
        expect(heard).toBe(2);
    });

    it('listeners that reject with a promise of another realm or library disturb nobody', async () => {
        const { source, obtain } = createSourceUnderTest();
        source.subscribe(() => runInNewContext('Promise.reject(new Error("async listener"))') as void);
        expect((await obtain(grant('a'))).value).toBe('a');
        await settled();
    });

    it('a listener that leaves while it is told disturbs nobody', async () => {
        const { source, obtain } = createSourceUnderTest();
        const heard: string[] = [];
        const leave = source.subscribe(({ type }) => {
            heard.push(`first ${type}`);
            leave();
        });
        source.subscribe(({ type }) => heard.push(`second ${type}`));
        await obtain(grant('a'));
        expect(heard).toEqual(['first creating', 'second creating', 'second created']);
    });

    it('a listener that subscribes anew while it is told hears the next event, not the same one again', async () => {
        const { source } = createSourceUnderTest();
        let heard = 0;
        const arm = (): void => {
            const leave = source.subscribe(() => {
                heard += 1;
                leave();
                if (heard < 1_000) arm(); // an endless loop otherwise
            });
        };
        arm();
        source.clear();
        expect(heard).toBe(1);
        source.clear();
        expect(heard).toBe(2);
    });

    it('a listener may ask the source for a token', async () => {
        const { source, calls, last } = createSourceUnderTest();
        const asked: Promise<unknown>[] = [];
        const leave = source.subscribe(() => asked.push(source.getToken()));
        const pending = source.getToken();
        await last().answer(grant('a', 3_600));
        leave();
        expect(new Set(await Promise.all([pending, ...asked]))).toEqual(new Set([source.current()]));
        expect(asked).toHaveLength(2);
        expect(calls).toHaveLength(1);
    });

    it('what a listener does on hearing of a log-out is told as well; that it clears again is not', async () => {
        const { source, events } = createSourceUnderTest();
        source.subscribe(({ type }) => {
            if (type !== 'cleared') return;
            source.clear();
            source.getToken().catch(() => {});
        });
        source.clear();
        expect(types(events)).toEqual(['cleared', 'creating']);
    });

    it('every listener hears the events in the order in which they happen, even if one of them clears', async () => {
        const { source, last } = createSourceUnderTest();
        source.subscribe(({ type }) => {
            if (type === 'created') source.clear();
        });
        const heard: TokenEvent[] = [];
        source.subscribe((event) => heard.push(event));
        source.getToken().catch(() => {});
        await last().answer(grant('a', 3_600));
        expect(types(heard)).toEqual(['creating', 'created', 'cleared']);
    });
});
