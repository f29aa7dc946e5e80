import {
    elapsed,
    tokenOf,
    type Effect,
    type Ending,
    type Moment,
    type Reason,
    type SourceName,
    type ToldEvent,
} from './facts.js';

const SECOND = 1_000;
export const CREATION_TIMEOUT = 30 * SECOND;
const REFRESH_AHEAD = 300 * SECOND;
const EXPIRY_LEEWAY = 10 * SECOND;

/** What a model is told of, and what it tells. */
export interface Surroundings {
    readonly now: () => Moment;
    /** From 0 to 1. */
    readonly random: () => number;
    /** Names what happens, for the statistics. */
    readonly passed: (transition: string) => void;
    readonly effect: (effect: Effect) => void;
    /** Those who wait for a promise go on when what is being done has been done. */
    readonly soon: (continuation: () => void) => void;
    /** The number of the next creation. */
    readonly next: () => number;
    readonly begun: (creation: Creation) => void;
}

/** Who wants a token. */
export interface Waiter {
    served(token: string): void;
    failed(error: string): void;
}

export interface Creation {
    readonly number: number;
    readonly reason: Reason;
    readonly since: Moment;
    readonly of: TokenModel;
    readonly waiting: Waiter[];
}

/** The permission to send a request again; all that were refused with the same token share it. */
export interface Permit {
    giveBack(): void;
    /** Whether the token that came after the refusal had been asked for before it. */
    mayRecur(): boolean;
}

/** How many creations may still be caused by a refusal: ten, and one more every 5 s. A log-out changes nothing of it. */
export class BudgetModel {
    #left = 10;
    #since: Moment;

    constructor(readonly now: () => Moment) {
        this.#since = now();
    }

    take(): boolean {
        this.#left = Math.min(10, this.#left + elapsed(this.#since, this.now()) / (5 * SECOND));
        this.#since = this.now();
        if (this.#left < 1) return false;
        this.#left -= 1;
        return true;
    }

    giveBack(): void {
        this.#left = Math.min(10, this.#left + 1);
    }
}

type Freshness = 'fresh' | 'aging' | 'stale' | 'rejected' | 'none';

/** What a source knows of its token for some parameters, from one log-out to the next. */
export class TokenModel {
    flight: Creation | undefined;
    #held: { token: string; since: Moment; agingFrom: number; staleFrom: number } | undefined;
    #newest: Creation | undefined;
    #isRefused = false;
    #inVain: Moment | undefined;
    #isOver = false;
    #failures = 0;
    #failuresMet = 0;
    #heldBack: { error: string; since: Moment; ahead: number; asked: number } | undefined;
    readonly #permits = new Map<string, Permit | undefined>();

    constructor(
        readonly source: SourceName,
        readonly parameters: string,
        readonly budget: BudgetModel,
        readonly around: Surroundings,
    ) {}

    ask(waiter: Waiter): void {
        const freshness = this.#freshness();
        const isUsable = freshness === 'fresh' || freshness === 'aging';
        const bar = this.#bar(isUsable ? 'ahead' : 'asked');
        this.around.passed(`request: ${freshness}, ${this.flight ? 'creating' : bar ? 'held back' : 'idle'}`);
        if (freshness === 'aging' && !this.flight && !bar) this.#create('ahead');
        if (isUsable && this.#held) return waiter.served(this.#held.token);
        if (!this.flight && bar) return waiter.failed(bar.error);
        const creation =
            this.flight ?? this.#create(this.#isRefused ? 'rejected' : this.#newest ? 'expired' : 'missing');
        creation.waiting.push(waiter);
    }

    #freshness(): Freshness {
        if (!this.#held) return this.#isRefused ? 'rejected' : 'none';
        const age = elapsed(this.#held.since, this.around.now());
        return age >= this.#held.staleFrom ? 'stale' : age >= this.#held.agingFrom ? 'aging' : 'fresh';
    }

    #bar(kind: 'ahead' | 'asked'): { error: string } | undefined {
        const bar = this.#heldBack;
        return bar && elapsed(bar.since, this.around.now()) < bar[kind] ? bar : undefined;
    }

    #create(reason: Reason): Creation {
        const { source, parameters } = this;
        const previous = this.#newest && tokenOf(this.#newest.number);
        const number = this.around.next();
        const creation: Creation = { number, reason, since: this.around.now(), of: this, waiting: [] };
        this.flight = creation;
        this.#tell({ type: 'creating', reason });
        this.around.effect({ what: 'creator called', source, parameters, creation: number, reason, previous });
        this.around.begun(creation);
        return creation;
    }

    /** The creator answers. */
    ends(creation: Creation, ending: Ending): void {
        if (ending.with === 'grant') return this.#adopt(creation, ending.lifetime);
        if (ending.with === 'failure') return this.fails(creation, `failure ${creation.number}`, ending.retryAfter);
        this.fails(creation, ending.with);
    }

