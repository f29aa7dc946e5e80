import axios, { type AxiosInstance } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { attachTokenCreator, createTokenSource, type TokenSourceOptions } from '../../src/index.js';
import {
    createTestClock,
    createTestTokenCreator,
    type TestTokenCreator,
    type TestTokenCreatorOptions,
} from '../../src/testing/index.js';
import { failOnUnhandledRejections, failureOf, until } from '../support/servers.js';
import { expectTypeError } from '../support/type-error.js';

failOnUnhandledRejections();

interface Scene {
    readonly creator: TestTokenCreator;
    readonly client: AxiosInstance;
    /** The `Authorization` of each request. */
    readonly sent: unknown[];
}

/** A client of an API that takes the tokens of the creator. */
function arrange(options?: TestTokenCreatorOptions, sourceOptions?: TokenSourceOptions): Scene {
    const creator = createTestTokenCreator(options);
    const client = axios.create({ baseURL: 'https://api.example.com' });
    const sent: unknown[] = [];
    new MockAdapter(client).onGet().reply(({ headers }) => {
        sent.push(headers?.['Authorization']);
        return [creator.isLive(headers?.['Authorization']) ? 200 : 401];
    });
    attachTokenCreator(client, creator, { clock: creator.clock, ...sourceOptions });
    return { creator, client, sent };
}

const reasonsOf = ({ calls }: TestTokenCreator) => calls.map((context) => context?.reason);

describe('a test token creator', () => {
    it('creates a token for each call, and remembers both', async () => {
        const creator = createTestTokenCreator();

        expect(await creator()).toEqual({ access_token: 'test-token-1', token_type: 'Bearer', expires_in: 3_600 });
        expect(await creator()).toEqual({ access_token: 'test-token-2', token_type: 'Bearer', expires_in: 3_600 });

        expect(creator.calls).toEqual([undefined, undefined]);
        expect(creator.issued).toEqual(['test-token-1', 'test-token-2']);
    });

    it('is called when there is no token, ahead of its end, after it, and after a 401', async () => {
        const { creator, client, sent } = arrange({ expiresIn: 1_000 });

        await client.get('/');
        creator.clock.advance(850_000);
        await client.get('/');
        await until(() => creator.issued.length === 2);
        creator.clock.advance(1_000_000);
        await client.get('/');
        creator.revoke();
        await client.get('/');

        expect(reasonsOf(creator)).toEqual(['missing', 'ahead', 'expired', 'rejected']);
        expect(sent).toEqual([1, 1, 3, 3, 4].map((number) => `Bearer test-token-${number}`));
    });

    it('creates tokens without a lifetime', async () => {
        const { creator, client } = arrange({ expiresIn: Infinity });

        await client.get('/');
        creator.clock.advance(1e12);
        await client.get('/');

        expect(creator.issued).toHaveLength(1);
        expect(await createTestTokenCreator({ expiresIn: Infinity })()).not.toHaveProperty('expires_in');
    });

    it('fails as often as it is told to, with that very error, in order', async () => {
        const creator = createTestTokenCreator();
        const [first, second] = [new Error('first'), new Error('second')];

        creator.fail(first, 2);
        creator.fail(second);

        const outcomes = await Promise.allSettled([creator(), creator(), creator(), creator()]);
        expect(outcomes.map((outcome) => ('reason' in outcome ? (outcome.reason as unknown) : 'granted'))).toEqual([
            first,
            first,
            second,
            'granted',
        ]);
        expect(creator.issued).toEqual(['test-token-1']);
        expect(creator.calls).toHaveLength(4);
    });

    it('fails for ever, if need be: that is what its client gets', async () => {
        const { creator, client } = arrange();
        const down = new Error('the login service is down');
        creator.fail(down, Infinity);

        for (const _ of [1, 2]) expect(await failureOf(client.get('/'))).toBe(down);
    });

    it('keeps those who ask waiting while it is held, for one creation', async () => {
        const { creator, client, sent } = arrange();
        const release = creator.hold();
        const answers = Array.from({ length: 10 }, () => client.get('/'));
        await until(() => creator.calls.length === 1);
        expect(creator.issued).toEqual([]);

        release();
        release();
        await Promise.all(answers);

        expect(creator.issued).toEqual(['test-token-1']);
        expect(sent).toHaveLength(10);
        await creator(); // is not held any more
    });

    it('is held by the newest hold alone, whichever ends first', async () => {
        const creator = createTestTokenCreator();
        const releaseFirst = creator.hold();
        const first = creator();
        const releaseSecond = creator.hold();
        const second = creator();

        releaseFirst();
        await first;
        expect(creator.issued).toHaveLength(1);
        const third = creator();
        releaseSecond();

        expect((await Promise.all([second, third])).map(({ access_token }) => access_token)).toEqual([
            'test-token-2',
            'test-token-3',
        ]);
    });

    it('that is held outlasts the creation timeout, and its late token is adopted', async () => {
        const { creator, client, sent } = arrange({}, { creationTimeout: 20 });
        const release = creator.hold();

        expect(await failureOf(client.get('/'))).toMatchObject({ name: 'TokenError', code: 'timeout' });
        release();
        await until(() => creator.issued.length === 1);
        await client.get('/');

        expect(sent).toEqual(['Bearer test-token-1']);
    });

    it('fails after it was held', async () => {
        const creator = createTestTokenCreator();
        const error = new Error('down');
        creator.fail(error);
        const release = creator.hold();
        const failure = failureOf(creator());

        release();

        expect(await failure).toBe(error);
    });

    it('is a creator like any other for a source of its own', async () => {
        const creator = createTestTokenCreator();
        const source = createTokenSource(creator, { clock: creator.clock });

        expect((await source.getToken({ parameters: { scope: 'a' } })).value).toBe('test-token-1');

        expect(creator.calls[0]).toMatchObject({ reason: 'missing', parameters: { scope: 'a' } });
    });
});

