import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import {
    attachTokenCreator,
    parseChallenges,
    TokenError,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import { createControlledClock } from '../support/clock.js';
import { oneStepAtATime, settled, useFakeTime } from '../support/deferred.js';
import { purposeOf } from '../support/purposes.js';

const CREATION_TIMEOUT = 30_000;
const LIFETIME = 100;

const STEP_UPS = {
    gold: 'Bearer error="insufficient_user_authentication", acr_values="gold"',
    silver: 'Bearer error="insufficient_user_authentication", acr_values="silver"',
};
const [gold] = parseChallenges(STEP_UPS.gold);
/** What is asked for; the third is the second in other words, the others differ in one thing only. */
const ASKED: (TokenParameters | undefined)[] = [
    undefined,
    { key: 'a', resource: ['x', 'y'] },
    { resource: ['y', 'x', 'y'], key: 'a' },
    { key: 'b', resource: ['x', 'y'] },
    { key: 'a', resource: 'x y' },
    { key: 'a', audience: ['x', 'y'] },
    { key: 'a', resource: ['x', 'y'], challenge: gold },
];

type Verdict = 'ok' | 'invalid_token' | keyof typeof STEP_UPS | 'insufficient_scope' | 'cut';
type Action =
    | { readonly type: 'request' | 'get' | 'current'; readonly asked: number; readonly verdicts: Verdict[] }
    | { readonly type: 'clear' | 'time out' }
    | { readonly type: 'leave'; readonly caller: number }
    | { readonly type: 'revoke'; readonly token: number }
    | { readonly type: 'wait'; readonly seconds: number };

const verdict = fc.constantFrom<Verdict>('ok', 'invalid_token', 'gold', 'gold', 'silver', 'insufficient_scope', 'cut');
const action: fc.Arbitrary<Action> = fc.oneof(
    {
        weight: 12,
        arbitrary: fc.record({
            type: fc.constantFrom(
                'request' as const,
                'request' as const,
                'request' as const,
                'get' as const,
                'current' as const,
            ),
            asked: fc.nat(ASKED.length - 1),
            verdicts: fc.array(verdict, { maxLength: 4 }),
        }),
    },
    { weight: 1, arbitrary: fc.constant<Action>({ type: 'clear' }) },
    { weight: 1, arbitrary: fc.constant<Action>({ type: 'time out' }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), caller: fc.nat(5) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('revoke' as const), token: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), seconds: fc.constantFrom(1, 85, 200) }) },
);
const endings = fc.array(fc.constantFrom('grant', 'grant', 'grant', 'grant', 'brief grant', 'failure', 'garbage'), {
    maxLength: 10,
});

interface RequestUnderTest {
    /** What its next token must be for: a step-up changes that. */
    parameters: TokenParameters | undefined;
    readonly verdicts: Verdict[];
    sendings: number;
}

/** Runs the actions against a client, and checks at each sending and each creation what must hold. */
class Run {
    readonly violations: string[] = [];
    readonly callers: { abort: AbortController; isSettled: boolean }[] = [];
    sendings = 0;
    replays = 0;
    readonly #clock = createControlledClock();
    readonly #scheduler: fc.Scheduler;
    readonly #endings: string[];
    readonly #purposes = new Map<string, { purpose: string; epoch: number; isRevoked: boolean }>();
    readonly #flights = new Map<string, AbortSignal[]>();
    readonly #requests = new Map<number, RequestUnderTest>();
    readonly #client: AxiosInstance;
    readonly #source: TokenSource;
    #epoch = 0;

