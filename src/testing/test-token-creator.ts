import { stopwatch } from '../clock.js';
import type { TokenCreator, TokenCreatorContext } from '../creator.js';
import { checkFields, type FieldCheck } from '../options.js';
import { LIFETIME, TIMES, tokenIn } from './arguments.js';
import { createTestClock, type TestClock } from './test-clock.js';

/** Options of {@link createTestTokenCreator}. */
export interface TestTokenCreatorOptions {
    /**
     * The lifetime of each token in seconds; `Infinity` for tokens without an `expires_in`, which live until they are
     * revoked.
     *
     * @default 3600
     */
    expiresIn?: number;
}

/** A {@link TokenCreator} that needs no server, and that a test holds in its hand. */
export interface TestTokenCreator extends TokenCreator {
    /** To be given to the source as well: `attachTokenCreator(client, creator, { clock: creator.clock })`. */
    readonly clock: TestClock;
    /** What each call was given, in order: its `reason` tells why. `undefined` where the creator was called alone. */
    readonly calls: readonly (TokenCreatorContext | undefined)[];
    /** The access tokens created so far: `test-token-1`, `test-token-2` and so on. */
    readonly issued: readonly string[];
    /**
     * The next calls reject.
     *
     * @param error - with this very object
     * @param times - that many calls, after those of an earlier `fail`; 1 by default
     * @throws TypeError for something that is no error, or no number of times
     */
    fail(error: object, times?: number): void;
    /**
     * Calls from now on wait until the function that it returns is called; their tokens are created then. Other than
     * that nothing ends the waiting: neither the creation timeout of the source nor `clear()`.
     */
    hold(): () => void;
    /** No token created so far is good any more, as if the server had revoked them all. */
    revoke(): void;
    /**
     * Whether an API would take it: one of its tokens, alone or after `Bearer `, that is neither revoked nor expired.
     * Anything else is not.
     */
    isLive(authorization: unknown): boolean;
}

const ERROR: FieldCheck = ['an error', (value) => Object(value) === value];

/**
 * Creates a token creator for unit tests: `test-token-1` on the first call, `test-token-2` on the second. There is no
 * socket and no timer; time is what its clock says.
 *
 * @example
 * ```ts
 * const creator = createTestTokenCreator({ expiresIn: 600 });
 * attachTokenCreator(client, creator, { clock: creator.clock });
 * await client.get('/orders'); // with test-token-1
 * creator.clock.advance(600_000);
 * await client.get('/orders'); // with test-token-2
 * creator.calls.map((context) => context?.reason); // ['missing', 'expired']
 * ```
 * @throws TypeError that names the option and what was given
 */
export function createTestTokenCreator(options: TestTokenCreatorOptions = {}): TestTokenCreator {
    const given = checkFields('createTestTokenCreator', 'options', options, { expiresIn: LIFETIME });
    const { expiresIn = 3_600 } = given;
    const clock = createTestClock();
    const calls: (TokenCreatorContext | undefined)[] = [];
    const issued: string[] = [];
    /** The age of each that was not revoked. */
    const ages = new Map<string, () => number>();
    const failures: { readonly error: object; times: number }[] = [];
    let gate: Promise<void> | undefined;

    function takeFailure() {
        const [failure] = failures;
        if (failure && --failure.times === 0) failures.shift();
        return failure;
    }

    async function create(context?: TokenCreatorContext) {
        calls.push(context);
        const failure = takeFailure();
        await gate;
        if (failure) throw failure.error;
        const access_token = `test-token-${issued.length + 1}`;
        issued.push(access_token);
        ages.set(access_token, stopwatch(clock));
        return { access_token, token_type: 'Bearer', ...(expiresIn !== Infinity && { expires_in: expiresIn }) };
    }

    return Object.assign(create, {
        clock,
        calls,
        issued,
        fail(error: object, times = 1) {
            checkFields('fail', 'parameters', { error, times }, { error: ERROR, times: TIMES });
            failures.push({ error, times });
        },
        hold() {
            let open: (() => void) | undefined;
            const mine = new Promise<void>((resolve) => {
                open = resolve;
            });
            gate = mine;
            return () => {
                if (gate === mine) gate = undefined;
                open?.();
            };
        },
        revoke: () => ages.clear(),
        isLive(authorization: unknown) {
            const age = ages.get(tokenIn(authorization));
            return age !== undefined && age() < expiresIn * 1_000;
        },
    });
}
