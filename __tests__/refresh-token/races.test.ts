import fc from 'fast-check';
import {
    createTokenSource,
    TokenError,
    withRefreshToken,
    type AccessToken,
    type TokenCreator,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import { createControlledClock } from '../support/clock.js';
import { oneStepAtATime, settled, useFakeTime } from '../support/deferred.js';
import { EVERYTHING, readAccessToken, RotatingIssuer, type RefreshEnding } from '../support/rotating-issuer.js';

jest.setTimeout(180_000);

const CREATION_TIMEOUT = 30_000;

/** The second is the first in other words; `c` is refused to whoever logged in without it. */
const ASKED: (TokenParameters | undefined)[] = [
    undefined,
    {},
    { scope: 'a' },
    { scope: 'c' },
    { key: 'jane' },
    { key: 'jane', scope: 'b' },
    { key: 'joe', scope: 'c' },
];

type Action =
    | { readonly type: 'get' | 'current'; readonly source: number; readonly asked: number }
    | { readonly type: 'clear'; readonly source: number }
    | { readonly type: 'reject'; readonly token: number }
    | { readonly type: 'leave'; readonly caller: number }
    | { readonly type: 'pass'; readonly seconds: number };

const asked = fc.constantFrom(0, 0, 0, 1, 2, 2, 3, 4, 4, 5, 6);
const source = fc.nat(1);
const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ type: fc.constantFrom('get' as const, 'get', 'current'), source, asked }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('clear' as const), source }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('reject' as const), token: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), caller: fc.nat(5) }) },
    // 1: nothing, 30: creations time out, 95: access tokens are old, 300: refreshes count as lost, 2,000: refresh tokens are old.
    {
        weight: 4,
        arbitrary: fc.record({
            type: fc.constant('pass' as const),
            seconds: fc.constantFrom(1, 30, 95, 95, 300, 2_000),
        }),
    },
);
const endings = fc.array(
    fc.constantFrom<RefreshEnding>(
        'rotated',
        'rotated',
        'rotated',
        'kept',
        'lost',
        'unreachable',
        'unavailable',
        'revoked',
    ),
    { maxLength: 12 },
);

interface Setting {
    readonly sources: 1 | 2;
    readonly clears: boolean;
    readonly refreshTokenExpiresIn: number | undefined;
}

/** Runs the actions against sources that share a creator; the server and the callers note what must not be. */
class Run {
    readonly issuer = new RotatingIssuer();
    readonly violations = this.issuer.violations;
    readonly callers: { abort: AbortController; isSettled: boolean }[] = [];
    readonly handedOut: { token: AccessToken; source: TokenSource }[] = [];
    readonly #clock = createControlledClock();
    readonly #sources: TokenSource[];
    readonly #clears: boolean;
    readonly #told = new Set<string>();
    /** In which epoch each family was logged in for: with each log-out a new one begins. */
    readonly #epochs: number[] = [];
    #epoch = 0;