    #adopt(creation: Creation, lifetime: number | undefined): void {
        const isLate = this.flight !== creation;
        if (this.#isOver) return this.around.passed('grant: after a log-out, dropped');
        if (creation.number < Number(this.#newest?.number))
            return this.around.passed('grant: late and outdated, dropped');
        this.around.passed(isLate ? 'grant: late, adopted' : 'grant: in time, adopted');
        if (!isLate) this.flight = undefined;
        this.#newest = creation;
        this.#isRefused = false;
        this.#failures = this.#failuresMet = 0;
        this.#heldBack = undefined;
        const { reason, since } = creation;
        const token = tokenOf(creation.number);
        const durationMs = elapsed(since, this.around.now());
        const expiresAt = lifetime === undefined ? undefined : this.around.now().wall - durationMs + lifetime;
        this.#permits.set(token, undefined);
        this.#held = { token, since, ...this.#windows(lifetime) };
        this.#tell({ type: 'created', reason, durationMs, expiresAt });
        this.#goOn(creation, (waiter) => waiter.served(token));
    }

    #windows(lifetime = Infinity): { agingFrom: number; staleFrom: number } {
        if (lifetime === Infinity) return { agingFrom: Infinity, staleFrom: Infinity };
        const ahead = Math.min(REFRESH_AHEAD, lifetime / 5);
        const leeway = Math.min(EXPIRY_LEEWAY, lifetime / 10);
        return { agingFrom: lifetime - ahead * (1 + 0.1 * this.around.random()), staleFrom: lifetime - leeway };
    }

    /** The creator fails, or too much time has passed, or the user logs out. */
    fails(creation: Creation, error: string, retryAfter = 0): void {
        if (this.flight !== creation) return this.around.passed('failure: late, of no effect');
        this.flight = undefined;
        const valid = this.#held && this.#freshness() !== 'stale' ? this.#held.token : undefined;
        this.around.passed(valid ? 'failure: the token that is valid stays' : 'failure: those who wait are told');
        this.#goOn(creation, (waiter) => (valid ? waiter.served(valid) : waiter.failed(error)));
        if (!this.#isOver) this.#holdBack(creation.reason, error, retryAfter);
    }

    #holdBack(reason: Reason, error: string, retryAfter: number): void {
        const kind = reason === 'ahead' ? 'ahead' : 'asked';
        if (error === 'nobody logged in' && kind === 'asked') return this.#tell({ type: 'failed', reason, error });
        this.#failures += 1;
        if (kind === 'asked') this.#failuresMet += 1;
        const backoff = this.around.random() * Math.min(60 * SECOND, SECOND * 2 ** (this.#failures - 1));
        const asWished = Math.min(retryAfter, 3_600 * SECOND);
        const both = Math.max(asWished, backoff);
        const asked = this.#failuresMet > 2 ? both : asWished;
        this.#heldBack = { error, since: this.around.now(), ahead: both, asked };
        const wait = this.#heldBack[kind];
        const nextAttemptAt = Math.ceil(this.around.now().wall + wait);
        this.#tell({ type: 'failed', reason, error, ...(wait > 0 && { nextAttemptAt }) });
    }

    knows(token: string): boolean {
        return this.#permits.has(token);
    }

    /** A resource server refused a token of this kind. Without a permit, its answer stands. */
    reject(token: string, status: number): Permit | undefined {
        const given = this.#permits.get(token);
        const isCurrent = this.#newest && token === tokenOf(this.#newest.number);
        if (given || !isCurrent) {
            this.around.passed(`refusal: of ${given ? 'a token given up before' : 'an older token'}`);
            return given ?? this.#permit(true);
        }
        const isFree = this.flight !== undefined;
        const isPermitted = isFree || this.budget.take();
        const situation = isFree ? 'creating' : isPermitted ? 'idle' : 'the budget is empty';
        this.around.passed(`refusal: of the current token, ${situation}`);
        if (isPermitted) {
            this.#held = undefined;
            this.#isRefused = true;
            this.#permits.set(token, this.#permit(isFree));
        }
        this.#tell({ type: 'rejected', status });
        return this.#permits.get(token);
    }

    #permit(isFree: boolean): Permit {
        let isTaken = !isFree;
        const begunLater = this.around.next();
        return {
            mayRecur: () => Number(this.#newest?.number) < begunLater && !this.#isDistrustful(),
            giveBack: () => {
                if (isTaken) this.budget.giveBack();
                isTaken = false;
            },
        };
    }

    /** For a minute after an endpoint seemed to refuse every token. */
    #isDistrustful(): boolean {
        return this.#inVain !== undefined && elapsed(this.#inVain, this.around.now()) < 60 * SECOND;
    }

    /** A request that was refused has been sent again. */
    replayed(status: number | undefined, recovered: boolean, isInVain: boolean): void {
        if (recovered) this.#inVain = undefined;
        if (isInVain) this.#inVain = this.around.now();
        this.around.passed(`replay: ${recovered ? 'recovered' : 'in vain'}`);
        this.#tell({ type: 'replayed', status, recovered });
    }

    /** The user logs out. */
    end(): void {
        this.#isOver = true;
        this.#held = undefined;
        if (this.flight) this.fails(this.flight, 'cleared');
    }

    /** Those who wait for a creation hear of it once, whatever comes of it later. */
    #goOn({ waiting }: Creation, how: (waiter: Waiter) => void): void {
        const those = waiting.splice(0);
        this.around.soon(() => those.forEach(how));
    }

    #tell(event: ToldEvent): void {
        this.around.effect({ what: 'told', source: this.source, parameters: this.parameters, event });
    }
}
