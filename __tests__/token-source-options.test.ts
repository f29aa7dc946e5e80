import { createTokenSource, type TokenCreator, type TokenSourceOptions } from '../src/index.js';
import { createControlledClock } from './support/clock.js';
import { grant } from './support/deferred.js';

const creator: TokenCreator = () => Promise.resolve(grant('a'));

/** What comes of those arguments. */
function failureOf(given: unknown, options?: unknown): unknown {
    try {
        createTokenSource(given as TokenCreator, options as TokenSourceOptions);
        return undefined;
    } catch (error) {
        return error;
    }
}

const MILLISECONDS: [unknown, string][] = [
    [-1, '-1'],
    [-0.5, '-0.5'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    ['300', '"300"'],
    ['', '""'],
    [null, 'null'],
    [true, 'true'],
    [1n, '1'],
    [{}, 'object'],
    [[], '[]'],
    [() => 1, 'function'],
];

const CASES: [string, unknown, string][] = [
    ...['refreshAhead', 'expiryLeeway', 'creationTimeout'].flatMap((name) =>
        MILLISECONDS.map(([value, shown]): [string, unknown, string] => [name, value, shown]),
    ),
    ['creationTimeout', 0, '0'],
    ['creationTimeout', 0.5, '0.5'],
    ['onEvent', 'log', '"log"'],
    ['onEvent', null, 'null'],
    ['onEvent', {}, 'object'],
    ['clock', null, 'null'],
    ['clock', 42, '42'],
    ['clock', {}, 'object'],
    ['clock', { now: () => 0 }, 'object'],
    ['clock', { now: () => 0, monotonic: 0 }, 'object'],
    ['clock', Date.now, 'function'],
];

describe('a bad option is a TypeError that names the option and the value', () => {
    it.each(CASES)('%s: %p', (name, value, shown) => {
        const error = failureOf(creator, { [name]: value });
        expect(error).toBeInstanceOf(TypeError);
        const { message } = error as TypeError;
        expect(message).toContain('createTokenSource');
        expect(message).toMatch(new RegExp(`\\b${name}\\b`));
        expect(message.endsWith(shown)).toBe(true);
    });

    it.each([
        ['refreshAhead', 'a number of milliseconds, at least 0'],
        ['expiryLeeway', 'a number of milliseconds, at least 0'],
        ['creationTimeout', 'a number of milliseconds, at least 1'],
        ['clock', 'an object with the functions now and monotonic'],
    ])('says what %s must be: %s', (name, expected) => {
        const message = `createTokenSource: options.${name} must be ${expected}, not object`;
        expect(failureOf(creator, { [name]: {} })).toEqual(new TypeError(message));
    });

    it.each(['refreshahead', 'timeout', 'origins', 'maxToken', '__proto__x', 'constructor'])('unknown: %s', (name) => {
        const error = failureOf(creator, { [name]: 1 });
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toContain(name);
        expect(String(error)).toContain('refreshAhead'); // those that there are
    });

    it.each([null, 'options', 42, true])('options that are no object: %p', (options) => {
        const error = failureOf(creator, options);
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toContain('options');
    });

    it.each([undefined, null, 'secret', 42, {}, Promise.resolve(grant('a'))])(
        'a creator that is no function: %p',
        (given) => {
            const error = failureOf(given);
            expect(error).toBeInstanceOf(TypeError);
            expect(String(error)).toContain('creator');
            expect(String(error)).not.toContain('secret');
        },
    );
});

describe('good options', () => {
    it.each<TokenSourceOptions>([
        {},
        { refreshAhead: 0, expiryLeeway: 0, creationTimeout: 1 },
        { refreshAhead: 0.5, expiryLeeway: Infinity, creationTimeout: Infinity },
        { refreshAhead: 2 ** 31, expiryLeeway: Number.MAX_VALUE, creationTimeout: 2 ** 40 },
        { onEvent: () => {}, clock: createControlledClock() },
        {
            refreshAhead: undefined,
            expiryLeeway: undefined,
            creationTimeout: undefined,
            onEvent: undefined,
            clock: undefined,
        },
    ])('%p', async (options) => {
        const source = createTokenSource(creator, options);
        expect((await source.getToken()).value).toBe('a');
    });

    it('a clock may be an object with a prototype', async () => {
        class Ticking {
            #ticks = 0;
            now(): number {
                return ++this.#ticks;
            }
            monotonic(): number {
                return this.#ticks;
            }
        }
        const source = createTokenSource(creator, { clock: new Ticking() });
        expect((await source.getToken()).value).toBe('a');
    });
});
