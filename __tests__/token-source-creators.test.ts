import { createTokenSource, TokenResponseError, type TokenCreator, type TokenSource } from '../src/index.js';
import { createControlledClock } from './support/clock.js';
import { createSourceUnderTest, useFakeTime, grant, settled, watch } from './support/deferred.js';

useFakeTime();

const forged = (creator: () => unknown): TokenCreator => creator as TokenCreator;

/** A source whose creator misbehaves once, and is well behaved from then on. */
function misbehavingOnce(misbehave: () => unknown): TokenSource {
    let calls = 0;
    const creator = forged(() => (++calls === 1 ? misbehave() : Promise.resolve(grant(`token-${calls}`, 3_600))));
    return createTokenSource(creator, { clock: createControlledClock() });
}

async function expectNotWedged(source: TokenSource): Promise<void> {
    expect(source.current()).toBeUndefined();
    expect((await source.getToken()).value).toBe('token-2');
    expect(source.current()?.value).toBe('token-2');
    expect(jest.getTimerCount()).toBe(0);
}

const SECRET = 'hush';

const GARBAGE: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['true', true],
    ['0', 0],
    ['a number', 42],
    ['NaN', NaN],
    ['a bigint', 1n],
    ['a symbol', Symbol('token')],
    ['an empty string', ''],
    ['a token alone', SECRET],
    ['JSON', JSON.stringify(grant(SECRET))],
    ['a function', () => grant(SECRET)],
    ['an array', []],
    ['an array of one grant', [grant(SECRET)]],
    ['an array that carries a token', Object.assign([], grant(SECRET))],
    ['an empty object', {}],
    ['a date', new Date()],
    ['a map', new Map(Object.entries(grant(SECRET)))],
    ['an HTTP answer around the grant', { status: 200, data: grant(SECRET) }],
    ['an error', new Error('as a value')],
    ['an OAuth error', { error: 'invalid_grant' }],
    ['access_token undefined', { token_type: 'Bearer', access_token: undefined }],
    ['access_token null', { token_type: 'Bearer', access_token: null }],
    ['access_token empty', { token_type: 'Bearer', access_token: '' }],
    ['access_token a number', { token_type: 'Bearer', access_token: 42 }],
    ['access_token an object', { token_type: 'Bearer', access_token: { toString: () => SECRET } }],
    ['access_token a String object', { token_type: 'Bearer', access_token: Object(SECRET) as unknown }],
    ['access_token an array', { token_type: 'Bearer', access_token: [SECRET] }],
    ['access_token with CR/LF', grant(`${SECRET}\r\nX-Injected: 1`)],
    ['access_token with LF at its end', grant(`${SECRET}\n`)],
    ['access_token with CR', grant(`${SECRET}\r`)],
    ['access_token with NUL', grant(`${SECRET}\0`)],
    ['access_token with a space', grant(`${SECRET} ${SECRET}`)],
    ['access_token with a tab', grant(`\t${SECRET}`)],
    ['access_token with DEL', grant(`${SECRET}\x7F`)],
    ['access_token that is not ASCII', grant(`${SECRET}ü`)],
    ['access_token with a character that is cut down to LF', grant(`${SECRET}\u{560A}`)],
    ['access_token with an emoji', grant(`${SECRET}🔑`)],
    ['token_type mac', { access_token: SECRET, token_type: 'mac' }],
    ['token_type DPoP', { access_token: SECRET, token_type: 'DPoP' }],
    ['token_type N_A', { access_token: SECRET, token_type: 'N_A' }],
    ['token_type with LF', { access_token: SECRET, token_type: 'Bearer\n' }],
    ['token_type a number', { access_token: SECRET, token_type: 1 }],
    ['token_type an array', { access_token: SECRET, token_type: ['Bearer'] }],
];

describe('a creator that answers with garbage cannot wedge the source', () => {
    it.each(GARBAGE)('in a promise: %s', async (_, garbage) => {
        const source = misbehavingOnce(() => Promise.resolve(garbage));
        const outcome = watch(source.getToken());
        await settled();
        const failed = outcome();
        if (failed.status !== 'rejected') throw new Error('the garbage was accepted');
        expect(failed.reason).toBeInstanceOf(TokenResponseError);
        expect(failed.reason).toMatchObject({ code: 'response', name: 'TokenResponseError' });
        expect(String((failed.reason as Error).stack)).not.toContain(SECRET);
        await expectNotWedged(source);
    });

    it.each(GARBAGE)('without a promise: %s', async (_, garbage) => {
        const source = misbehavingOnce(() => garbage);
        await expect(source.getToken()).rejects.toBeInstanceOf(TokenResponseError);
        await expectNotWedged(source);
    });

    it('in the background: the valid token stays', async () => {
        const { source, clock, last, obtain } = createSourceUnderTest();
        const token = await obtain(grant('held', 3_600));
        clock.advance(3_300_000);
        source.current();
        await last().answer({ access_token: 42 });
        expect(source.current()).toBe(token);
    });

    it('late: the token that came in the meantime stays', async () => {
        const { source, calls, last } = createSourceUnderTest();
        source.getToken().catch(() => {});
        jest.advanceTimersByTime(30_000);
        const pending = source.getToken();
        await last().answer(grant('held', 3_600));
        await calls[0]?.answer('garbage');
        expect(source.current()).toBe(await pending);
    });

    it('an answer that throws when it is read fails the creation alone', async () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        const error = new Error('getter');
        const trapped = {
            get access_token(): string {
                throw error;
            },
        };
        for (const hostile of [proxy, trapped]) {
            const source = misbehavingOnce(() => [hostile][0]);
            await expect(source.getToken()).rejects.toBeInstanceOf(Error);
            await expectNotWedged(source);
        }
    });
});