describe('its tokens are live', () => {
    it('alone and after Bearer, and nothing else is', async () => {
        const creator = createTestTokenCreator();
        await creator();

        for (const given of ['test-token-1', 'Bearer test-token-1', 'bearer test-token-1']) {
            expect(creator.isLive(given)).toBe(true);
        }
        for (const given of [
            'test-token-2',
            'Basic test-token-1',
            'Bearer',
            '',
            undefined,
            null,
            1,
            ['test-token-1'],
        ]) {
            expect(creator.isLive(given)).toBe(false);
        }
    });

    it('until they are revoked; later ones are not', async () => {
        const creator = createTestTokenCreator();
        await creator();

        creator.revoke();
        await creator();

        expect(creator.issued.map((token) => creator.isLive(token))).toEqual([false, true]);
    });

    it.each<[how: string, pass: (creator: TestTokenCreator) => void, isLive: boolean]>([
        ['just before their end', ({ clock }) => clock.advance(59_999), true],
        ['at their end', ({ clock }) => clock.advance(60_000), false],
        ['at their end, while the machine slept', ({ clock }) => clock.sleep(60_000), false],
        [
            'at their end, although the wall clock was set back',
            ({ clock }) => {
                clock.setBack(3_600_000);
                clock.advance(60_000);
            },
            false,
        ],
        ['after the wall clock was set back', ({ clock }) => clock.setBack(3_600_000), true],
    ])('or not, %s', async (_, pass, isLive) => {
        const creator = createTestTokenCreator({ expiresIn: 60 });
        await creator();

        pass(creator);

        expect(creator.isLive('test-token-1')).toBe(isLive);
    });
});

describe('a test clock', () => {
    it('starts at the present, and moves only when it is moved', () => {
        const before = Date.now();
        const clock = createTestClock();
        const start = clock.now();
        const moved = () => [clock.now() - start, clock.monotonic()];

        expect(start).toBeGreaterThanOrEqual(before);
        expect(start).toBeLessThanOrEqual(Date.now());
        expect(moved()).toEqual([0, 0]);
        clock.advance(5);
        expect(moved()).toEqual([5, 5]);
        clock.sleep(10);
        expect(moved()).toEqual([15, 5]);
        clock.setBack(100);
        expect(moved()).toEqual([-85, 5]);
    });

    it.each(['advance', 'sleep', 'setBack'] as const)('%s takes a number of milliseconds', (move) => {
        const clock = createTestClock();
        const start = clock.now();

        for (const wrong of [undefined, NaN, Infinity, -1, '5', null]) {
            expectTypeError(() => clock[move](wrong as number), `${move}: parameters.milliseconds`, `not `);
        }
        expect([clock.now(), clock.monotonic()]).toEqual([start, 0]);
    });
});

describe('wrong arguments are a TypeError at once', () => {
    it.each([0, -1, NaN, '60', null])('expiresIn: %p', (expiresIn) => {
        expectTypeError(
            () => createTestTokenCreator({ expiresIn } as never),
            'createTestTokenCreator: options.expiresIn must be a number of seconds above 0, not',
        );
    });

    it('options that are no object, or unknown', () => {
        expectTypeError(() => createTestTokenCreator(null as never), 'options must be an object, not null');
        expectTypeError(
            () => createTestTokenCreator({ lifetime: 5 } as never),
            'unknown options.lifetime',
            'expiresIn',
        );
    });

    it('fail', () => {
        const creator = createTestTokenCreator();
        const fail = (error: unknown, times?: unknown) => creator.fail(error as Error, times as number);

        for (const error of [undefined, null, 'down', 503]) {
            expectTypeError(() => fail(error), 'fail: parameters.error must be an error');
        }
        for (const times of [0, -1, NaN, 1.5, '2', null]) {
            expectTypeError(() => fail(new Error('a-canary'), times), 'fail: parameters.times must be a whole number');
        }
    });
});
