import type { Answer, Effect, Ending, SourceName } from './facts.js';
import {
    BudgetModel,
    CREATION_TIMEOUT,
    TokenModel,
    type Creation,
    type Permit,
    type Surroundings,
    type Waiter,
} from './token-model.js';

interface ModelSettings extends Pick<Surroundings, 'now' | 'random' | 'passed'> {
    /** For creations that end as soon as they begin. */
    readonly endsAtOnce: (creation: number) => Ending | undefined;
}

/** A client, and two sources of which one at most is attached to it. Each deed is done to its end before the next. */
export class Model {
    readonly #settings: ModelSettings;
    readonly #around: Surroundings;
    readonly #tokens = new Map<string, TokenModel>();
    readonly #budgets = new Map<string, BudgetModel>();
    readonly #creations: Creation[] = [];
    readonly #requests: RequestModel[] = [];
    #attached: SourceName | undefined = 'A';
    #effects: Effect[] = [];
    #continuations: (() => void)[] = [];

    constructor(settings: ModelSettings) {
        this.#settings = settings;
        this.#around = {
            ...settings,
            effect: (effect) => this.#effects.push(effect),
            soon: (continuation) => this.#continuations.push(continuation),
            next: () => this.#creations.length,
            begun: (creation) => this.#begun(creation),
        };
    }

    /** What has come of the deeds since the last call. */
    takeEffects(): Effect[] {
        for (const next of this.#continuations) next(); // which may add to them
        const effects = this.#effects;
        this.#continuations = [];
        this.#effects = [];
        return effects;
    }

    attach(source: SourceName | undefined): void {
        this.#attached = source;
    }

    request(parameters: string, canBeRepeated: boolean): void {
        const source = this.#attached;
        const request: RequestModel = new RequestModel(this.#requests.length, canBeRepeated, this.#around, {
            want: () => source && this.#tokenOf(source, parameters),
            reject: (token) => source && this.reject(source, token),
        });
        this.#requests.push(request);
        request.begin();
    }

    answer(request: number, answer: Answer): void {
        this.#requests[request]?.answered(answer);
    }

    abort(request: number): void {
        this.#requests[request]?.aborted();
    }

    creationEnds(creation: number, ending: Ending): void {
        const ended = this.#creations[creation];
        ended?.of.ends(ended, ending);
    }

    #begun(creation: Creation): void {
        this.#creations.push(creation);
        const ending = this.#settings.endsAtOnce(creation.number);
        if (ending) this.#around.soon(() => this.creationEnds(creation.number, ending));
    }

    /** Time has passed: nobody waits for a creation for longer than this. */
    timePassed(): void {
        for (const creation of this.#creations) {
            const isDue = this.#around.now().monotonic - creation.since.monotonic >= CREATION_TIMEOUT;
            if (isDue && creation.of.flight === creation) creation.of.fails(creation, 'timeout');
        }
    }

    clear(source: SourceName): void {
        for (const [name, token] of this.#tokens) {
            if (token.source !== source) continue;
            token.end();
            this.#tokens.delete(name);
        }
        this.#effects.push({ what: 'told', source, parameters: '', event: { type: 'cleared' } });
    }

    reject(source: SourceName, token: string): Permit | undefined {
        const owner = [...this.#tokens.values()].find((one) => one.source === source && one.knows(token));
        if (owner) return owner.reject(token, 401);
        this.#around.passed('refusal: of another source, or before the log-out');
        return undefined;
    }

    #tokenOf(source: SourceName, parameters: string): TokenModel {
        const name = `${source} ${parameters}`;
        const budget = this.#budgets.get(name) ?? new BudgetModel(this.#around.now);
        const token = this.#tokens.get(name) ?? new TokenModel(source, parameters, budget, this.#around);
        this.#budgets.set(name, budget);
        this.#tokens.set(name, token);
        return token;
    }
}

/**
 * One request: it waits for a token, is sent with it, and is sent once more if that was refused and it may; and once again if
 * the second token had been asked for before the refusal of the first, and is refused as well.
 */
class RequestModel implements Waiter {
    #token: string | undefined;
    #kind: TokenModel | undefined;
    #permit: Permit | undefined;
    #left = 2;
    #isSent = false;
    #isSettled = false;

    constructor(
        readonly id: number,
        readonly canBeRepeated: boolean,
        readonly around: Surroundings,
        readonly client: {
            readonly want: () => TokenModel | undefined;
            readonly reject: (token: string) => Permit | undefined;
        },
    ) {}

    begin(): void {
        this.#kind = this.client.want();
        if (this.#kind) this.#kind.ask(this);
        else this.served(undefined);
    }

    served(token: string | undefined): void {
        if (this.#isSettled) return;
        this.#token = token;
        this.#isSent = true;
        if (this.#permit) this.#left = this.#permit.mayRecur() ? this.#left - 1 : 0;
        this.around.effect({ what: 'sent', request: this.id, token });
    }

    failed(error: string): void {
        this.#settle(error);
    }

    answered(answer: Answer): void {
        if (this.#isSettled) return;
        this.#isSent = false;
        const isRefused = answer === 401;
        const status = answer === 'cut' ? undefined : answer === 'insufficient scope' ? 401 : answer;
        const isRecovered = !isRefused && status !== undefined && status < 500 && status !== 429;
        if (this.#permit) this.#replayed(status, isRecovered, isRefused && this.#left === 0);
        if (isRefused && this.#token !== undefined && this.#left > 0) {
            const permit = this.client.reject(this.#token);
            if (permit && this.canBeRepeated) {
                this.#permit = permit;
                return this.begin();
            }
        }
        this.#settle(status === undefined ? 'cut' : `status ${status}`);
    }

    aborted(): void {
        if (this.#isSettled) return;
        this.around.passed(`abort: ${this.#isSent ? 'of a sending' : 'of a wait'}`);
        if (this.#isSent && this.#permit) this.#replayed(undefined, false, false);
        this.#settle('aborted');
    }

    #replayed(status: number | undefined, recovered: boolean, isInVain: boolean): void {
        if (recovered) this.#permit?.giveBack();
        this.#kind?.replayed(status, recovered, isInVain);
    }

    #settle(by: string): void {
        if (this.#isSettled) return;
        this.#isSettled = true;
        this.around.effect({ what: 'settled', request: this.id, by });
    }
}