describe('a creator that throws cannot wedge the source', () => {
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const thrown: [string, unknown][] = [
        ['an error', new Error('down')],
        ['a frozen error', Object.freeze(new Error('down'))],
        ['undefined', undefined],
        ['null', null],
        ['a string', 'down'],
        ['a symbol', Symbol('down')],
        ['an object without a prototype', Object.create(null)],
    ];
    const hostile: [string, unknown][] = [
        [
            'an error whose properties throw',
            Object.defineProperty(new Error('down'), 'response', {
                get() {
                    throw new Error('getter');
                },
            }),
        ],
        ['a revoked proxy', revoked],
    ];

    it.each([...thrown, ...hostile])('synchronously: the waiters get what it threw: %s', async (_, error) => {
        const source = misbehavingOnce(() => {
            throw error;
        });
        const pending = source.getToken();
        const outcome = watch(pending);
        await settled();
        expect(Object.is((outcome() as { reason: unknown }).reason, error)).toBe(true);
        await expectNotWedged(source);
    });

    it.each([...thrown, ...hostile])('in its promise: the waiters get what it threw: %s', async (_, error) => {
        const source = misbehavingOnce(() => Promise.reject(error));
        const outcome = watch(source.getToken());
        await settled();
        expect(Object.is((outcome() as { reason: unknown }).reason, error)).toBe(true);
        await expectNotWedged(source);
    });

    it('getToken itself never throws, and current never does', () => {
        const source = createTokenSource(() => {
            throw new Error('down');
        });
        const pending: Promise<unknown>[] = [];
        expect(() => pending.push(source.getToken())).not.toThrow();
        expect(source.current()).toBeUndefined();
        return expect(pending[0]).rejects.toThrow('down');
    });
});

describe('a creator that returns something other than a promise', () => {
    it('a grant: it is taken', async () => {
        const source = createTokenSource(forged(() => grant('plain', 3_600)));
        expect((await source.getToken()).value).toBe('plain');
        expect(source.current()?.value).toBe('plain');
    });

    it('a thenable: it is followed, and only its first answer counts', async () => {
        const source = createTokenSource(
            forged(() => ({
                // oxlint-disable-next-line unicorn/no-thenable
                then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
                    resolve(grant('first', 3_600));
                    resolve(grant('second', 3_600));
                    reject(new Error('third'));
                },
            })),
        );
        expect((await source.getToken()).value).toBe('first');
    });

    it('a thenable that throws: the waiters get what it threw', async () => {
        const source = misbehavingOnce(() => ({
            // oxlint-disable-next-line unicorn/no-thenable
            then() {
                throw new Error('then');
            },
        }));
        await expect(source.getToken()).rejects.toThrow('then');
        await expectNotWedged(source);
    });
});

describe('a creator that never settles cannot wedge the source', () => {
    it('its waiters end at creationTimeout, and the next request creates anew', async () => {
        const source = misbehavingOnce(() => new Promise(() => {}));
        const outcome = watch(source.getToken());
        jest.advanceTimersByTime(30_000);
        await settled();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        await expectNotWedged(source);
    });

    it('in the background: the token is served while it is valid, and renewed after creationTimeout', async () => {
        const { source, clock, calls, obtain } = createSourceUnderTest();
        const token = await obtain(grant('held', 3_600));
        clock.advance(3_300_000);
        for (let i = 0; i < 10; i++) expect(source.current()).toBe(token);
        expect(calls).toHaveLength(2);
        jest.advanceTimersByTime(30_000);
        await settled();
        expect(source.current()).toBe(token);
        expect(calls).toHaveLength(3);
    });

    it('a creator that waits for itself ends at creationTimeout, with an error that says so', async () => {
        const source: TokenSource = createTokenSource(() => source.getToken().then(({ grant: same }) => same));
        const outcome = watch(source.getToken());
        jest.advanceTimersByTime(30_000);
        await settled();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        expect(String((outcome() as { reason: unknown }).reason)).toMatch(/waits? for/);
    });

    it('one that answers when its signal fires is too late for its waiters, but its grant is adopted', async () => {
        const source = createTokenSource(
            (context) =>
                new Promise((resolve) => {
                    context?.signal.addEventListener('abort', () => resolve(grant('late', 3_600)));
                }),
        );
        const outcome = watch(source.getToken());
        jest.advanceTimersByTime(30_000);
        await settled();
        expect(outcome()).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
        expect(source.current()?.value).toBe('late');
    });
});

it('a creator that changes its grant afterwards does not change the token', async () => {
    const answer = { ...grant('first', 3_600), refresh_token: 'r' };
    const source = createTokenSource(() => Promise.resolve(answer));
    const token = await source.getToken();
    Object.assign(answer, { access_token: 'second\n', refresh_token: 'changed' });
    expect(token.value).toBe('first');
    expect(token.grant.refresh_token).toBe('r');
});