    constructor(scheduler: fc.Scheduler, endingsOfCreations: string[], maxTokens: number) {
        this.#scheduler = scheduler;
        this.#endings = endingsOfCreations;
        this.#client = axios.create({ baseURL: 'https://api.example', adapter: (config) => this.#answer(config) });
        const { source } = attachTokenCreator(this.#client, (context) => this.#create(context), {
            clock: this.#clock,
            creationTimeout: CREATION_TIMEOUT,
            maxTokens,
        });
        this.#source = source;
    }

    async #create(context: { parameters?: TokenParameters; signal: AbortSignal } | undefined) {
        if (!context) throw new Error('no context');
        const purpose = purposeOf(context.parameters);
        const flying = (this.#flights.get(purpose) ?? []).filter((signal) => !signal.aborted);
        if (flying.length > 0) this.violations.push(`a second creation at a time for ${purpose}`);
        this.#flights.set(purpose, [...flying, context.signal]);
        const epoch = this.#epoch;
        const number = this.#purposes.size + 1;
        const access_token = `token-${number}`;
        this.#purposes.set(`Bearer ${access_token}`, { purpose, epoch, isRevoked: false });
        const ending = this.#endings[number - 1] ?? 'grant';
        await this.#scheduler.schedule(Promise.resolve(), `creation ${number}: ${ending}`);
        this.#flights.set(
            purpose,
            (this.#flights.get(purpose) ?? []).filter((signal) => signal !== context.signal),
        );
        if (ending === 'failure') throw new Error(`creation ${number} failed`);
        if (ending === 'garbage') return { access_token: '', token_type: 'Bearer' };
        return { access_token, token_type: 'Bearer', expires_in: ending === 'brief grant' ? 0 : LIFETIME };
    }

    /** The API knows what each token is for. */
    async #answer(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
        const id = Number(config.url);
        const request = this.#requests.get(id);
        const authorization = config.headers.get('Authorization') as string;
        if (!request) throw new Error('no such request');
        const sending = (request.sendings += 1);
        this.sendings += 1;
        if (sending > 1) this.replays += 1;
        if (sending > 4) this.violations.push(`request ${id} was sent ${sending} times`);
        this.#checkPurpose(authorization, purposeOf(request.parameters), `sending ${sending} of request ${id}`);
        // Judged on arrival, answered at any time.
        const isRevoked = this.#purposes.get(authorization)?.isRevoked ?? true;
        const said = isRevoked ? 'invalid_token' : (request.verdicts[sending - 1] ?? 'ok');
        const stepUp = said === 'gold' || said === 'silver' ? STEP_UPS[said] : undefined;
        if (stepUp) request.parameters = { ...request.parameters, challenge: parseChallenges(stepUp)[0] };
        await this.#scheduler.schedule(Promise.resolve(), `answer ${sending} to request ${id}: ${said}`);
        if (said === 'cut') throw new AxiosError('cut', 'ECONNRESET', config);
        const headers = { 'www-authenticate': stepUp ?? `Bearer error="${said}"` };
        return { status: said === 'ok' ? 200 : 401, statusText: '', headers, config, data: '' };
    }

    #checkPurpose(authorization: string, wanted: string, what: string): void {
        const token = this.#purposes.get(authorization);
        if (token?.purpose !== wanted) this.violations.push(`${what} got a token of ${token?.purpose}, not ${wanted}`);
    }

    #follow(promise: Promise<unknown>, abort: AbortController): void {
        const caller = { abort, isSettled: false };
        this.callers.push(caller);
        promise.then(
            () => (caller.isSettled = true),
            (error: unknown) => {
                caller.isSettled = true;
                const { response } = error as AxiosError;
                const isExpected = response || error instanceof TokenError || axios.isCancel(error);
                if (!isExpected && !abort.signal.aborted && !/failed|cut/.test(String(error)))
                    this.violations.push(`it failed with ${String(error)}`);
            },
        );
    }

    perform(step: Action): void {
        if (step.type === 'request') this.#request(ASKED[step.asked], step.verdicts);
        else if (step.type === 'get') this.#get(ASKED[step.asked]);
        else if (step.type === 'current') {
            const token = this.#source.current(ASKED[step.asked]);
            if (token) this.#checkPurpose(`Bearer ${token.value}`, purposeOf(ASKED[step.asked]), 'current');
        } else if (step.type === 'clear') {
            this.#epoch += 1;
            this.#source.clear();
        } else if (step.type === 'time out') this.#pass(CREATION_TIMEOUT);
        else if (step.type === 'wait') this.#clock.advance(step.seconds * 1_000);
        else if (step.type === 'leave') this.callers.at(-1 - step.caller)?.abort.abort();
        else if (step.type === 'revoke') {
            const token = [...this.#purposes.values()].at(-1 - step.token);
            if (token) token.isRevoked = true;
        }
    }

    #pass(milliseconds: number): void {
        this.#clock.advance(milliseconds);
        jest.advanceTimersByTime(milliseconds);
    }

    #request(tokenCreator: TokenParameters | undefined, verdicts: Verdict[]): void {
        const id = this.#requests.size;
        this.#requests.set(id, { parameters: tokenCreator, verdicts, sendings: 0 });
        const abort = new AbortController();
        this.#follow(this.#client.get(String(id), { tokenCreator, signal: abort.signal }), abort);
    }

    #get(parameters: TokenParameters | undefined): void {
        const abort = new AbortController();
        const epoch = this.#epoch;
        const got = this.#source.getToken({ parameters, signal: abort.signal }).then(({ value }) => {
            this.#checkPurpose(`Bearer ${value}`, purposeOf(parameters), 'getToken');
            const bought = this.#purposes.get(`Bearer ${value}`)?.epoch;
            if (bought !== epoch) this.violations.push(`getToken of epoch ${epoch} got a token of epoch ${bought}`);
        });
        this.#follow(got, abort);
    }

    get unsettled(): number {
        return this.callers.filter(({ isSettled }) => !isSettled).length;
    }
}

useFakeTime();

describe('however requests, refusals, step-ups, expiries, evictions, clears, timeouts and failures interleave', () => {
    it('no request carries a token of other parameters, each settles, and one creation for the same is under way', async () => {
        let sendings = 0;
        let replays = 0;
        await fc.assert(
            fc.asyncProperty(
                oneStepAtATime(),
                fc.array(action, { minLength: 2, maxLength: 25 }),
                endings,
                fc.integer({ min: 1, max: 3 }),
                async (scheduler, actions, endingsOfCreations, maxTokens) => {
                    const run = new Run(scheduler, endingsOfCreations, maxTokens);
                    const done = actions.map((step) =>
                        scheduler.schedule(Promise.resolve(), JSON.stringify(step)).then(() => run.perform(step)),
                    );
                    await scheduler.waitIdle();
                    await Promise.all(done);
                    jest.advanceTimersByTime(CREATION_TIMEOUT);
                    await settled();
                    ({ sendings, replays } = { sendings: sendings + run.sendings, replays: replays + run.replays });
                    expect({ violations: run.violations, unsettled: run.unsettled }).toEqual({
                        violations: [],
                        unsettled: 0,
                    });
                },
            ),
            { numRuns: 1_000 },
        );
        // The property says nothing where nothing happens.
        expect(sendings).toBeGreaterThan(1_000);
        expect(replays).toBeGreaterThan(100);
    });
});