    constructor(
        scheduler: fc.Scheduler,
        outcomes: RefreshEnding[],
        { sources, clears, refreshTokenExpiresIn }: Setting,
    ) {
        this.#clears = clears;
        this.issuer.refreshTokenExpiresIn = refreshTokenExpiresIn;
        const wait = (what: string) => () => scheduler.schedule(Promise.resolve(), what);
        let calls = 0;
        const logIn: TokenCreator = async (context) => {
            const epoch = this.#epoch;
            await wait('log in')();
            this.#epochs.push(epoch);
            return this.issuer.logIn(context?.parameters);
        };
        const creator = withRefreshToken(logIn, {
            refresh: (refreshToken, context) => {
                const ending = outcomes[calls++];
                const { key = '', scope } = context?.parameters ?? {};
                const epoch = this.#epochs[Number(refreshToken.split('/')[2])];
                if (sources === 1 && epoch !== this.#epoch)
                    this.violations.push(`${refreshToken} was sent after a log-out`);
                if (!refreshToken.startsWith(`refresh/${key}/`))
                    this.violations.push(`${refreshToken} sent for ${key}`);
                if (context?.signal.aborted) this.violations.push('a refresh began with a signal that has fired');
                context?.signal.addEventListener('abort', () => this.violations.push('a refresh was aborted'));
                return this.issuer.refresh(refreshToken, { scope, ending, until: wait(`refresh: ${ending}`) });
            },
            onRefreshToken: ({ refresh_token = '' }, parameters) => {
                if (this.#told.has(refresh_token)) this.violations.push(`${refresh_token} was told twice`);
                this.#told.add(refresh_token);
                const { key = '' } = parameters ?? {};
                if (!refresh_token.startsWith(`refresh/${key}/`))
                    this.violations.push(`${refresh_token} told for ${key}`);
            },
        });
        const options = { clock: this.#clock, creationTimeout: CREATION_TIMEOUT };
        this.#sources = Array.from({ length: sources }, () => createTokenSource(creator, options));
    }

    perform(step: Action): void {
        if (step.type === 'pass') this.pass(step.seconds * 1_000);
        else if (step.type === 'leave') this.callers.at(-1 - step.caller)?.abort.abort();
        else if (step.type === 'reject') this.#reject(this.handedOut.at(-1 - step.token));
        else {
            const chosen = this.#sources[step.source % this.#sources.length] as TokenSource;
            if (step.type === 'clear') {
                if (!this.#clears) return;
                this.#epoch += 1;
                chosen.clear();
            } else if (step.type === 'get') this.#get(chosen, ASKED[step.asked]);
            else {
                const token = chosen.current(ASKED[step.asked]);
                if (token) this.#check(token, ASKED[step.asked]);
            }
        }
    }

    pass(milliseconds: number): void {
        this.#clock.advance(milliseconds);
        jest.advanceTimersByTime(milliseconds);
    }

    #get(chosen: TokenSource, parameters: TokenParameters | undefined): void {
        const caller = { abort: new AbortController(), isSettled: false };
        this.callers.push(caller);
        chosen.getToken({ parameters, signal: caller.abort.signal }).then(
            (token) => {
                caller.isSettled = true;
                this.#check(token, parameters);
                this.handedOut.push({ token, source: chosen });
            },
            (error: unknown) => {
                caller.isSettled = true;
                const isExpected = error instanceof TokenError || caller.abort.signal.aborted;
                if (!isExpected && !/connection|status 503/.test(String(error)))
                    this.violations.push(`getToken failed with ${String(error)}`);
            },
        );
    }

    #check({ value }: AccessToken, { key = '', scope = EVERYTHING }: TokenParameters = {}): void {
        const token = readAccessToken(value);
        if (token.key !== key || token.scope !== scope)
            this.violations.push(`${value} was given to ${key || 'nobody'} for ${scope}`);
    }

    #reject(given: { token: AccessToken; source: TokenSource } | undefined): void {
        given?.source.reject(given.token, { status: 401 });
    }

    get unsettled(): number {
        return this.callers.filter(({ isSettled }) => !isSettled).length;
    }
}

useFakeTime();

describe('however requests for several parameters, refusals, expiries, log-outs, lost and slow answers interleave', () => {
    it.each<[string, Omit<Setting, 'refreshTokenExpiresIn'>]>([
        ['one source', { sources: 1, clears: false }],
        ['one source that is cleared', { sources: 1, clears: true }],
        ['two sources', { sources: 2, clears: false }],
        ['two sources that are cleared', { sources: 2, clears: true }],
    ])(
        'over %s no refresh token comes twice, no two of a family at once, and no key gets what is not its own',
        async (_, setting) => {
            const seen = { refreshes: 0, handedOut: 0, replays: 0, logIns: 0 };
            await fc.assert(
                fc.asyncProperty(
                    oneStepAtATime(),
                    fc.array(action, { minLength: 5, maxLength: 50 }),
                    endings,
                    fc.constantFrom(undefined, 1_000),
                    async (scheduler, actions, outcomes, refreshTokenExpiresIn) => {
                        const run = new Run(scheduler, outcomes, { ...setting, refreshTokenExpiresIn });
                        scheduler.scheduleSequence(
                            actions.map((step) => ({
                                label: JSON.stringify(step),
                                builder: async () => run.perform(step),
                            })),
                        );
                        await scheduler.waitIdle();
                        run.pass(CREATION_TIMEOUT);
                        await settled();
                        seen.refreshes += run.issuer.refreshTokens.length;
                        seen.logIns += run.issuer.logIns;
                        seen.replays += run.issuer.replays;
                        seen.handedOut += run.handedOut.length;
                        expect({ violations: run.violations, unsettled: run.unsettled }).toEqual({
                            violations: [],
                            unsettled: 0,
                        });
                    },
                ),
                { numRuns: 1_000 },
            );
            // The property says nothing where nothing happens.
            expect(seen.refreshes).toBeGreaterThan(300);
            expect(seen.handedOut).toBeGreaterThan(300);
            expect(seen.replays).toBeGreaterThan(0);
        },
    );
});
